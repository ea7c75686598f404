"""A cluster with a link of the fault proxy between each of its processes and each store."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.chaos.clients import Balancer
from support.chaos.faults import Fault
from support.chaos.ledger import Told
from support.chaos.proxy import FaultProxy, Link
from support.chaos.run import Load
from support.cluster import Cluster, Shape

# Quick sweeps and short leases: what takes a minute in production takes seconds here.
SWEEP_SECONDS = 2
_SETTINGS: Mapping[str, str] = {"ELASTICDASH_SWEEP_INTERVAL_SECONDS": str(SWEEP_SECONDS)}
# Nothing that is found by a sweep comes later than this after everything was read.
STEADY_SECONDS = 2.0 * SWEEP_SECONDS + 1


@dataclass(frozen=True, slots=True)
class World:
    """`links` by process and store; `history` is what the loads so far have sent."""

    cluster: Cluster
    links: Mapping[tuple[str, str], Link]
    balancer: Balancer
    history: list[Told] = field(default_factory=list[Told])

    def load(self, seed: int, seconds_per_request: float) -> Load:
        """Senders in every project, not started yet."""
        return Load(self.balancer, self.cluster.projects, seed, seconds_per_request, self.history)

    def links_to(self, store: str) -> Sequence[Link]:
        """Every process's link to a store."""
        return [link for (_, of_store), link in self.links.items() if of_store == store]

    def break_store(self, store: str, fault: Fault) -> None:
        """Every process sees this fault in a store."""
        for link in self.links_to(store):
            link.set(fault)

    def heal(self) -> None:
        """No link has a fault."""
        for link in self.links.values():
            link.heal()


@contextmanager
def running_world(folder: Path, shape: Shape, env: Mapping[str, str] | None = None) -> Generator[World]:
    """Started, and ended after the block."""
    links: dict[tuple[str, str], Link] = {}
    with FaultProxy() as proxy:

        def reach(process: str, store: str, port: int) -> int:
            if (process, store) not in links:
                links[process, store] = proxy.link(f"{process} to {store}", port)
            return links[process, store].port

        with Cluster(folder, shape, reach, {**_SETTINGS, **(env or {})}) as cluster:
            yield World(cluster, links, Balancer(cluster.urls))
