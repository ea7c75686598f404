"""SIGKILL under load, again and again: every acknowledged event is there afterwards, exactly once."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from support.server import RunningServer, free_port, read_until, start_server

KILLS = 25
SENDERS = 3
OBSERVATIONS_PER_BATCH = 4
READ_PAGE = 100
SETTLED_SECONDS = 60.0


@dataclass
class Sent:
    """What the load was told, by trace id: the numbers of its observations that were acknowledged."""

    acknowledged: dict[str, set[str]] = field(default_factory=dict)
    attempted: dict[str, set[str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def batch_of(trace_id: str, numbers: list[int]) -> dict[str, object]:
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    events: list[dict[str, object]] = [
        {"id": f"e-{trace_id}-t", "timestamp": now, "type": "trace-create", "body": {"id": trace_id, "name": "load"}}
    ]
    events += [
        {
            "id": f"e-{trace_id}-{number}",
            "timestamp": now,
            "type": "span-create",
            "body": {"id": f"{trace_id}-{number}", "traceId": trace_id, "name": "step", "startTime": now},
        }
        for number in numbers
    ]
    return {"batch": events}


def send_load(url: str, auth: tuple[str, str], sent: Sent, stop: threading.Event, name: str) -> None:
    """Send small batches until told to stop; a refused or broken request is sent again, as SDKs do, up to 3 times."""
    count = 0
    with httpx.Client(base_url=url, auth=auth, timeout=5.0) as client:
        while not stop.is_set():
            count += 1
            trace_id = f"{name}-{count}"
            ids = {f"{trace_id}-{number}" for number in range(OBSERVATIONS_PER_BATCH)}
            with sent.lock:
                sent.attempted[trace_id] = ids
            for _ in range(3):
                try:
                    response = client.post(
                        "/api/public/ingestion", json=batch_of(trace_id, list(range(OBSERVATIONS_PER_BATCH)))
                    )
                except httpx.TransportError:
                    time.sleep(0.05)
                    continue
                if response.status_code == 207:
                    assert response.json()["errors"] == []
                    with sent.lock:
                        sent.acknowledged[trace_id] = ids
                    break


def stored_observations(server: RunningServer) -> list[str]:
    """Ids of all observations the server lists, page by page."""
    found: list[str] = []
    with server.client() as client:
        page = 1
        while True:
            answer = client.get("/api/public/observations", params={"page": page, "limit": READ_PAGE}).json()
            found += [row["id"] for row in answer["data"]]
            if page >= answer["meta"]["totalPages"]:
                return found
            page += 1


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kill_loses_nothing_and_doubles_nothing(tmp_path: Path):
    seed = random.randrange(1_000_000)
    rng = random.Random(seed)
    data_dir, port, sent = tmp_path / "data", free_port(), Sent()
    kills = 0

    server = start_server(data_dir, port)
    for round_number in range(KILLS):
        stop = threading.Event()
        senders = [
            threading.Thread(
                target=send_load,
                args=(server.url, (server.public_key, server.secret_key), sent, stop, f"r{round_number}s{sender}"),
            )
            for sender in range(SENDERS)
        ]
        for thread in senders:
            thread.start()
        time.sleep(rng.uniform(0.05, 1.5))
        server.kill()
        kills += 1
        stop.set()
        for thread in senders:
            thread.join(30)
        server = start_server(data_dir, port)

    expected = {id_ for ids in sent.acknowledged.values() for id_ in ids}
    possible = {id_ for ids in sent.attempted.values() for id_ in ids}
    found = read_until(lambda: stored_observations(server), lambda ids: expected <= set(ids), SETTLED_SECONDS)
    server.stop()

    doubled = [id_ for id_, times in Counter(found).items() if times > 1]
    summary = f"seed={seed} kills={kills} acknowledged={len(expected)} found={len(found)}"
    assert kills == KILLS, summary
    assert len(expected) > KILLS, summary
    assert expected - set(found) == set(), f"lost: {summary}"
    assert doubled == [], f"doubled: {summary}"
    assert set(found) <= possible, f"invented: {summary}"
