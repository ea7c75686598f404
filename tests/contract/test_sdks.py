"""The real SDKs see their traces as they sent them: through their own reads and through REST."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from support import sdk_run, sdk_views
from support.sdk_views import SeenObservation
from support.server import PROJECT_ID, RunningServer, get_json

pytestmark = pytest.mark.slow

ROOT = "answer-question"
PARENTS = {
    ROOT: None,
    "retrieve": ROOT,
    "rank": "retrieve",
    "write-answer": ROOT,
    "cache-miss": ROOT,
    "read-receipt": ROOT,
}
TYPES = dict.fromkeys(PARENTS, "SPAN") | {"write-answer": "GENERATION", "cache-miss": "EVENT"}
# 120 input tokens at 2.5 and 30 output tokens at 10 USD per million.
ANSWER_COST_USD = 120 * 2.5e-6 + 30 * 10e-6

MEDIA_REFERENCE = re.compile(r"@@@\w+Media:type=image/png\|id=([\w-]{22})\|source=(?:bytes|base64_data_uri)@@@")

Script = Callable[[str, str, dict[str, Any], RunningServer], dict[str, Any]]
SDKS: dict[str, Script] = {
    "langfuse_python_2": sdk_run.run_python,
    "langfuse_python_3": sdk_run.run_python,
    "langfuse_python_4": sdk_run.run_python,
    "langfuse_python_5": sdk_run.run_python,
    "elasticdash_python": sdk_run.run_python,
    "langfuse_js_3": sdk_run.run_node,
    "langfuse_js_4": sdk_run.run_node,
    "langfuse_js_5": sdk_run.run_node,
}


@dataclass(frozen=True, slots=True)
class Ran:
    """One SDK's run: what it sent, what it read itself, and what REST answers about the same trace."""

    sdk: str
    sent: dict[str, Any]
    read: dict[str, Any]
    trace_id: str
    rest_trace: dict[str, Any]
    rest_observations: list[dict[str, Any]]

    def traces(self) -> list[dict[str, Any]]:
        return [row for row in (self.read.get("trace"), self.rest_trace) if row]

    def observations(self) -> dict[str, dict[str, SeenObservation]]:
        """By source, then by name."""
        rows = {
            "the SDK's trace": self.read.get("trace", {}).get("observations", []),
            "the SDK's v1 list": self.read.get("observations", []),
            "the SDK's v2 list": self.read.get("observationsV2", []),
            "REST v1": self.rest_trace["observations"],
            "REST v2": self.rest_observations,
        }
        seen = {
            source: [sdk_views.observation(source, row) for row in found] for source, found in rows.items() if found
        }
        return {source: {one.name: one for one in found} for source, found in seen.items()}


def values_to_send(sdk: str) -> dict[str, Any]:
    return {
        "traceName": "support-request",
        "userId": "user-7",
        "sessionId": f"session-{sdk}",
        "tags": ["contract", sdk],
        "metadata": {"team": "search", "region": "eu"},
        "version": "1.4.0",
        "question": {"question": "Where is order 1234?"},
        "answer": {"answer": "On its way."},
        "messages": [{"role": "user", "content": "Where is order 1234?"}],
        "model": "gpt-4o",
        "modelParameters": {"temperature": 0.2, "max_tokens": 256},
        "usage": {"input": 120, "output": 30},
        # A folder, a space and a version that the server chooses.
        "promptName": f"support/reply to {sdk}",
        # Another one for each SDK: the same would not be sent again.
        "picture": list(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) + sdk.encode()),
    }


@pytest.fixture(scope="session", params=list(SDKS))
def ran(request: pytest.FixtureRequest, server: RunningServer) -> Ran:
    sdk: str = request.param
    sent = values_to_send(sdk)
    read = SDKS[sdk](sdk, sdk, sent, server)
    trace_id = read["trace"]["id"] if "trace" in read else read["observationsV2"][0]["traceId"]
    with server.client() as client:
        fields = "core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context"
        return Ran(
            sdk=sdk,
            sent=sent,
            read=read,
            trace_id=trace_id,
            rest_trace=get_json(client, f"/traces/{trace_id}"),
            rest_observations=get_json(client, "/v2/observations", traceId=trace_id, fields=fields)["data"],
        )


@pytest.mark.parametrize("sdk", [sdk for sdk in SDKS if "_python" in sdk])
def test_auth_check_with_a_wrong_secret_is_refused(sdk: str, server: RunningServer) -> None:
    vendor = sdk.split("_")[0]
    client = {"langfuse": "Langfuse", "elasticdash": "ElasticDash"}[vendor]

    read = sdk_run.run_python(sdk, "wrong_key", {"module": vendor, "client": client}, server)

    assert read["accepted"] is False
    assert "Invalid credentials" in read["error"]


def test_auth_check_succeeds(ran: Ran) -> None:
    # The JavaScript SDKs have no such call; their trace link needs the same answer.
    assert ran.read.get("authenticated", ran.sdk.startswith("langfuse_js")) is True
    if "url" in ran.read:
        assert ran.read["url"].endswith(f"/project/{PROJECT_ID}/traces/{ran.trace_id}")


