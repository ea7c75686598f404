"""How much the queue holds, and for how long."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.exceptions import ResponseError

from elasticdash.shared import errors
from elasticdash.shared.queue import entries
from elasticdash.shared.queue.connection import UNREACHABLE, Client
from elasticdash.shared.queue.lanes import GROUP, Lane, QueueKeys


@dataclass(frozen=True, slots=True)
class LaneStats:
    """One lane: `lag` waits for a worker, `pending` is with one; the age is that of the oldest of both, 0 if none."""

    lag: int
    pending: int
    oldest_age_seconds: float
    consumers: int


@dataclass(frozen=True, slots=True)
class QueueStats:
    """All lanes together, and each by its name."""

    lag: int
    pending: int
    oldest_age_seconds: float
    consumers: int
    dead_letters: int
    lanes: Mapping[str, LaneStats]


async def read_stats(redis: Client, keys: QueueKeys) -> QueueStats:
    """What the queue holds now; UnavailableError when its server does not answer."""
    try:
        lanes = {lane.value: await _lane_stats(redis, keys.stream(lane)) for lane in Lane}
        dead_letters = int(await redis.xlen(keys.dead_letters))
    except UNREACHABLE as error:
        raise errors.UnavailableError("The queue's Redis does not answer") from error
    return QueueStats(
        lag=sum(lane.lag for lane in lanes.values()),
        pending=sum(lane.pending for lane in lanes.values()),
        oldest_age_seconds=max(lane.oldest_age_seconds for lane in lanes.values()),
        # Every worker reads every lane.
        consumers=max(lane.consumers for lane in lanes.values()),
        dead_letters=dead_letters,
        lanes=lanes,
    )


async def _lane_stats(redis: Client, stream: str) -> LaneStats:
    length = int(await redis.xlen(stream))
    group = await _group(redis, stream)
    oldest = entries.rows(await redis.xrange(stream, count=1))
    age_seconds = max((time.time() - entries.enqueued_ms(*row) / 1000 for row in oldest), default=0.0)
    pending = int(group.get("pending", 0))
    lag = group.get("lag")
    # Redis doesn't always know the lag. Done work is deleted: what is there and not pending, waits.
    waiting = max(0, length - pending) if lag is None else int(lag)
    return LaneStats(waiting, pending, max(0.0, age_seconds), int(group.get("consumers", 0)))


async def _group(redis: Client, stream: str) -> Mapping[str, Any]:
    """Facts of the workers' group; empty when there is none yet."""
    try:
        groups = await redis.xinfo_groups(stream)
    except ResponseError:
        return {}
    return next((group for group in groups if group["name"] == GROUP.encode()), dict[str, Any]())
