"""Runs the real Logger as a process of its own, for tests that talk to it as its users do."""

import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

START_TIMEOUT_SECONDS = 90.0
STOP_TIMEOUT_SECONDS = 60.0
READ_TIMEOUT_SECONDS = 30.0
POLL_PAUSE_SECONDS = 0.1
LOG_TAIL_BYTES = 4000
ORGANIZATION_ID = "organization-under-test"
PROJECT_ID = "project-under-test"
ADMIN_KEY = "admin-key-of-the-tests"

T = TypeVar("T")


class ServerFailedError(Exception):
    """The Logger did not start or stop as it should; carries the end of what it printed."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A started Logger with the keys of its first project."""

    url: str
    public_key: str
    secret_key: str
    process: subprocess.Popen[bytes]
    log_file: Path

    def client(self, *, timeout_seconds: float = 30.0) -> httpx.Client:
        """An HTTP client with the project's keys; the caller closes it."""
        return httpx.Client(base_url=self.url, auth=(self.public_key, self.secret_key), timeout=timeout_seconds)

    def stop(self) -> None:
        """Press Ctrl-C and wait; ServerFailedError unless it drains and exits with 0."""
        self.process.send_signal(signal.SIGINT)
        try:
            exit_code = self.process.wait(timeout=STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise ServerFailedError(f"still running after SIGINT\n{log_tail(self.log_file)}") from error
        if exit_code != 0:
            raise ServerFailedError(f"exit code {exit_code} after SIGINT\n{log_tail(self.log_file)}")

    def kill(self) -> None:
        """End it at once with SIGKILL, as a crash or the kernel would."""
        self.process.kill()
        self.process.wait(timeout=STOP_TIMEOUT_SECONDS)


def start_server(data_dir: Path, port: int | None = None, env: Mapping[str, str] | None = None) -> RunningServer:
    """A Logger that answers as ready, on `port` (default: a free one) with its data below `data_dir`.

    It sees only the variables in `env` and the ones that fix its first project, none of the developer's own.
    What it prints is appended to `<data_dir>.log`. A data folder keeps its keys, so a restart accepts the same ones.
    """
    port = port or free_port()
    public_key, secret_key = _keys_of(data_dir)
    variables = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "ADMIN_API_KEY": ADMIN_KEY,
        "ELASTICDASH_INIT_ORG_ID": ORGANIZATION_ID,
        "ELASTICDASH_INIT_PROJECT_ID": PROJECT_ID,
        "ELASTICDASH_INIT_PROJECT_PUBLIC_KEY": public_key,
        "ELASTICDASH_INIT_PROJECT_SECRET_KEY": secret_key,
        **(env or {}),
    }
    log_file = data_dir.with_name(f"{data_dir.name}.log")
    process = spawn_elasticdash(["up", "--port", str(port), "--data-dir", str(data_dir)], variables, log_file)
    server = RunningServer(f"http://127.0.0.1:{port}", public_key, secret_key, process, log_file)
    _wait_until_ready(server)
    return server


def spawn_elasticdash(arguments: list[str], variables: Mapping[str, str], log_file: Path) -> subprocess.Popen[bytes]:
    """The `elasticdash` command of this environment, started with exactly `variables`."""
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("ab") as log:
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("elasticdash")), *arguments],
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def free_port() -> int:
    """A TCP port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read_until(
    read: Callable[[], T], is_enough: Callable[[T], bool], timeout_seconds: float = READ_TIMEOUT_SECONDS
) -> T:
    """What `read` returns once `is_enough` accepts it, or its last answer when the time is over."""
    deadline = time.monotonic() + timeout_seconds
    answer = read()
    while not is_enough(answer) and time.monotonic() < deadline:
        time.sleep(POLL_PAUSE_SECONDS)
        answer = read()
    return answer


def get_json(client: httpx.Client, path: str, **params: Any) -> Any:
    """The parsed answer of one GET below /api/public, or {} for a 404; any other refusal raises."""
    response = client.get(f"/api/public{path}", params=params)
    if response.status_code == HTTPStatus.NOT_FOUND:
        return {}
    response.raise_for_status()
    return response.json()


def log_tail(log_file: Path) -> str:
    """The last lines the Logger printed."""
    return log_file.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace") if log_file.exists() else ""


def _keys_of(data_dir: Path) -> tuple[str, str]:
    kept = data_dir.with_name(f"{data_dir.name}.keys")
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(f"pk-lf-{secrets.token_hex(8)}\nsk-lf-{secrets.token_hex(16)}\n")
    public_key, secret_key = kept.read_text().split()
    return public_key, secret_key


def _wait_until_ready(server: RunningServer) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise ServerFailedError(f"exit code {server.process.returncode} at start\n{log_tail(server.log_file)}")
        try:
            if httpx.get(f"{server.url}/api/public/ready", timeout=5.0).status_code == HTTPStatus.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(POLL_PAUSE_SECONDS)
    server.kill()
    raise ServerFailedError(f"not ready after {START_TIMEOUT_SECONDS} s\n{log_tail(server.log_file)}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    """One Logger for the whole run, on a fresh data folder; at the end Ctrl-C must end it with exit code 0."""
    running = start_server(tmp_path_factory.mktemp("logger") / "data")
    yield running
    running.stop()
