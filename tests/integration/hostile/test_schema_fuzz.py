"""Requests generated from our own OpenAPI document, valid and not, are answered as the document says."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.server import start_server

EXAMPLES_PER_OPERATION = 20
# Of generating; what every operation documents is tried however long it takes.
BUDGET_SECONDS = 60
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "ignored_auth",
    "unsupported_method",
)
# Answers 503 when it is asked to fail without recent events.
FAILS_ON_REQUEST = "/api/public/health"


@pytest.mark.slow
def test_generated_requests_are_answered_as_documented(tmp_path: Path):
    # A Logger of its own: what is generated would price or name other tests' things.
    server = start_server(tmp_path / "data")
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{server.url}/api/public/openapi.json",
        f"--checks={','.join(CHECKS)}",
        f"--max-examples={EXAMPLES_PER_OPERATION}",
        f"--max-time={BUDGET_SECONDS}",
        f"--exclude-path={FAILS_ON_REQUEST}",
        f"--auth={server.public_key}:{server.secret_key}",
        "--generation-database=none",
    ]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False)
    with server.client() as client:
        ready = client.get("/api/public/ready").status_code
    server.stop()

    assert done.returncode == 0, done.stdout[-6000:]
    assert ready == 200
    assert not list((tmp_path / "data/blobs").glob("quarantine/*"))
