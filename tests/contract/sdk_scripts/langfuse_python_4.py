"""Langfuse's Python SDK 4.x: observation-first tracing by OTLP, reads back with both generations of the API."""

import scenario
from langfuse import Langfuse, LangfuseMedia, propagate_attributes


def main() -> None:
    sent = scenario.load()
    langfuse = Langfuse()
    authenticated = langfuse.auth_check()
    with (
        propagate_attributes(
            trace_name=sent["traceName"],
            user_id=sent["userId"],
            session_id=sent["sessionId"],
            tags=sent["tags"],
            metadata=sent["metadata"],
            version=sent["version"],
        ),
        langfuse.start_as_current_observation(name="answer-question", input=sent["question"]) as root,
    ):
        root.set_trace_io(input=sent["question"], output=sent["answer"])
        with langfuse.start_as_current_observation(name="retrieve", input={"query": "order 1234"}) as retrieve:
            with langfuse.start_as_current_observation(name="rank") as rank:
                scenario.think()
                rank.update(output=["doc-2", "doc-1"])
            retrieve.update(output={"documents": 2}, level="DEBUG", status_message="from cache")
        write_answer(langfuse, sent)
        langfuse.create_event(name="cache-miss", level="WARNING", input={"key": "order-1234"})
        picture = LangfuseMedia(content_bytes=bytes(sent["picture"]), content_type="image/png")
        with langfuse.start_as_current_observation(name="read-receipt", input={"picture": picture, "page": 1}):
            pass
        root.update(output=sent["answer"])
        trace_id = root.trace_id
    langfuse.flush()
    read_back(langfuse, trace_id, sent, authenticated)
    langfuse.shutdown()


def write_answer(langfuse: Langfuse, sent: dict) -> None:
    langfuse.create_prompt(name=sent["promptName"], prompt="Be kind to {{name}}.", labels=["production"])
    prompt = langfuse.get_prompt(sent["promptName"])
    with langfuse.start_as_current_observation(
        name="write-answer",
        as_type="generation",
        model=sent["model"],
        model_parameters=sent["modelParameters"],
        input=sent["messages"],
        prompt=prompt,
    ) as generation:
        scenario.answered(generation, sent)


def read_back(langfuse: Langfuse, trace_id: str, sent: dict, authenticated: bool) -> None:
    trace = scenario.until(
        lambda: langfuse.api.trace.get(trace_id),
        lambda t: len(t.observations) == scenario.OBSERVATION_COUNT and len(t.scores) == scenario.SCORE_COUNT,
    )
    v1 = langfuse.api.legacy.observations_v1.get_many(trace_id=trace_id)
    v2 = langfuse.api.observations.get_many(trace_id=trace_id, fields=scenario.ALL_FIELDS)
    scenario.report(
        authenticated=authenticated,
        compiledPrompt=langfuse.get_prompt(sent["promptName"]).compile(name="Ada"),
        url=langfuse.get_trace_url(trace_id=trace_id),
        trace=scenario.parsed(trace),
        observations=[scenario.parsed(observation) for observation in v1.data],
        observationsV2=[scenario.parsed(observation) for observation in v2.data],
        scoresV2=[scenario.parsed(s) for s in langfuse.api.scores.get_many(trace_id=trace_id).data],
        sessionTraces=[t.id for t in langfuse.api.trace.list(session_id=sent["sessionId"]).data],
        sessions=[langfuse.api.sessions.get(sent["sessionId"]).id],
    )


main()
