"""Which process dies when: drawn from a seed. Pure."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

LONGEST_RUN_SECONDS = 1.5
LONGEST_DOWN_SECONDS = 1.0
# Of the kills of our own processes; the others come at any moment.
FAILPOINT_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Failpoint:
    """A moment in which random timing hardly ever hits: a request to a store that contains `pattern`."""

    store: str
    pattern: bytes
    moment: Literal["before_request", "after_reply"]


FAILPOINTS: Mapping[str, Mapping[str, Failpoint]] = {
    "web": {
        "before_put": Failpoint("s3", b"PUT /", "before_request"),
        "after_put": Failpoint("s3", b"PUT /", "after_reply"),
        "before_enqueue": Failpoint("redis", b"XADD", "before_request"),
        "before_answer": Failpoint("redis", b"XADD", "after_reply"),
    },
    "worker": {
        "before_get": Failpoint("s3", b"GET /", "before_request"),
        "before_insert": Failpoint("clickhouse", b"INSERT INTO `observations`", "before_request"),
        "after_insert": Failpoint("clickhouse", b"INSERT INTO `observations`", "after_reply"),
        "before_trace": Failpoint("clickhouse", b"INSERT INTO `traces`", "before_request"),
        "before_marker": Failpoint("clickhouse", b"INSERT INTO `processed_batches`", "before_request"),
        "after_marker": Failpoint("clickhouse", b"INSERT INTO `processed_batches`", "after_reply"),
        "before_acknowledge": Failpoint("redis", b"XACK", "before_request"),
        "after_acknowledge": Failpoint("redis", b"XACK", "after_reply"),
    },
}


@dataclass(frozen=True, slots=True)
class Kill:
    """One SIGKILL: after a while of running, at a failpoint if one is named; then the process stays away a while."""

    process: str
    failpoint: str | None
    run_seconds: float
    down_seconds: float


def plan(processes: Sequence[str], count: int, rng: random.Random) -> list[Kill]:
    """`count` kills, the kinds of process in equal shares, their failpoints too, in random order."""
    kinds = sorted({kind_of(process) for process in processes})
    kills: list[Kill] = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        process = rng.choice([process for process in processes if kind_of(process) == kind])
        names = sorted(FAILPOINTS.get(kind, {}))
        failpoint = names[number // len(kinds) % len(names)] if names and rng.random() < FAILPOINT_SHARE else None
        kills.append(
            Kill(process, failpoint, rng.uniform(0.05, LONGEST_RUN_SECONDS), rng.uniform(0, LONGEST_DOWN_SECONDS))
        )
    rng.shuffle(kills)
    return kills


def kind_of(process: str) -> str:
    """`web` of `web1`; stores have no numbers."""
    return next((kind for kind in FAILPOINTS if process.startswith(kind)), process)
