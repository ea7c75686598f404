"""Bad bodies are refused with a reason or stored; they never end in a 5xx and never cost the good event beside them."""

import gzip
import json

import pytest

from support.golden import Golden, at

INGESTION = "/api/public/ingestion"
OTLP = "/api/public/otel/v1/traces"
SCORES = "/api/public/scores"
JSON_HEADERS = {"Content-Type": "application/json"}
GZIP_HEADERS = {**JSON_HEADERS, "Content-Encoding": "gzip"}
DEEP = b"[" * 10_000 + b"]" * 10_000

BODIES = {
    "empty": b"",
    "not json": b"{",
    "a text": b'"x"',
    "a number": b"1",
    "null": b"null",
    "wrong type": b'{"batch": {}, "resourceSpans": {}, "name": 1}',
    "invalid utf-8": b'{"batch": ["\xff\xfe"], "name": "\xff"}',
    "half a surrogate pair": b'{"batch": [{"id": "\\ud800"}], "name": "\\ud800", "value": 1, "traceId": "t"}',
    "not a number": b'{"batch": [NaN], "name": "n", "value": NaN, "traceId": "t"}',
    "infinity": b'{"name": "n", "value": 1e400, "traceId": "t"}',
    "huge integer": b'{"name": "n", "value": ' + b"9" * 5000 + b', "traceId": "t"}',
    "deep": b'{"batch": ' + DEEP + b', "resourceSpans": ' + DEEP + b', "name": ' + DEEP + b"}",
    "only deep": DEEP,
}
PATHS = (
    INGESTION,
    OTLP,
    SCORES,
    "/api/public/traces",
    "/api/public/spans",
    "/api/public/generations",
    "/api/public/events",
    "/api/public/score-configs",
    "/api/public/models",
    "/api/public/v2/prompts",
    "/api/public/prompts",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", BODIES)
def test_bad_bodies_are_refused_with_a_reason(golden: Golden, path: str, name: str):
    response = golden.client.post(path, content=BODIES[name], headers=JSON_HEADERS)

    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        assert response.json()["message"]
    if response.status_code == 207:
        assert all(error["error"] for error in response.json()["errors"])


EVENT_BODIES = {
    "deep": '{"id": "x", "metadata": ' + "[" * 10_000 + "]" * 10_000 + "}",
    "not a number": '{"id": "x", "metadata": {"a": NaN}}',
    "many keys": json.dumps({"id": "x", "metadata": {f"k{number}": number for number in range(100_000)}}),
    "nul in the id": '{"id": "a\\u0000b"}',
    "long name": json.dumps({"id": "x", "name": "n" * 1001}),
    "wrong types": '{"id": 5, "name": [], "tags": {}, "public": 1}',
}


@pytest.mark.parametrize("name", EVENT_BODIES)
def test_a_bad_event_does_not_cost_the_good_one_beside_it(golden: Golden, name: str):
    good = json.dumps(golden.event("trace-create", 0, {"id": golden.id("good"), "name": "good"}))
    envelope = json.dumps({"id": golden.id("bad"), "timestamp": at(), "type": "trace-create"})[:-1]
    bad = f'{envelope}, "body": {EVENT_BODIES[name]}}}'

    response = golden.client.post(INGESTION, content=f'{{"batch": [{bad}, {good}]}}'.encode(), headers=JSON_HEADERS)

    assert response.status_code == 207
    (error,) = response.json()["errors"]
    assert error["status"] == 400
    assert error["error"]
    assert golden.trace(golden.id("good"))["name"] == "good"


@pytest.mark.parametrize("path", [INGESTION, OTLP])
def test_a_gzip_bomb_is_refused_by_its_unpacked_size(golden: Golden, path: str):
    bomb = gzip.compress(b" " * (200 * 1024 * 1024), 1)

    response = golden.client.post(path, content=bomb, headers=GZIP_HEADERS)

    assert response.status_code == 413
    assert "bytes" in response.json()["message"]


@pytest.mark.parametrize("path", [INGESTION, OTLP])
def test_damaged_gzip_is_refused(golden: Golden, path: str):
    whole = gzip.compress(b'{"batch": []}' * 100)

    cut_short = golden.client.post(path, content=whole[:-9], headers=GZIP_HEADERS)
    unknown = golden.client.post(path, content=whole, headers={**JSON_HEADERS, "Content-Encoding": "compress"})

    assert (cut_short.status_code, unknown.status_code) == (400, 400)


def test_the_logger_still_takes_events_in(golden: Golden):
    golden.accept(golden.event("trace-create", 0, {"id": golden.id("after"), "name": "after"}))

    assert golden.trace(golden.id("after"))["name"] == "after"
