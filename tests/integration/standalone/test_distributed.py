"""`elasticdash web` and `elasticdash worker` on real Postgres, Redis, S3 and the engine behind HTTP."""

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.server import free_port, get_json, read_until
from support.servers.stores import PROJECT_ID, StoreServers, WebProcess, WorkerProcess, web_process, worker_process

TIME = "2026-01-15T10:00:00.000Z"
TIMEOUT_SECONDS = 240
# The worker may still be starting.
STORED_SECONDS = 120


@pytest.fixture(scope="module")
def web(stores: StoreServers, tmp_path_factory: pytest.TempPathFactory) -> Generator[WebProcess]:
    running = web_process(stores, tmp_path_factory.mktemp("web"))
    running.process.start()
    yield running
    assert running.process.stop() == 0


@pytest.fixture(scope="module")
def worker(stores: StoreServers, tmp_path_factory: pytest.TempPathFactory) -> Generator[WorkerProcess]:
    running = worker_process(stores, tmp_path_factory.mktemp("worker"))
    running.process.start()
    yield running
    assert running.process.stop() == 0


def events_of(trace_id: str) -> list[dict[str, Any]]:
    bodies = [
        ("trace-create", {"id": trace_id, "timestamp": TIME, "name": "chat", "input": {"q": 1}}),
        ("span-create", {"id": f"{trace_id}-span", "traceId": trace_id, "name": "step", "startTime": TIME}),
        ("score-create", {"id": f"{trace_id}-score", "traceId": trace_id, "name": "quality", "value": 1}),
    ]
    return [
        {"id": f"{trace_id}-{index}", "timestamp": TIME, "type": type_, "body": body}
        for index, (type_, body) in enumerate(bodies)
    ]


def test_what_web_accepts_the_worker_stores_and_web_reads(stores: StoreServers, web: WebProcess, worker: WorkerProcess):
    with stores.client(web.url) as client:
        answer = client.post("/api/public/ingestion", json={"batch": events_of("walk")})
        assert answer.status_code == 207
        assert answer.json()["errors"] == []

        trace = read_until(
            lambda: get_json(client, "/traces/walk"),
            lambda found: bool(found) and bool(found["observations"]),
            STORED_SECONDS,
        )

    assert trace["name"] == "chat"
    assert trace["input"] == {"q": 1}
    assert trace["projectId"] == PROJECT_ID
    assert [row["id"] for row in trace["observations"]] == ["walk-span"]
    assert [row["value"] for row in trace["scores"]] == [1]


def test_a_worker_says_how_it_and_the_queue_are(worker: WorkerProcess):
    assert httpx.get(f"{worker.url}/api/health").json() == {"status": "OK"}
    assert httpx.get(f"{worker.url}/api/ready").status_code == 200
    assert set(httpx.get(f"{worker.url}/api/queue").json()) == {"lag", "pending", "oldest_age_seconds"}
    assert "elasticdash_" in httpx.get(f"{worker.url}/metrics").text


def test_a_schema_that_is_not_migrated_stops_the_start(stores: StoreServers, postgres_url: str):
    done = subprocess.run(
        [str(Path(sys.executable).with_name("elasticdash")), "web"],
        env={**stores.environment, "DATABASE_URL": postgres_url, "PORT": str(free_port())},
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )

    assert done.returncode == 1
    assert "elasticdash migrate all" in done.stderr


def test_a_wrong_key_is_refused(stores: StoreServers, web: WebProcess):
    with stores.client(web.url) as client:
        assert client.get("/api/public/traces", auth=(stores.public_key, "sk-lf-wrong")).status_code == 401


@pytest.mark.parametrize("command", ["web", "worker"])
def test_every_missing_setting_is_named_at_once(command: str):
    done = subprocess.run(
        [str(Path(sys.executable).with_name("elasticdash")), command],
        env={"PATH": "/usr/bin:/bin", "PORT": str(free_port())},
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )

    assert done.returncode == 1
    for name in ("DATABASE_URL", "CLICKHOUSE_URL", "REDIS_HOST", "ELASTICDASH_S3_EVENT_UPLOAD_BUCKET", "SALT"):
        assert name in done.stderr
