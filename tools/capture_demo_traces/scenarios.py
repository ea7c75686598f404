"""The recorded agents and what the model server answers them, in order."""

from dataclasses import dataclass

from support.fake_model import Answer, ToolCall


@dataclass(frozen=True, slots=True)
class Scenario:
    """One agent: the environment it runs in, the package whose version names the framework, its model's answers."""

    script: str
    framework: str
    package: str
    environment: str
    answers: tuple[Answer, ...]


LANGGRAPH = Scenario(
    script="langgraph_travel",
    framework="LangGraph",
    package="langgraph",
    environment="demo_langgraph",
    answers=(
        Answer(
            tool_calls=(
                ToolCall("search_flights", {"origin": "Berlin", "destination": "Lisbon", "date": "2027-05-12"}),
                ToolCall("get_weather", {"city": "Lisbon"}),
            ),
            prompt_tokens=142,
            completion_tokens=51,
            seconds=0.9,
        ),
        Answer("TP 571 at 14:05 for 142 EUR is the better fit; Lisbon will be sunny.", (), 298, 37, 128, seconds=0.7),
        Answer("Take TP 571 on 12 May at 14:05 for 142 EUR. Lisbon expects 19 °C and sun.", (), 61, 29, seconds=0.4),
        Answer(
            tool_calls=(ToolCall("get_weather", {"city": "Lisbon"}),),
            prompt_tokens=96,
            completion_tokens=17,
            seconds=0.6,
        ),
        Answer("Light clothes and a thin jacket for the evening.", (), 148, 14, seconds=0.5),
        Answer("Pack light clothes, a thin jacket and sunglasses.", (), 52, 13, seconds=0.3),
    ),
)

OPENAI_AGENTS = Scenario(
    script="openai_agents_refund",
    framework="OpenAI Agents SDK",
    package="openai-agents",
    environment="demo_openai_agents",
    answers=(
        Answer(
            tool_calls=(ToolCall("transfer_to_refund_specialist", {}),),
            prompt_tokens=118,
            completion_tokens=12,
            seconds=0.5,
        ),
        Answer(
            tool_calls=(ToolCall("find_order", {"order_id": "7731"}),),
            prompt_tokens=236,
            completion_tokens=19,
            seconds=0.6,
        ),
        Answer(
            tool_calls=(
                ToolCall(
                    "issue_refund", {"order_id": "7731", "amount_usd": 64.0, "reason": "Arrived with a broken spout"}
                ),
            ),
            prompt_tokens=312,
            completion_tokens=38,
            cached_tokens=192,
            seconds=0.8,
        ),
        Answer("I refunded 64 USD for the teapot; the money is back within three days.", (), 389, 22, 256, seconds=0.6),
    ),
)

PYDANTIC_AI = Scenario(
    script="pydantic_ai_invoices",
    framework="pydantic-ai",
    package="pydantic-ai-slim",
    environment="demo_pydantic_ai",
    answers=(
        Answer(
            tool_calls=(ToolCall("ledger_account", {"item": "desk lamps"}),),
            prompt_tokens=204,
            completion_tokens=88,
            reasoning_tokens=64,
            seconds=1.1,
        ),
        Answer("4980 Small office equipment", (), 41, 135, reasoning_tokens=128, seconds=0.8),
        Answer(
            tool_calls=(ToolCall("exchange_rate", {"currency": "Euro"}),),
            prompt_tokens=251,
            completion_tokens=22,
            seconds=0.5,
        ),
        Answer(
            tool_calls=(ToolCall("exchange_rate", {"currency": "EUR"}),),
            prompt_tokens=302,
            completion_tokens=22,
            cached_tokens=128,
            seconds=0.5,
        ),
        Answer(
            tool_calls=(
                ToolCall(
                    "final_result",
                    {
                        "supplier": "Nordlicht GmbH",
                        "total_eur": 1274.5,
                        "due": "30 June",
                        "ledger_account": "4980 Small office equipment",
                    },
                ),
            ),
            prompt_tokens=334,
            completion_tokens=47,
            cached_tokens=256,
            seconds=0.9,
        ),
    ),
)

LLAMA_INDEX = Scenario(
    script="llama_index_handbook",
    framework="LlamaIndex",
    package="llama-index-core",
    environment="demo_llama_index",
    answers=(Answer("You can keep unused vacation days until the end of March.", (), 187, 16, seconds=0.8),),
)

SMOLAGENTS = Scenario(
    script="smolagents_research",
    framework="smolagents",
    package="smolagents",
    environment="demo_smolagents",
    answers=(
        Answer(
            tool_calls=(ToolCall("researcher", {"task": "Find recent results on grid-scale sodium batteries."}),),
            prompt_tokens=1312,
            completion_tokens=41,
            seconds=1.2,
        ),
        Answer(
            tool_calls=(ToolCall("search_papers", {"topic": "sodium batteries grid"}),),
            prompt_tokens=1187,
            completion_tokens=24,
            seconds=0.5,
        ),
        Answer(
            tool_calls=(ToolCall("read_paper", {"title": "Batteries without cobalt"}),),
            prompt_tokens=1279,
            completion_tokens=21,
            seconds=0.5,
        ),
        Answer(
            tool_calls=(ToolCall("read_paper", {"title": "Sodium cells at grid scale"}),),
            prompt_tokens=1403,
            completion_tokens=22,
            seconds=0.6,
        ),
        Answer(
            tool_calls=(
                ToolCall("final_answer", {"answer": "Sodium cells: 38 % cheaper per kWh than LFP, 6000 cycles."}),
            ),
            prompt_tokens=1488,
            completion_tokens=33,
            seconds=0.6,
        ),
        Answer(
            tool_calls=(
                ToolCall(
                    "final_answer",
                    {
                        "answer": "Yes for stationary storage: they cost 38 % less per kWh and last 6000 cycles."
                        " Their lower energy density matters little on the grid."
                    },
                ),
            ),
            prompt_tokens=1536,
            completion_tokens=58,
            cached_tokens=1024,
            seconds=1.0,
        ),
    ),
)

OPENAI_WRAPPER = Scenario(
    script="openai_wrapper_chat",
    framework="OpenAI client (Langfuse 2.x, batch events)",
    package="langfuse",
    environment="demo_openai_wrapper",
    answers=(
        Answer("Open Settings, choose Security and press Reset; we send you a link.", (), 63, 18, seconds=0.6),
        Answer("Request a new link, it is valid for 15 minutes.", (), 112, 13, seconds=0.4),
        Answer(error_status=503, seconds=0.8),
    ),
)

# The order of the demo: the first one's traces are the newest.
ALL = (LANGGRAPH, OPENAI_AGENTS, PYDANTIC_AI, SMOLAGENTS, LLAMA_INDEX, OPENAI_WRAPPER)
