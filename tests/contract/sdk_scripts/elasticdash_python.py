"""ElasticDash's own Python SDK: spans in the elasticdash.* vocabulary, scores by the batch endpoint."""

from datetime import UTC, datetime, timedelta

import scenario

from elasticdash import ElasticDash
from elasticdash.media import ElasticDashMedia


def main() -> None:
    sent = scenario.load()
    elasticdash = ElasticDash()
    authenticated = elasticdash.auth_check()
    with elasticdash.start_as_current_span(name="answer-question", input=sent["question"]) as root:
        root.update_trace(
            name=sent["traceName"],
            user_id=sent["userId"],
            session_id=sent["sessionId"],
            tags=sent["tags"],
            metadata=sent["metadata"],
            version=sent["version"],
            input=sent["question"],
            output=sent["answer"],
        )
        with elasticdash.start_as_current_span(name="retrieve", input={"query": "order 1234"}) as retrieve:
            with elasticdash.start_as_current_span(name="rank") as rank:
                scenario.think()
                rank.update(output=["doc-2", "doc-1"])
            retrieve.update(output={"documents": 2}, level="DEBUG", status_message="from cache")
        write_answer(elasticdash, sent)
        elasticdash.create_event(name="cache-miss", level="WARNING", input={"key": "order-1234"})
        picture = ElasticDashMedia(content_bytes=bytes(sent["picture"]), content_type="image/png")
        with elasticdash.start_as_current_span(name="read-receipt", input={"picture": picture, "page": 1}):
            pass
        root.update(output=sent["answer"])
        trace_id = root.trace_id
    elasticdash.flush()
    read_back(elasticdash, trace_id, sent, authenticated)
    elasticdash.shutdown()


def write_answer(elasticdash: ElasticDash, sent: dict) -> None:
    elasticdash.create_prompt(name=sent["promptName"], prompt="Be kind to {{name}}.", labels=["production"])
    prompt = elasticdash.get_prompt(sent["promptName"])
    with elasticdash.start_as_current_generation(
        name="write-answer",
        model=sent["model"],
        model_parameters=sent["modelParameters"],
        input=sent["messages"],
        prompt=prompt,
    ) as generation:
        scenario.think()
        generation.update(
            output=sent["answer"],
            completion_start_time=datetime.now(UTC) - timedelta(milliseconds=5),
            usage_details=sent["usage"],
        )
        generation.score_trace(name="quality", value=0.9, comment="clear")
        generation.score_trace(name="resolved", value=1, data_type="BOOLEAN")
        generation.score(name="tone", value="friendly")


def read_back(elasticdash: ElasticDash, trace_id: str, sent: dict, authenticated: bool) -> None:
    trace = scenario.until(
        lambda: elasticdash.api.trace.get(trace_id),
        lambda t: len(t.observations) == scenario.OBSERVATION_COUNT and len(t.scores) == scenario.SCORE_COUNT,
    )
    v2 = elasticdash.api.observations_v_2.get_many(trace_id=trace_id, fields=scenario.ALL_FIELDS)
    scenario.report(
        authenticated=authenticated,
        compiledPrompt=elasticdash.get_prompt(sent["promptName"]).compile(name="Ada"),
        url=elasticdash.get_trace_url(trace_id=trace_id),
        trace=scenario.parsed(trace),
        observations=[scenario.parsed(o) for o in elasticdash.api.observations.get_many(trace_id=trace_id).data],
        observationsV2=v2.data,
        scoresV2=[scenario.parsed(s) for s in elasticdash.api.score_v_2.get(trace_id=trace_id).data],
        sessionTraces=[t.id for t in elasticdash.api.trace.list(session_id=sent["sessionId"]).data],
        sessions=[elasticdash.api.sessions.get(sent["sessionId"]).id],
    )


main()
