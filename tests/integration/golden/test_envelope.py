"""Golden cases G1-G8: what the batch endpoint accepts and refuses."""

import httpx
import pytest

from support.golden import Golden, at
from support.server import RunningServer


def test_g01_mixed_batch(golden: Golden):
    good = golden.event("trace-create", 0, {"id": golden.id("t1"), "name": "a"})
    unknown = golden.event("foo-create", 0, {"id": "x"})
    without_id = golden.event("span-create", 0, {"name": "x"})
    log = golden.event("sdk-log", 0, {"log": "hi"})

    result = golden.send(good, unknown, without_id, log, "bad")

    assert result["successes"] == [{"id": good["id"], "status": 201}]
    refused = {error["id"]: error for error in result["errors"]}
    assert set(refused) == {unknown["id"], without_id["id"], "unknown"}
    assert {error["status"] for error in refused.values()} == {400}
    assert {error["message"] for error in refused.values()} == {"Invalid request data"}
    assert golden.trace(golden.id("t1"))["name"] == "a"


@pytest.mark.parametrize("timestamp", ["2026-01-15T10:00Z", "2026-01-15T10:00:00.123456Z", "2026-01-15T10:00:00+05:30"])
def test_g02_timestamps_with_a_zone_are_accepted(golden: Golden, timestamp: str):
    event = golden.event("span-create", 0, {"id": golden.id("s"), "traceId": golden.id("t"), "startTime": timestamp})

    golden.accept({**event, "timestamp": timestamp})


@pytest.mark.parametrize(
    "timestamp", ["2026-01-15T10:00:00", "2026-01-15", "2026-01-15 10:00:00Z", "2026-01-15T10:00:00+0530"]
)
def test_g02_other_timestamps_are_refused(golden: Golden, timestamp: str):
    event = golden.event("trace-create", 0, {"id": golden.id("t")})

    assert golden.refused({**event, "timestamp": timestamp})
    assert golden.refused(golden.event("span-create", 0, {"id": golden.id("s"), "startTime": timestamp}))


def test_g02_start_time_reads_back_in_utc(golden: Golden):
    body = {"id": golden.id("s"), "traceId": golden.id("t"), "startTime": "2026-01-15T10:00:00+05:30"}

    golden.accept(golden.event("span-create", 0, body))

    assert golden.observation(golden.id("s"))["startTime"] == "2026-01-15T04:30:00.000Z"


@pytest.mark.parametrize("id_", ["x" * 801, "", "a\r"], ids=["801", "empty", "carriage-return"])
def test_g03_ids_out_of_rule_are_refused(golden: Golden, id_: str):
    assert golden.refused(golden.event("trace-create", 0, {"id": id_}))


def test_g03_unusual_ids_work_and_do_not_collide(golden: Golden):
    long_id = golden.id("l" * 700)
    slash, low = golden.id("a/b é"), golden.id("a_b é")

    golden.accept(*(golden.event("trace-create", 0, {"id": id_, "name": id_}) for id_ in (long_id, slash, low)))

    for id_ in (long_id, slash, low):
        found = golden.trace(httpx.URL("/").copy_with(path=id_).raw_path.decode().replace("/", "%2F"))
        assert found["name"] == id_


def test_g04_a_missing_body_id_is_generated(golden: Golden):
    name = golden.id("noid")

    golden.accept(golden.event("trace-create", 0, {"name": name}))
    golden.settle()

    assert [trace["name"] for trace in golden.list("/traces", name=name)] == [name]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("PROD", "prod"),
        ("Langfuse-Prod", "prod"),
        ("langfuse", "default"),
        ("my env!", "default"),
        (None, "default"),
        (5, "default"),
        ("a" * 60, "a" * 40),
    ],
)
def test_g05_environments_are_normalised_never_refused(golden: Golden, sent: object, kept: str):
    golden.accept(golden.event("trace-create", 0, {"id": golden.id("t"), "environment": sent}))

    assert golden.trace(golden.id("t"))["environment"] == kept


def test_g05_no_environment_is_default(golden: Golden):
    golden.accept(golden.event("trace-create", 0, {"id": golden.id("t")}))

    assert golden.trace(golden.id("t"))["environment"] == "default"


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        ("span-create", {"level": "error"}),
        ("trace-create", {"tags": [1]}),
        ("trace-create", {"public": "true"}),
        ("trace-create", {"name": "n" * 1001}),
        ("generation-create", {"modelParameters": {"a": {"b": 1}}}),
        ("generation-create", {"promptName": "p"}),
    ],
    ids=["level", "tags", "public", "name", "model-parameters", "prompt"],
)
def test_g06_wrong_fields_are_refused(golden: Golden, type_: str, body: dict[str, object]):
    assert golden.refused(golden.event(type_, 0, {"id": golden.id("x"), **body}))


@pytest.mark.parametrize("parameters", [{"a": {"b": "1"}}, {"a": ["x"]}, {"a": None}], ids=["map", "list", "null"])
def test_g06_model_parameters_may_hold_texts(golden: Golden, parameters: dict[str, object]):
    golden.accept(golden.event("generation-create", 0, {"id": golden.id("x"), "modelParameters": parameters}))


def test_g06_fields_a_type_does_not_have_are_ignored(golden: Golden):
    event = {"id": golden.id("e"), "traceId": golden.id("t"), "startTime": at(), "endTime": at(1), "surprise": 1}
    plain = {"id": golden.id("s"), "traceId": golden.id("t"), "model": "gpt-4", "usage": {"input": 3}}

    golden.accept(golden.event("event-create", 0, event), golden.event("span-create", 0, plain))

    assert golden.observation(golden.id("e"))["endTime"] is None
    assert golden.observation(golden.id("s"))["model"] is None


def test_g07_a_public_key_alone_may_only_score(golden: Golden, server: RunningServer):
    trace = golden.event("trace-create", 0, {"id": golden.id("t")})
    score = golden.event("score-create", 0, {"id": golden.id("s"), "traceId": golden.id("t"), "name": "n", "value": 1})

    response = httpx.post(
        f"{server.url}/api/public/ingestion",
        json={"batch": [trace, score]},
        headers={"Authorization": f"Bearer {server.public_key}"},
    )

    assert response.status_code == 207
    assert response.json()["successes"] == [{"id": score["id"], "status": 201}]
    (error,) = response.json()["errors"]
    assert (error["id"], error["status"], error["message"]) == (trace["id"], 401, "Authentication error")


def test_g08_request_level_answers(golden: Golden, server: RunningServer):
    shapeless = golden.client.post("/api/public/ingestion", json={})
    empty = golden.client.post("/api/public/ingestion", json={"batch": []})
    stranger = httpx.post(f"{server.url}/api/public/ingestion", json={"batch": []}, auth=("pk-lf-x", "sk-lf-x"))
    huge = golden.client.post("/api/public/ingestion", content=b" " * (17 * 1024 * 1024))

    assert shapeless.status_code == 400
    assert (empty.status_code, empty.json()) == (207, {"successes": [], "errors": []})
    assert stranger.status_code == 401
    assert huge.status_code == 413
    assert "bytes" in huge.json()["message"]
