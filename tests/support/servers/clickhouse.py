"""ClickHouse over HTTP for tests: a given server, or one started here, which can be killed and started again.

The latter is the real engine behind `support.clickhouse_http`; what that does not emulate stands in its README.
"""

import secrets
import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

import pytest
import urllib3

from support.server import free_port
from support.servers import origin
from support.servers.process import ServerProcess

TEST_URL_VARIABLE = "TEST_CLICKHOUSE_URL"
USER = "tester"
PASSWORD = "password:of/the@tests"
READER = "reader"
READER_PASSWORD = "password-of-the-reader"
_PING_TIMEOUT_SECONDS = 5.0
_TIMEOUT_SECONDS = 60.0
_TESTS = Path(__file__).parents[2]


class ServerRefusedError(Exception):
    """A server refused a statement; carries its answer."""


class ClickHouseServer:
    """A server of its own in a temporary folder: killed and started again, it has the same port and data."""

    def __init__(self, folder: Path, config: Path | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = _url(USER, PASSWORD, self.port)
        # The same data for a user with readonly = 1.
        self.reader_url = _url(READER, READER_PASSWORD, self.port)
        command = [sys.executable, "-m", "support.clickhouse_http", "--port", str(self.port), "--path", str(folder)]
        users = ["--user", USER, "--password", PASSWORD, "--reader", READER, "--reader-password", READER_PASSWORD]
        self.process = ServerProcess(
            [*command, *users, *(["--config", str(config)] if config else [])],
            is_ready=self._answers,
            log_file=folder / "clickhouse.log",
            env={"PYTHONPATH": str(_TESTS), "PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "UTC"},
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process.start()

    def kill(self) -> None:
        """End it at once with SIGKILL."""
        self.process.kill()

    def restart(self) -> None:
        """Kill it and start it again on the same port."""
        self.kill()
        self.start()

    def _answers(self) -> bool:
        ping = f"http://127.0.0.1:{self.port}/ping"
        return urllib3.request("GET", ping, timeout=_PING_TIMEOUT_SECONDS, retries=False).status == HTTPStatus.OK


@contextmanager
def running(config: Path | None = None) -> Generator[ClickHouseServer]:
    """A started server with nothing in it, gone afterwards. `config` is a ClickHouse configuration file."""
    folder = Path(tempfile.mkdtemp(prefix="clickhouse-"))
    try:
        server = ClickHouseServer(folder, config)
        try:
            server.start()
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def clickhouse_url() -> Generator[str]:
    """Where an empty database is: on a given server, or on one started here. Nobody kills this server."""
    given = origin.given_url(TEST_URL_VARIABLE)
    if given:
        yield from _fresh_database(given)
        return
    with running() as server:
        yield from _fresh_database(server.url)


def _fresh_database(url: str) -> Generator[str]:
    name = f"test_{secrets.token_hex(4)}"
    execute(url, f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    execute(url, f"DROP DATABASE {name}")


def execute(url: str, statement: str) -> str:
    """Run one statement past our client, as the URL's user; the answer's text, ServerRefusedError on a refusal."""
    parts = urlsplit(url)
    key = {"X-ClickHouse-User": unquote(parts.username or ""), "X-ClickHouse-Key": unquote(parts.password or "")}
    database = urlencode({"database": parts.path.removeprefix("/") or "default"})
    address = f"{parts.scheme}://{parts.hostname}:{parts.port}/?{database}"
    response = urllib3.request("POST", address, body=statement.encode(), headers=key, timeout=_TIMEOUT_SECONDS)
    if response.status != HTTPStatus.OK:
        raise ServerRefusedError(response.data.decode())
    return response.data.decode()


def _url(user: str, password: str, port: int) -> str:
    return f"http://{user}:{quote(password, safe='')}@127.0.0.1:{port}/default"
