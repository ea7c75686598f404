"""Starting where it can't: one plain message, a failing exit code, and nothing damaged."""

import contextlib
import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from support.server import free_port, log_tail, spawn_elasticdash, start_server

PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


def failed_start(arguments: list[str], tmp_path: Path) -> str:
    """What a start that must fail printed."""
    log_file = tmp_path / "failed.log"
    process = spawn_elasticdash(["up", *arguments], PATH, log_file)
    assert process.wait(timeout=60) == 1, log_tail(log_file)
    return log_tail(log_file)


def test_a_port_in_use_is_named(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        printed = failed_start(["--port", str(port), "--data-dir", str(tmp_path / "data")], tmp_path)

    assert f"Port {port}" in printed
    assert "--port" in printed
    assert "Traceback" not in printed


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")

    printed = failed_start(["--port", str(free_port()), "--data-dir", str(tmp_path / "file" / "data")], tmp_path)

    assert "can't be written" in printed
    assert "--data-dir" in printed
    assert "Traceback" not in printed


def test_a_second_instance_on_the_same_folder_is_refused_and_the_first_goes_on(tmp_path: Path):
    first = start_server(tmp_path / "data")

    printed = failed_start(["--port", str(free_port()), "--data-dir", str(tmp_path / "data")], tmp_path)

    assert "Another ElasticDash Logger" in printed
    with first.client() as client:
        assert client.get("/api/public/projects").status_code == 200
    first.stop()


def test_a_full_disk_refuses_events_and_keeps_what_was_acknowledged(tmp_path: Path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", str(disk)], check=False)
    if mounted.returncode != 0:
        pytest.skip("mounting a small tmpfs needs root")
    try:
        server = start_server(disk / "data")
        with server.client() as client:
            first = client.post("/api/public/ingestion", json={"batch": [trace_event("kept", "x")]})
            fill(disk)
            refused = client.post(
                "/api/public/ingestion", json={"batch": [trace_event("refused", os.urandom(60_000).hex())]}
            )
        server.kill()
        (disk / "filler").unlink()
        restarted = start_server(disk / "data")
        with restarted.client() as client:
            kept = client.get("/api/public/traces/kept")
            lost = client.get("/api/public/traces/refused")
        restarted.stop()
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)

    assert first.status_code == 207
    assert refused.status_code == 503
    assert "Retry-After" in refused.headers
    assert kept.status_code == 200
    assert lost.status_code == 404


def trace_event(trace_id: str, text: str) -> dict[str, object]:
    return {
        "id": f"e-{trace_id}",
        "timestamp": "2026-01-15T10:00:00Z",
        "type": "trace-create",
        "body": {"id": trace_id, "name": "n", "input": text},
    }


def fill(folder: Path) -> None:
    """Write until nothing more fits."""
    with (folder / "filler").open("wb", buffering=0) as filler:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    filler.write(b"\0" * size)


def test_sigterm_drains_and_exits_with_zero(tmp_path: Path):
    server = start_server(tmp_path / "data")
    with server.client() as client:
        client.post("/api/public/ingestion", json={"batch": [trace_event("drained", "x")]})

    server.process.send_signal(signal.SIGTERM)

    assert server.process.wait(timeout=60) == 0
    restarted = start_server(tmp_path / "data")
    with restarted.client() as client:
        assert client.get("/api/public/traces/drained").json()["input"] == "x"
    restarted.stop()
