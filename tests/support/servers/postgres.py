"""Real Postgres for tests: a server that can be killed and started again, and a fresh database for each test."""

import asyncio
import itertools
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Coroutine, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psutil
import pytest

from support.server import free_port
from support.servers import origin
from support.servers.process import POLL_PAUSE_SECONDS, STOP_TIMEOUT_SECONDS, ServerProcess

T = TypeVar("T")

TEST_URL_VARIABLE = "TEST_DATABASE_URL"
USER = "tester"
PASSWORD = "password-of-the-tests"
INITDB_TIMEOUT_SECONDS = 120
_PROGRAM = origin.DebianProgram("postgres", "postgresql", ("/usr/lib/postgresql/*/bin/postgres",))
# The server refuses to run as root.
_ACCOUNTS = ("postgres", "nobody")
# A test's data need not survive the machine. It must survive a kill: what was committed is with the kernel by then.
_UNSAFE_AND_QUICK = {"fsync": "off", "full_page_writes": "off"}


class Databases:
    """Databases on a server, named by URLs of the form people give in DATABASE_URL."""

    def __init__(self, admin_url: str) -> None:
        self.admin_url = admin_url
        self._prefix = f"test_{secrets.token_hex(4)}"
        self._numbers = itertools.count(1)

    def url(self, database: str) -> str:
        """Where a database of this server is reached."""
        return urlunsplit(urlsplit(self.admin_url)._replace(path=f"/{database}"))

    def create(self, *, template_url: str | None = None) -> str:
        """URL of a new database, empty or a copy of another one that nobody is connected to; some 50 ms."""
        name = f"{self._prefix}_{next(self._numbers)}"
        template = f' TEMPLATE "{_database_of(template_url)}"' if template_url else ""
        run(self.admin_url, f'CREATE DATABASE "{name}"{template}')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, with whoever is connected to it."""
        run(self.admin_url, f'DROP DATABASE IF EXISTS "{_database_of(url)}" WITH (FORCE)')


class PostgresServer:
    """A server of its own in a temporary folder: killed and started again, it has the same port and data."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        program = origin.program(_PROGRAM).resolve()
        self.port = free_port()
        self.databases = Databases(f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/postgres")
        self._data = folder / "data"
        account = _account()
        if account is not None:
            shutil.chown(folder, account)
        _initdb(program.with_name("initdb"), folder, account)
        options = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": "", **settings}
        self.process = ServerProcess(
            [str(program), "-D", str(self._data), *(f"--{name}={value}" for name, value in options.items())],
            is_ready=lambda: run(self.databases.admin_url, "SELECT 1") is not None,
            log_file=folder / "postgres.log",
            user=account,
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process.start()

    def kill(self) -> None:
        """End it and every backend at once with SIGKILL."""
        # Backends lead groups of their own; those that are left would stop the next start.
        backends = psutil.Process(self.process.pid).children(recursive=True) if self.process.is_running else []
        self.process.kill()
        for backend in backends:
            with suppress(psutil.NoSuchProcess):
                backend.kill()
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        while any(_lives(backend) for backend in backends) and time.monotonic() < deadline:
            time.sleep(POLL_PAUSE_SECONDS)

    def stop(self) -> int:
        """End it in order, cutting clients off; its exit code."""
        if self.process.is_running:
            os.kill(self.process.pid, signal.SIGINT)
        return self.process.stop()

    def restart(self) -> None:
        """Kill it and start it again on the same port."""
        self.kill()
        self.start()


def run(url: str, *statements: str) -> str:
    """Run statements one by one, outside a transaction; the tag of the last. Works in and outside of a loop."""

    async def connect_and_run() -> str:
        connection = await asyncpg.connect(url)
        try:
            tag = ""
            for statement in statements:
                tag = await connection.execute(statement)
            return tag
        finally:
            await connection.close()

    return _outside_of_loops(connect_and_run())


def fetch(url: str, query: str, *parameters: object) -> list[dict[str, Any]]:
    """Rows of a query, as name → value. Works in and outside of a loop."""

    async def connect_and_fetch() -> list[dict[str, Any]]:
        connection = await asyncpg.connect(url)
        try:
            return [dict(row) for row in await connection.fetch(query, *parameters)]
        finally:
            await connection.close()

    return _outside_of_loops(connect_and_fetch())


@contextmanager
def held(url: str, statement: str) -> Generator[None]:
    """A session that has run this statement and stays open until the block ends."""
    loop = asyncio.new_event_loop()
    with ThreadPoolExecutor(1) as threads:
        connection = threads.submit(loop.run_until_complete, asyncpg.connect(url)).result()
        try:
            threads.submit(loop.run_until_complete, connection.execute(statement)).result()
            yield
        finally:
            threads.submit(loop.run_until_complete, connection.close()).result()
            loop.close()


@contextmanager
def running(*, is_durable: bool = False, settings: Mapping[str, str] | None = None) -> Generator[PostgresServer]:
    """A started server with nothing in it, gone afterwards. `settings` are the server's own; durable: with fsync."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        server = PostgresServer(folder, {**({} if is_durable else _UNSAFE_AND_QUICK), **(settings or {})})
        try:
            server.start()
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Generator[Databases]:
    """Databases for tests that leave the server itself alone: a given server's, or those of one started here."""
    given = origin.given_url(TEST_URL_VARIABLE)
    if given:
        yield Databases(given)
        return
    with running() as server:
        yield server.databases


@pytest.fixture
def postgres_url(postgres: Databases) -> Generator[str]:
    """A fresh empty database, dropped afterwards."""
    url = postgres.create()
    yield url
    postgres.drop(url)


def _lives(process: psutil.Process) -> bool:
    try:
        # A dead one may stay listed until some other process takes notice.
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _database_of(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def _account() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in _ACCOUNTS if name in known), None)


def _initdb(program: Path, folder: Path, account: str | None) -> None:
    password_file = folder / "password"
    password_file.write_text(PASSWORD)
    arguments = ["--no-sync", "--encoding=UTF8", "--locale=C", f"--username={USER}", f"--pwfile={password_file}"]
    subprocess.run(
        [str(program), "--auth=scram-sha-256", *arguments, f"--pgdata={folder / 'data'}"],
        user=account,
        check=True,
        capture_output=True,
        cwd=folder,
        timeout=INITDB_TIMEOUT_SECONDS,
    )


def _outside_of_loops(work: Coroutine[Any, Any, T]) -> T:
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result()
