"""Langfuse's Python SDK 5.x: gzipped OTLP, scores by POST /scores, reads with the newest API only."""

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
    observations = scenario.until(
        lambda: langfuse.api.observations.get_many(trace_id=trace_id, fields=scenario.ALL_FIELDS).data,
        lambda found: len(found) == scenario.OBSERVATION_COUNT,
    )
    scores = scenario.until(
        lambda: langfuse.api.scores.get_many(trace_id=trace_id, fields="core,details,subject,annotation").data,
        lambda found: len(found) == scenario.SCORE_COUNT,
    )
    in_session = langfuse.api.observations.get_many(session_id=sent["sessionId"]).data
    scenario.report(
        authenticated=authenticated,
        compiledPrompt=langfuse.get_prompt(sent["promptName"]).compile(name="Ada"),
        url=langfuse.get_trace_url(trace_id=trace_id),
        observationsV2=[scenario.parsed(observation) for observation in observations],
        scoresV3=[scenario.parsed(score) for score in scores],
        sessionTraces=sorted({observation.trace_id for observation in in_session}),
    )


main()
