"""`elasticdash demo` fills a Logger through the same endpoints its users use."""

from typing import Any

import pytest

from elasticdash.shared import errors
from elasticdash.standalone import demo
from support.server import PROJECT_ID, RunningServer, free_port, get_json, read_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def traces(server: RunningServer) -> dict[str, list[dict[str, Any]]]:
    """The demo's traces once all are readable, by framework."""
    found: dict[str, list[dict[str, Any]]] = {}
    with server.client() as client:
        for sent in demo.send_demo(server.url, server.public_key, server.secret_key):
            trace_id = sent.url.rsplit("/", 1)[-1]
            assert sent.url == f"{server.url}/project/{PROJECT_ID}/traces/{trace_id}"
            trace = read_until(
                lambda trace_id=trace_id: get_json(client, f"/traces/{trace_id}"),
                # Every demo trace has a session; what states it may come in a later request than the observations.
                lambda trace: bool(trace.get("observations") and trace.get("sessionId")),
            )
            found.setdefault(sent.name.split(" ")[0], []).append(trace)
    return found


def test_demo_refuses_wrong_keys(server: RunningServer) -> None:
    with pytest.raises(errors.AuthenticationError, match="pk-lf-nobody"):
        demo.send_demo(server.url, "pk-lf-nobody", "sk-lf-nobody")


def test_demo_without_a_logger_says_where_it_looked() -> None:
    url = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(errors.UnavailableError, match=url):
        demo.send_demo(url, "pk-lf-x", "sk-lf-x")


def test_every_framework_has_traces_with_model_and_cost(traces: dict[str, list[dict[str, Any]]]) -> None:
    assert traces.keys() == {"LangGraph", "OpenAI", "pydantic-ai", "smolagents", "LlamaIndex"}
    for framework, shown in traces.items():
        assert all(trace["name"] for trace in shown), framework
        assert any(trace["totalCost"] > 0 for trace in shown), framework
        assert all(trace["userId"] and trace["sessionId"] for trace in shown), framework


def test_demo_shows_tools_agents_errors_and_several_models(traces: dict[str, list[dict[str, Any]]]) -> None:
    observations = [row for shown in traces.values() for trace in shown for row in trace["observations"]]

    assert {"AGENT", "TOOL", "GENERATION", "RETRIEVER", "EMBEDDING"} <= {row["type"] for row in observations}
    assert {row["level"] for row in observations} >= {"DEFAULT", "ERROR"}
    assert len({row["model"] for row in observations if row["model"]}) >= 6


def test_turns_of_one_conversation_share_a_session(traces: dict[str, list[dict[str, Any]]]) -> None:
    assert [trace["sessionId"] for trace in traces["LangGraph"]] == ["trip-lisbon"] * 2
    assert [trace["sessionId"] for trace in traces["OpenAI"]].count("chat-80211") == 3


def test_parents_are_in_the_same_trace(traces: dict[str, list[dict[str, Any]]]) -> None:
    for shown in traces.values():
        for trace in shown:
            ids = {row["id"] for row in trace["observations"]}
            parents = {row["parentObservationId"] for row in trace["observations"]} - {None}
            assert parents <= ids, trace["name"]


def test_a_second_run_adds_fresh_traces(server: RunningServer, traces: dict[str, list[dict[str, Any]]]) -> None:
    again = demo.send_demo(server.url, server.public_key, server.secret_key)

    first_ids = {trace["id"] for shown in traces.values() for trace in shown}
    assert len(again) == len(first_ids)
    assert not {sent.url.rsplit("/", 1)[-1] for sent in again} & first_ids