def test_trace_has_what_was_sent(ran: Ran) -> None:
    for trace in ran.traces():
        assert trace["name"] == ran.sent["traceName"]
        assert trace["userId"] == ran.sent["userId"]
        assert trace["sessionId"] == ran.sent["sessionId"]
        assert sorted(trace["tags"]) == sorted(ran.sent["tags"])
        assert ran.sent["metadata"].items() <= trace["metadata"].items()
        assert trace["version"] == ran.sent["version"]
        assert trace["release"] == sdk_run.RELEASE
        assert trace["environment"] == sdk_run.ENVIRONMENT
        assert trace["input"] == ran.sent["question"]
        assert trace["output"] == ran.sent["answer"]
        assert trace["totalCost"] == pytest.approx(ANSWER_COST_USD)
        assert trace["latency"] >= 0.04
        assert trace["projectId"] == PROJECT_ID


def test_observations_form_the_tree_that_was_sent(ran: Ran) -> None:
    for source, seen in ran.observations().items():
        names = {one.id: name for name, one in seen.items()}
        assert {name: names.get(one.parent_id or "") for name, one in seen.items()} == PARENTS, source
        assert {name: one.type for name, one in seen.items()} == TYPES, source
        assert {one.environment for one in seen.values()} == {sdk_run.ENVIRONMENT}, source


def test_times_are_in_order(ran: Ran) -> None:
    for source, seen in ran.observations().items():
        starts = [seen[name].start_time for name in PARENTS]
        assert starts == sorted(starts), source
        for name in PARENTS.keys() - {"cache-miss"}:
            end = seen[name].end_time
            assert end is not None, (source, name)
            assert seen[name].start_time <= end, (source, name)
        ranked = seen["rank"].end_time
        assert ranked is not None, source
        assert ranked <= seen["write-answer"].start_time, source


def test_update_after_create_is_merged(ran: Ran) -> None:
    for source, seen in ran.observations().items():
        retrieve = seen["retrieve"]
        assert retrieve.input == {"query": "order 1234"}, source
        assert retrieve.output == {"documents": 2}, source
        assert (retrieve.level, retrieve.status_message) == ("DEBUG", "from cache"), source
        assert seen["rank"].output == ["doc-2", "doc-1"], source
        assert seen[ROOT].output == ran.sent["answer"], source


def test_generation_has_usage_cost_and_prompt(ran: Ran) -> None:
    # The 2.x Python client turns this number into text before it sends it.
    temperature = "0.2" if ran.sdk == "langfuse_python_2" else 0.2
    for source, seen in ran.observations().items():
        generation = seen["write-answer"]
        assert generation.model == ran.sent["model"], source
        assert generation.model_parameters == {"temperature": temperature, "max_tokens": 256}, source
        assert generation.input == ran.sent["messages"], source
        assert generation.output == ran.sent["answer"], source
        assert {"input": 120, "output": 30}.items() <= generation.usage.items(), source
        assert generation.cost_usd == pytest.approx(ANSWER_COST_USD), source
        assert generation.prompt == (ran.sent["promptName"], 1), source
        assert 0.01 < (generation.seconds_to_first_token or 0) < 30, source


def test_prompt_is_created_fetched_and_compiled(ran: Ran) -> None:
    assert ran.read["compiledPrompt"] == "Be kind to Ada."


def test_event_keeps_its_level(ran: Ran) -> None:
    for source, seen in ran.observations().items():
        assert seen["cache-miss"].level == "WARNING", source
        assert seen["cache-miss"].input == {"key": "order-1234"}, source


def test_media_are_kept_as_they_were_sent(ran: Ran, server: RunningServer) -> None:
    picture = bytes(ran.sent["picture"])
    for source, seen in ran.observations().items():
        receipt = seen["read-receipt"].input
        assert receipt["page"] == 1, source
        reference = MEDIA_REFERENCE.fullmatch(receipt["picture"])
        assert reference, (source, receipt["picture"])
        with server.client() as client:
            found = get_json(client, f"/media/{reference[1]}")
        assert (found["contentType"], found["contentLength"]) == ("image/png", len(picture)), source
        assert httpx.get(found["url"]).content == picture, source


def test_scores_arrive_on_their_targets(ran: Ran) -> None:
    generation_id = ran.observations()["REST v1"]["write-answer"].id
    sources = {key: ran.read[key] for key in ("scoresV2", "scoresV3") if key in ran.read}
    sources |= {f"trace {index}": trace["scores"] for index, trace in enumerate(ran.traces())}

    for source, rows in sources.items():
        scores = {row["name"]: sdk_views.score(row) for row in rows}
        assert {name: score.value for name, score in scores.items()} == {
            "quality": 0.9,
            "resolved": 1,
            "tone": "friendly",
        }, source
        assert {name: score.data_type for name, score in scores.items()} == {
            "quality": "NUMERIC",
            "resolved": "BOOLEAN",
            "tone": "CATEGORICAL",
        }, source
        assert scores["quality"].comment == "clear", source
        assert scores["tone"].observation_id == generation_id, source
        assert scores["quality"].observation_id is None, source
        assert {score.environment for score in scores.values()} == {sdk_run.ENVIRONMENT}, source


def test_session_lists_exactly_this_trace(ran: Ran) -> None:
    assert ran.read["sessionTraces"] == [ran.trace_id]
    assert ran.read.get("sessions", [ran.sent["sessionId"]]) == [ran.sent["sessionId"]]
