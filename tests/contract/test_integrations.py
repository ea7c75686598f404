"""Clients that only write, a plain OpenTelemetry exporter and two framework hooks: REST reads their traces back."""

from collections.abc import Sequence
from typing import Any

import pytest

from support import fake_model, sdk_run, sdk_views
from support.fake_model import Answer, ToolCall
from support.sdk_views import SeenObservation
from support.server import RunningServer, get_json, read_until

pytestmark = pytest.mark.slow

# 120 input tokens at 2.5 and 30 output tokens at 10 USD per million.
ANSWER_COST_USD = 120 * 2.5e-6 + 30 * 10e-6


def values_to_send(client: str) -> dict[str, Any]:
    return {
        "sessionId": f"session-{client}",
        "userId": "user-9",
        "tags": ["contract", client],
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "Where is order 1234?"}],
    }


def read_trace(server: RunningServer, trace_id: str, observation_count: int) -> dict[str, Any]:
    """The trace once all its observations are there."""
    with server.client() as client:
        return read_until(
            lambda: get_json(client, f"/traces/{trace_id}"),
            lambda trace: len(trace.get("observations", [])) >= observation_count,
        )


def by_name(trace: dict[str, Any]) -> dict[str, SeenObservation]:
    return {row["name"]: sdk_views.observation("REST v1", row) for row in trace["observations"]}


def run_with_model(script: str, answers: Sequence[Answer], server: RunningServer) -> dict[str, Any]:
    with fake_model.serving(answers) as model:
        variables = {"OPENAI_API_KEY": "unused", "OPENAI_BASE_URL": model.url}
        return sdk_run.run_python("integrations_python", script, values_to_send(script), server, **variables)


@pytest.fixture(scope="module", params=["none", "gzip"])
def exported(request: pytest.FixtureRequest, server: RunningServer) -> dict[str, Any]:
    sent = values_to_send(f"opentelemetry-{request.param}")
    read = sdk_run.run_python_of_tests(
        "opentelemetry_plain",
        sent,
        server,
        OTEL_EXPORTER_OTLP_ENDPOINT=f"{server.url}/api/public/otel",
        OTEL_EXPORTER_OTLP_HEADERS=f"Authorization={sdk_run.basic_authorization(server)}",
        OTEL_EXPORTER_OTLP_COMPRESSION=request.param,
    )
    assert read["delivered"] is True
    trace = read_trace(server, read["traceId"], observation_count=3)
    assert trace["sessionId"] == sent["sessionId"]
    return trace


def test_plain_exporter_makes_a_trace_of_its_root_span(exported: dict[str, Any]) -> None:
    assert exported["name"] == "POST /ask"
    assert exported["userId"] == "user-9"
    assert exported["environment"] == "staging"
    assert exported["version"] == "1.4.0"
    assert exported["input"] == "Where is order 1234?"
    assert exported["output"] == "On its way."
    assert exported["totalCost"] == pytest.approx(ANSWER_COST_USD)


def test_plain_exporter_keeps_the_tree(exported: dict[str, Any]) -> None:
    seen = by_name(exported)

    assert {name: (one.type, one.level) for name, one in seen.items()} == {
        "POST /ask": ("SPAN", "DEFAULT"),
        "chat gpt-4o": ("GENERATION", "DEFAULT"),
        "query orders": ("SPAN", "ERROR"),
    }
    assert seen["POST /ask"].parent_id is None
    assert seen["chat gpt-4o"].parent_id == seen["query orders"].parent_id == seen["POST /ask"].id


def test_plain_exporter_gives_a_priced_generation(exported: dict[str, Any]) -> None:
    chat = by_name(exported)["chat gpt-4o"]

    assert chat.model == "gpt-4o"
    assert chat.model_parameters["temperature"] == 0.2
    assert {"input": 120, "output": 30}.items() <= chat.usage.items()
    assert chat.cost_usd == pytest.approx(ANSWER_COST_USD)
    assert chat.input[0]["role"] == "user"
    assert "On its way." in str(chat.output)


def test_exception_of_a_span_is_kept(exported: dict[str, Any]) -> None:
    query = by_name(exported)["query orders"]

    assert query.status_message is not None
    assert "no answer within 2 s" in query.status_message


def test_span_attributes_resource_and_scope_are_metadata(exported: dict[str, Any]) -> None:
    row = next(row for row in exported["observations"] if row["name"] == "query orders")

    assert row["metadata"]["attributes"]["db.system.name"] == "postgresql"
    assert row["metadata"]["resourceAttributes"]["service.name"] == "shop"
    assert row["metadata"]["scope"]["name"] == "shop.assistant"
    assert row["metadata"]["scope"]["version"] == "7.1.0"


def test_openai_wrapper_records_answers_streams_and_refusals(server: RunningServer) -> None:
    answers = [
        Answer("On its way.", prompt_tokens=120, completion_tokens=30),
        Answer("It arrives on Monday.", prompt_tokens=120, completion_tokens=30),
        Answer(error_status=503),
    ]

    read = run_with_model("openai_wrapper", answers, server)

    trace = read_trace(server, read["traceId"], observation_count=4)
    seen = by_name(trace)
    assert trace["userId"] == "user-9"
    assert trace["sessionId"] == "session-openai_wrapper"
    assert {name: one.type for name, one in seen.items()} == {
        "openai-wrapper": "SPAN",
        "plain": "GENERATION",
        "streamed": "GENERATION",
        "refused": "GENERATION",
    }
    assert {seen[name].parent_id for name in ("plain", "streamed", "refused")} == {seen["openai-wrapper"].id}
    for name, text in (("plain", "On its way."), ("streamed", "It arrives on Monday.")):
        assert text in str(seen[name].output), name
        assert {"input": 120, "output": 30}.items() <= seen[name].usage.items(), name
        assert seen[name].cost_usd == pytest.approx(ANSWER_COST_USD), name
        assert seen[name].model_parameters["temperature"] == 0.2, name
    assert seen["streamed"].seconds_to_first_token is not None
    assert seen["refused"].level == "ERROR"
    assert "503" in str(seen["refused"].status_message)


def test_langchain_callback_records_the_agent_its_model_and_its_tool(server: RunningServer) -> None:
    answers = [
        Answer(tool_calls=[ToolCall("order_status", {"order_id": "1234"})], prompt_tokens=120, completion_tokens=30),
        Answer("It is on its way.", prompt_tokens=120, completion_tokens=30),
    ]

    read = run_with_model("langchain_callback", answers, server)

    trace = read_trace(server, read["traceId"], observation_count=6)
    rows = [sdk_views.observation("REST v1", row) for row in trace["observations"]]
    generations = [row for row in rows if row.type == "GENERATION"]
    tool = next(row for row in rows if row.name == "order_status")
    assert trace["name"] == "order-agent"
    assert trace["sessionId"] == "session-langchain_callback"
    assert trace["userId"] == "user-9"
    assert sorted(trace["tags"]) == ["contract", "langchain_callback"]
    assert trace["totalCost"] == pytest.approx(2 * ANSWER_COST_USD)
    assert [row.model for row in generations] == ["gpt-4o", "gpt-4o"]
    assert all({"input": 120, "output": 30}.items() <= row.usage.items() for row in generations)
    assert tool.type == "TOOL"
    assert "on its way" in str(tool.output)
    assert {row.parent_id for row in rows} - {None} <= {row.id for row in rows}
