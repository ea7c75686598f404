"""Langfuse's Python SDK 2.x: creates and updates through the batch endpoint, reads back with its fetch methods."""

from datetime import UTC, datetime, timedelta

import scenario
from langfuse import Langfuse
from langfuse.media import LangfuseMedia


def main() -> None:
    sent = scenario.load()
    langfuse = Langfuse()
    authenticated = langfuse.auth_check()
    trace = langfuse.trace(
        name=sent["traceName"],
        user_id=sent["userId"],
        session_id=sent["sessionId"],
        tags=sent["tags"],
        metadata=sent["metadata"],
        version=sent["version"],
        input=sent["question"],
    )
    root = trace.span(name="answer-question", input=sent["question"])
    retrieve = root.span(name="retrieve", input={"query": "order 1234"})
    rank = retrieve.span(name="rank")
    scenario.think()
    rank.end(output=["doc-2", "doc-1"])
    retrieve.end()
    langfuse.flush()
    retrieve.update(output={"documents": 2}, level="DEBUG", status_message="from cache")
    write_answer(langfuse, root, sent)
    root.event(name="cache-miss", level="WARNING", input={"key": "order-1234"})
    picture = LangfuseMedia(content_bytes=bytes(sent["picture"]), content_type="image/png")
    root.span(name="read-receipt", input={"picture": picture, "page": 1}).end()
    root.end(output=sent["answer"])
    trace.update(output=sent["answer"])
    langfuse.flush()
    read_back(langfuse, trace.id, sent, authenticated)
    langfuse.shutdown()


def write_answer(langfuse: Langfuse, root, sent: dict) -> None:
    langfuse.create_prompt(name=sent["promptName"], prompt="Be kind to {{name}}.", labels=["production"])
    prompt = langfuse.get_prompt(sent["promptName"])
    generation = root.generation(
        name="write-answer",
        model=sent["model"],
        model_parameters=sent["modelParameters"],
        input=sent["messages"],
        prompt=prompt,
    )
    scenario.think()
    generation.end(
        output=sent["answer"],
        completion_start_time=datetime.now(UTC) - timedelta(milliseconds=5),
        usage_details=sent["usage"],
    )
    scored = {"trace_id": generation.trace_id}
    langfuse.score(**scored, name="quality", value=0.9, comment="clear")
    langfuse.score(**scored, name="resolved", value=1, data_type="BOOLEAN")
    langfuse.score(**scored, observation_id=generation.id, name="tone", value="friendly")


def read_back(langfuse: Langfuse, trace_id: str, sent: dict, authenticated: bool) -> None:
    trace = scenario.until(
        lambda: langfuse.fetch_trace(trace_id).data,
        lambda t: (
            len(t.observations) == scenario.OBSERVATION_COUNT
            and len(t.scores) == scenario.SCORE_COUNT
            and t.output is not None
        ),
    )
    scenario.report(
        authenticated=authenticated,
        compiledPrompt=langfuse.get_prompt(sent["promptName"]).compile(name="Ada"),
        trace=scenario.parsed(trace),
        observations=[scenario.parsed(o) for o in langfuse.fetch_observations(trace_id=trace_id).data],
        sessionTraces=[t.id for t in langfuse.fetch_traces(session_id=sent["sessionId"]).data],
        sessions=[langfuse.client.sessions.get(sent["sessionId"]).id],
    )


main()
