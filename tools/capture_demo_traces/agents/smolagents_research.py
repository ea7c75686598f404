"""A manager with a research agent below it in smolagents with OpenInference; one tool call fails and is recovered."""

import telemetry
from openinference.instrumentation import using_attributes
from openinference.instrumentation.smolagents import SmolagentsInstrumentor
from smolagents import OpenAIServerModel, ToolCallingAgent, tool


@tool
def search_papers(topic: str) -> str:
    """Search the paper archive.

    Args:
        topic: What to look for.
    """
    return f"About {topic}:\n1. 'Batteries without cobalt' (2025)\n2. 'Sodium cells at grid scale' (2026)"


@tool
def read_paper(title: str) -> str:
    """Read one paper.

    Args:
        title: The exact title.
    """
    if title != "Sodium cells at grid scale":
        raise TimeoutError(f"the archive did not answer within 10 s for {title!r}")
    return "Sodium cells cost 38 % less per kWh than lithium iron phosphate and last 6000 cycles."


def main() -> None:
    provider = telemetry.provider("research-desk")
    SmolagentsInstrumentor().instrument(tracer_provider=provider)
    researcher = ToolCallingAgent(
        tools=[search_papers, read_paper],
        model=OpenAIServerModel("gemini-2.5-flash"),
        name="researcher",
        description="Reads papers.",
    )
    manager = ToolCallingAgent(tools=[], model=OpenAIServerModel("claude-sonnet-4-5"), managed_agents=[researcher])
    with using_attributes(session_id="brief-storage", user_id="marie@example.com", tags=["research"]):
        manager.run("Are sodium batteries ready for the grid? Two sentences.")
    provider.force_flush()


main()
