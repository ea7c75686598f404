"""What SDKs of the third generation do: spans by OTLP, scores by the batch endpoint, reads by the generated client."""

from typing import Any

import scenario


def run(client: Any, media: Any) -> None:
    """Sends the scenario with a client and its class of media, and reports what it reads back."""
    sent = scenario.load()
    authenticated = client.auth_check()
    with client.start_as_current_span(name="answer-question", input=sent["question"]) as root:
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
        with client.start_as_current_span(name="retrieve", input={"query": "order 1234"}) as retrieve:
            with client.start_as_current_span(name="rank") as rank:
                scenario.think()
                rank.update(output=["doc-2", "doc-1"])
            retrieve.update(output={"documents": 2}, level="DEBUG", status_message="from cache")
        write_answer(client, sent)
        client.create_event(name="cache-miss", level="WARNING", input={"key": "order-1234"})
        picture = media(content_bytes=bytes(sent["picture"]), content_type="image/png")
        with client.start_as_current_span(name="read-receipt", input={"picture": picture, "page": 1}):
            pass
        root.update(output=sent["answer"])
        trace_id = root.trace_id
    client.flush()
    read_back(client, trace_id, sent, authenticated)
    client.shutdown()


def write_answer(client: Any, sent: dict) -> None:
    client.create_prompt(name=sent["promptName"], prompt="Be kind to {{name}}.", labels=["production"])
    prompt = client.get_prompt(sent["promptName"])
    with client.start_as_current_generation(
        name="write-answer",
        model=sent["model"],
        model_parameters=sent["modelParameters"],
        input=sent["messages"],
        prompt=prompt,
    ) as generation:
        scenario.answered(generation, sent)


def read_back(client: Any, trace_id: str, sent: dict, authenticated: bool) -> None:
    trace = scenario.until(
        lambda: client.api.trace.get(trace_id),
        lambda t: len(t.observations) == scenario.OBSERVATION_COUNT and len(t.scores) == scenario.SCORE_COUNT,
    )
    v2 = client.api.observations_v_2.get_many(trace_id=trace_id, fields=scenario.ALL_FIELDS)
    scenario.report(
        authenticated=authenticated,
        compiledPrompt=client.get_prompt(sent["promptName"]).compile(name="Ada"),
        url=client.get_trace_url(trace_id=trace_id),
        trace=scenario.parsed(trace),
        observations=[scenario.parsed(o) for o in client.api.observations.get_many(trace_id=trace_id).data],
        observationsV2=v2.data,
        scoresV2=[scenario.parsed(s) for s in client.api.score_v_2.get(trace_id=trace_id).data],
        sessionTraces=[t.id for t in client.api.trace.list(session_id=sent["sessionId"]).data],
        sessions=[client.api.sessions.get(sent["sessionId"]).id],
    )
