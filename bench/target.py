"""What the bench loads: a Logger of either shape, as processes of its own."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from bench.load import cpu_seconds, disk_bytes
from support.cluster import Cluster, Shape
from support.server import start_server


@dataclass(frozen=True, slots=True)
class Target:
    """A running Logger. `processes` and `folders` are all it consists of, stores included."""

    url: str
    public_key: str
    secret_key: str
    processes: Mapping[str, psutil.Process]
    folders: Sequence[Path]

    def client(self) -> httpx.Client:
        """An HTTP client with the project's keys; the caller closes it."""
        return httpx.Client(base_url=self.url, auth=(self.public_key, self.secret_key), timeout=60.0)

    def cpu_seconds_by_process(self) -> dict[str, float]:
        """Processor seconds used so far, by process."""
        return {name: cpu_seconds(process) for name, process in self.processes.items()}

    def disk_bytes(self) -> int:
        """Allocated bytes of everything kept."""
        return sum(disk_bytes(folder) for folder in self.folders)


@contextmanager
def embedded(folder: Path) -> Generator[Target]:
    """`elasticdash up` on a fresh data folder."""
    server = start_server(folder / "data")
    try:
        process = psutil.Process(server.process.pid)
        yield Target(server.url, server.public_key, server.secret_key, {"logger": process}, [folder / "data"])
    finally:
        server.stop()


@contextmanager
def distributed(folder: Path) -> Generator[Target]:
    """One web and one worker on real stores of this machine."""
    with Cluster(folder, Shape(webs=1, workers=1, projects=1)) as cluster:
        project = cluster.projects[0]
        processes = {name: psutil.Process(process.pid) for name, process in cluster.processes.items()}
        yield Target(cluster.urls[0], project.public_key, project.secret_key, processes, cluster.data_folders)
