"""Carries out planned kills on a running cluster."""

import os
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from support.chaos.faults import Trap
from support.chaos.kills import FAILPOINTS, Kill, kind_of
from support.chaos.proxy import Link
from support.cluster import Cluster

# A failpoint that nothing passes in this time is given up: the process is killed at that moment instead.
FAILPOINT_TIMEOUT_SECONDS = 4.0
_PAUSE_SECONDS = 0.01


@dataclass
class Killed:
    """What was really done."""

    by_kind: Counter[str] = field(default_factory=Counter[str])
    at_failpoints: Counter[str] = field(default_factory=Counter[str])

    @property
    def total(self) -> int:
        """All kills."""
        return self.by_kind.total()


def carry_out(cluster: Cluster, links: Mapping[tuple[str, str], Link], kills: Sequence[Kill]) -> Killed:
    """One kill after the other; returns when every process is up again."""
    killed = Killed()
    for kill in kills:
        time.sleep(kill.run_seconds)
        # The one before may still be starting: a process that isn't up can't be killed at work.
        cluster.wait_until_up(kill.process)
        if kill.failpoint and _is_caught(cluster, links, kill):
            killed.at_failpoints[f"{kind_of(kill.process)} {kill.failpoint}"] += 1
        cluster.kill(kill.process)
        killed.by_kind[kind_of(kill.process)] += 1
        time.sleep(kill.down_seconds)
        cluster.spawn(kill.process)
    for process in cluster.processes:
        cluster.wait_until_up(process)
    return killed


def _is_caught(cluster: Cluster, links: Mapping[tuple[str, str], Link], kill: Kill) -> bool:
    """Whether the process died in the moment the failpoint names."""
    point = FAILPOINTS[kind_of(kill.process)][kill.failpoint or ""]
    link = links[kill.process, point.store]
    pid = cluster.processes[kill.process].pid
    link.set_trap(Trap(point.pattern, point.moment, lambda: os.killpg(pid, signal.SIGKILL)))
    deadline = time.monotonic() + FAILPOINT_TIMEOUT_SECONDS
    while link.is_trap_set and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
    caught = not link.is_trap_set
    link.set_trap(None)
    return caught
