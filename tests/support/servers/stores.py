"""The four stores of a distributed Logger as servers of their own, migrated, and processes that run on them."""

import secrets
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from support.server import free_port
from support.servers import clickhouse, postgres
from support.servers.clickhouse import ClickHouseServer
from support.servers.postgres import PostgresServer
from support.servers.process import ServerProcess
from support.servers.redis import RedisServer
from support.servers.s3 import S3Server, start_s3

PROJECT_ID = "project-under-test"
SALT = "salt-of-the-tests"
_READY_TIMEOUT_SECONDS = 5.0
_MIGRATE_TIMEOUT_SECONDS = 300
# No balancer watches a test's processes.
_QUICK_STOP = {"ELASTICDASH_HTTP_DRAIN_DELAY_SECONDS": "0"}


@dataclass(frozen=True, slots=True)
class StoreServers:
    """Started stores. `environment` holds the settings that make a process of ours use them."""

    postgres: PostgresServer
    database_url: str
    clickhouse: ClickHouseServer
    redis: RedisServer
    s3: S3Server
    public_key: str = field(default_factory=lambda: f"pk-lf-{secrets.token_hex(8)}")
    secret_key: str = field(default_factory=lambda: f"sk-lf-{secrets.token_hex(16)}")

    @property
    def environment(self) -> Mapping[str, str]:
        """Settings of every process, the first project's keys among them."""
        url = urlsplit(self.clickhouse.url)
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "DATABASE_URL": self.database_url,
            "CLICKHOUSE_URL": f"http://{url.hostname}:{url.port}",
            "CLICKHOUSE_USER": unquote(url.username or ""),
            "CLICKHOUSE_PASSWORD": unquote(url.password or ""),
            "REDIS_HOST": "127.0.0.1",
            "REDIS_PORT": str(self.redis.port),
            "SALT": SALT,
            "ELASTICDASH_INIT_ORG_ID": "organization-under-test",
            "ELASTICDASH_INIT_PROJECT_ID": PROJECT_ID,
            "ELASTICDASH_INIT_PROJECT_PUBLIC_KEY": self.public_key,
            "ELASTICDASH_INIT_PROJECT_SECRET_KEY": self.secret_key,
            **self.s3.settings(),
        }

    def client(self, url: str, *, timeout_seconds: float = 30.0) -> httpx.Client:
        """An HTTP client of a web process with the first project's keys; the caller closes it."""
        return httpx.Client(base_url=url, auth=(self.public_key, self.secret_key), timeout=timeout_seconds)


@dataclass(frozen=True, slots=True)
class WebProcess:
    """A web service of ours and where it answers."""

    url: str
    process: ServerProcess


@dataclass(frozen=True, slots=True)
class WorkerProcess:
    """A worker of ours and where its health is."""

    url: str
    process: ServerProcess


@contextmanager
def running_stores(folder: Path, *, migrated: bool = True) -> Generator[StoreServers]:
    """Four servers, with every table in them if migrated, gone afterwards. Redis keeps nothing when it is killed."""
    with ExitStack() as stack:
        database = stack.enter_context(postgres.running())
        engine_server = stack.enter_context(clickhouse.running())
        redis = RedisServer(folder / "redis")
        redis.start()
        stack.callback(redis.kill)
        s3 = start_s3(folder / "s3")
        if s3.process:
            stack.callback(s3.process.kill)
        servers = StoreServers(database, database.databases.create(), engine_server, redis, s3)
        if migrated:
            _migrate(servers)
        yield servers


def program(command: str) -> Sequence[str]:
    """The `elasticdash` command of this environment."""
    return [str(Path(sys.executable).with_name("elasticdash")), command]


def web_process(
    servers: StoreServers,
    folder: Path,
    extra: Mapping[str, str] | None = None,
    *,
    command: Sequence[str] | None = None,
    port: int | None = None,
) -> WebProcess:
    """A web service on these stores, not started yet; what it prints goes to a file in the folder.

    It is our own on a free port, unless another `command` or `port` is given.
    """
    port = port or free_port()
    environment = {
        **servers.environment,
        "PORT": str(port),
        "ELASTICDASH_HOST": "127.0.0.1",
        **_QUICK_STOP,
        **(extra or {}),
    }
    url = f"http://127.0.0.1:{port}"
    process = ServerProcess(
        command or program("web"), is_ready=lambda: _is_ready(url), log_file=folder / f"web-{port}.log", env=environment
    )
    return WebProcess(url, process)


def worker_process(
    servers: StoreServers,
    folder: Path,
    extra: Mapping[str, str] | None = None,
    *,
    command: Sequence[str] | None = None,
) -> WorkerProcess:
    """A worker on these stores, not started yet; what it prints goes to a file in the folder. `command`: see web."""
    port = free_port()
    where = {"ELASTICDASH_HOST": "127.0.0.1", "ELASTICDASH_WORKER_PORT": str(port)}
    process = ServerProcess(
        command or program("worker"),
        is_ready=lambda: httpx.get(f"http://127.0.0.1:{port}/api/ready", timeout=_READY_TIMEOUT_SECONDS).is_success,
        log_file=folder / f"worker-{port}.log",
        env={**servers.environment, **where, **(extra or {})},
    )
    return WorkerProcess(f"http://127.0.0.1:{port}", process)


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Generator[StoreServers]:
    """Stores for all tests that leave the servers themselves alone."""
    with running_stores(tmp_path_factory.mktemp("stores")) as servers:
        yield servers


def _migrate(servers: StoreServers) -> None:
    subprocess.run(
        [*program("migrate"), "all"],
        env=dict(servers.environment),
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=_MIGRATE_TIMEOUT_SECONDS,
    )


def _is_ready(url: str) -> bool:
    return httpx.get(f"{url}/api/public/ready", timeout=_READY_TIMEOUT_SECONDS).status_code == HTTPStatus.OK
