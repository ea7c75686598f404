"""A running Logger tells those who run it how it is, and never what its users sent or which secrets it holds."""

import json
import secrets
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from support.server import RunningServer, free_port, get_json, read_until, start_server

CANARIES = [f"canary{number:02}{secrets.token_hex(6)}" for number in range(40)]
# What `elasticdash up` shows its one user on purpose, at the first start.
_WELCOME = ("  secret key  ", "  langfuse = Langfuse(", "  admin  ")


@dataclass(frozen=True, slots=True)
class Observed:
    """A Logger with its operations port."""

    server: RunningServer
    operations: httpx.Client


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Generator[Observed]:
    port = free_port()
    server = start_server(
        tmp_path_factory.mktemp("operations") / "data",
        env={
            "ELASTICDASH_LOG_LEVEL": "debug",
            "ELASTICDASH_LOG_FORMAT": "json",
            "ELASTICDASH_LOG_REQUESTS": "true",
            "ELASTICDASH_OPERATIONS_PORT": str(port),
            "ELASTICDASH_INIT_USER_EMAIL": "admin@example.com",
            "ELASTICDASH_INIT_USER_PASSWORD": CANARIES[0],
        },
    )
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as operations:
        yield Observed(server, operations)
    server.stop()


def event(kind: str, **body: Any) -> dict[str, Any]:
    at = "2026-01-01T00:00:00.000Z"
    return {"id": secrets.token_hex(8), "type": kind, "timestamp": at, "body": {"timestamp": at, **body}}


def spread(canaries: list[str]) -> list[dict[str, Any]]:
    """Events with a canary in every kind of place a user's text may be in."""
    c = iter(canaries)
    return [
        event("trace-create", id="t", name=next(c), input=next(c), output={"a": next(c)}, metadata={next(c): next(c)}),
        event("trace-create", id="t2", userId=next(c), sessionId=next(c), tags=[next(c)], release=next(c)),
        event("generation-create", id="g", traceId="t", model=next(c), input=next(c), modelParameters={"k": next(c)}),
        event("generation-create", id="g2", traceId="t", startTime=next(c)),
        event("score-create", traceId="t", name=next(c), value=next(c), comment=next(c), dataType="NUMERIC"),
        event("span-create", id="s", traceId="t", statusMessage=next(c), level=next(c)),
        {"id": next(c), "type": next(c), "timestamp": next(c), "body": {"input": next(c)}},
    ]


def test_forty_secrets_appear_in_no_log_error_or_metric(observed: Observed):
    server, left = observed.server, CANARIES[1:]
    answers: list[httpx.Response] = []
    batch, left = spread(left[:22]), left[22:]
    with server.client() as client:
        client.post("/api/public/ingestion", json={"batch": batch}).raise_for_status()
        for body in (left[0], f'{{"batch": "{left[1]}"}}', f'{{"batch": [{{"{left[2]}": NaN}}]', f"\ud800{left[3]}"):
            sent = body.encode("utf-8", "surrogatepass")
            answers.append(client.post("/api/public/ingestion", content=sent))
            answers.append(client.post("/api/public/otel/v1/traces", content=sent))
            answers.append(client.post("/api/public/scores", content=sent))
        for credentials in ((server.public_key, left[4]), (left[5], left[6]), ("", left[7])):
            answers.append(httpx.get(f"{server.url}/api/public/traces", auth=credentials))
        answers.append(httpx.get(f"{server.url}/api/public/traces", headers={"Authorization": f"Bearer {left[8]}"}))
        answers.append(client.get(f"/api/public/{left[9]}"))
        answers.append(client.get("/api/public/metrics", params={"query": f'{{"view":"{left[10]}"'}))
        answers.append(client.get("/api/public/traces", headers={"Cookie": left[11], "X-Request-Id": f"<{left[12]}>"}))
        client.get(f"/api/public/traces/{left[13]}", headers={"User-Agent": left[14]})
        client.post("/api/public/ingestion", json={"batch": []}, headers={"x-langfuse-sdk-name": left[15]})
        stored = read_until(lambda: get_json(client, "/traces/t"), lambda trace: trace.get("name") is not None)

    assert stored["name"] == CANARIES[1]
    lines = server.log_file.read_text().splitlines()
    logged = "\n".join(line for line in lines if not line.startswith(_WELCOME))
    seen = {"logs": logged, "metrics": observed.operations.get("/metrics").text}
    seen |= {f"answer {n}": answer.text + str(answer.headers) for n, answer in enumerate(answers) if answer.is_error}
    secret_values = [*CANARIES, server.secret_key]
    assert [(place, text) for place, text in seen.items() for value in secret_values if value in text] == []
    assert sum(answer.is_error for answer in answers) >= 15
    assert all(answer.status_code < 500 for answer in answers)


def test_requests_are_logged_as_json_with_their_project(observed: Observed):
    with observed.server.client() as client:
        answer = client.get("/api/public/traces", headers={"X-Request-Id": "from-a-gateway"})

    def entry() -> dict[str, Any]:
        lines = observed.server.log_file.read_text().splitlines()
        found = [json.loads(line) for line in lines if line.startswith("{") and "from-a-gateway" in line]
        return found[0] if found else {}

    logged = read_until(entry, bool)
    assert answer.headers["x-request-id"] == "from-a-gateway"
    assert (logged["event"], logged["route"], logged["status"]) == ("request", "/api/public/traces", 200)
    assert (logged["project_id"], logged["service"], logged["level"]) == ("project-under-test", "up", "info")


def test_metrics_count_what_was_accepted_and_stored(observed: Observed):
    with observed.server.client() as client:
        client.post("/api/public/ingestion", json={"batch": [event("trace-create", id="m", name="n")]})
        read_until(lambda: get_json(client, "/traces/m"), lambda trace: trace.get("name") is not None)

    text = observed.operations.get("/metrics").text
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    for name in (
        'elasticdash_ingest_events_total{kind="ingestion"}',
        'elasticdash_ingest_bytes_total{kind="ingestion"}',
        "elasticdash_ingest_group_requests_count",
        'elasticdash_raw_objects_total{result="processed"}',
        'elasticdash_clickhouse_insert_rows_count{table="traces"}',
        'elasticdash_clickhouse_query_duration_seconds_count{query="traces_by_ids"}',
        'elasticdash_http_requests_total{method="POST",route="/api/public/ingestion",status="207"}',
        "elasticdash_sweeps_total",
        "process_resident_memory_bytes",
    ):
        assert float(values[name]) > 0, name


def test_queue_is_told_as_json(observed: Observed):
    answer = read_until(lambda: observed.operations.get("/api/queue"), lambda answer: answer.status_code == 200)

    assert set(answer.json()) == {"lag", "pending", "oldest_age_seconds"}


@pytest.mark.parametrize("path", ["/metrics", "/api/queue"])
def test_operations_are_not_served_to_the_public(observed: Observed, path: str):
    with observed.server.client() as client:
        assert client.get(path).status_code == 404
