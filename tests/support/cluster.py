"""A distributed Logger: N web and N worker processes on real stores, every one of which can be killed."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from support.chaos.clients import Project
from support.servers import stores
from support.servers.process import ServerNotReadyError, ServerProcess
from support.servers.stores import WebProcess, WorkerProcess

READY_TIMEOUT_SECONDS = 180.0
RESTART_PAUSE_SECONDS = 0.5

Reach = Callable[[str, str, int], int]
"""(process, store, its port) → the port through which the process reaches it."""
Program = Callable[[str], Sequence[str]]
"""How to run `web` or `worker`."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How many processes of each kind; each web provisions a project of its own, up to `projects`."""

    webs: int = 2
    workers: int = 2
    projects: int = 2


def directly(process: str, store: str, port: int) -> int:
    """No detour."""
    return port


class Cluster:
    """Everything started within the block, everything ended after it, also what was killed or frozen meanwhile."""

    def __init__(
        self, folder: Path, shape: Shape, reach: Reach = directly, env: Mapping[str, str] | None = None
    ) -> None:
        self._folder, self._shape, self._reach, self._env = folder, shape, reach, env or {}
        self._stack = ExitStack()
        self.projects = [
            Project(f"project-{number}", f"pk-lf-chaos-{number}", f"sk-lf-chaos-{number}")
            for number in range(shape.projects)
        ]
        self.webs: list[WebProcess] = []
        self.workers: list[WorkerProcess] = []

    def __enter__(self) -> Self:
        try:
            self.stores = self._stack.enter_context(stores.running_stores(self._folder))
            self._start_services(stores.program)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def urls(self) -> list[str]:
        """Where the web processes answer."""
        return [web.url for web in self.webs]

    @property
    def services(self) -> dict[str, ServerProcess]:
        """The processes of ours by name."""
        webs = {f"web{number}": web.process for number, web in enumerate(self.webs)}
        return {**webs, **{f"worker{number}": worker.process for number, worker in enumerate(self.workers)}}

    @property
    def processes(self) -> dict[str, ServerProcess]:
        """Every process by name."""
        assert self.stores.s3.process is not None
        return {
            **self.services,
            "postgres": self.stores.postgres.process,
            "redis": self.stores.redis.process,
            "s3": self.stores.s3.process,
            "clickhouse": self.stores.clickhouse.process,
        }

    @property
    def data_folders(self) -> list[Path]:
        """Where S3 and ClickHouse keep what they were given."""
        return [self._folder / "s3", self.stores.clickhouse.folder]

    def kill(self, process: str) -> None:
        """End one process and its children at once with SIGKILL."""
        if process == "postgres":
            self.stores.postgres.kill()
        else:
            self.processes[process].kill()

    def spawn(self, process: str) -> None:
        """Start it again, on its port and data, without waiting."""
        self.processes[process].spawn()

    def wait_until_up(self, process: str) -> None:
        """Returns once it answers. One that ended since a store was away is started again, as orchestrators do."""
        deadline = time.monotonic() + READY_TIMEOUT_SECONDS
        while True:
            try:
                self.processes[process].wait_until_ready(deadline - time.monotonic())
                return
            except ServerNotReadyError:
                if self.processes[process].is_running or time.monotonic() > deadline:
                    raise
                time.sleep(RESTART_PAUSE_SECONDS)
                self.spawn(process)

    def replace_services(self, program: Program) -> None:
        """Kill every web and worker and start them as another program; webs keep their addresses."""
        for process in self.services.values():
            process.kill()
        self._start_services(program)

    def _start_services(self, program: Program) -> None:
        ports = [urlsplit(web.url).port for web in self.webs] or [None] * self._shape.webs
        self.webs = [
            stores.web_process(
                self.stores, self._folder, self._variables(f"web{number}", number), command=program("web"), port=port
            )
            for number, port in enumerate(ports)
        ]
        self.workers = [
            stores.worker_process(
                self.stores, self._folder, self._variables(f"worker{number}", 0), command=program("worker")
            )
            for number in range(self._shape.workers)
        ]
        for process in self.services.values():
            self._stack.callback(process.kill)
            process.spawn()
        for name in self.services:
            self.wait_until_up(name)

    def _variables(self, process: str, number: int) -> dict[str, str]:
        """What differs from the stores' own environment: the ways to the stores, and which project to provision."""
        servers, project = self.stores, self.projects[number % len(self.projects)]
        s3_port = urlsplit(servers.s3.config.endpoint or "").port or 0
        ports = {"postgres": servers.postgres.port, "redis": servers.redis.port, "s3": s3_port}
        ports["clickhouse"] = servers.clickhouse.port
        way = {store: self._reach(process, store, port) for store, port in ports.items()}
        return {
            # For a program of the tests; ours needs none.
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "DATABASE_URL": servers.database_url.replace(f":{ports['postgres']}/", f":{way['postgres']}/"),
            "CLICKHOUSE_URL": f"http://127.0.0.1:{way['clickhouse']}",
            "REDIS_PORT": str(way["redis"]),
            "ELASTICDASH_S3_EVENT_UPLOAD_ENDPOINT": f"http://127.0.0.1:{way['s3']}",
            "ELASTICDASH_INIT_PROJECT_ID": project.id,
            "ELASTICDASH_INIT_PROJECT_PUBLIC_KEY": project.public_key,
            "ELASTICDASH_INIT_PROJECT_SECRET_KEY": project.secret_key,
            **self._env,
        }
