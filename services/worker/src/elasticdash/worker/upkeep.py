"""What the worker does on a schedule: sweep, expire raw objects, sum up hours, apply retention."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from elasticdash.shared.clickhouse import retention
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.postgres import retentions
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.leader_lock import LeaderLock
from elasticdash.shared.telemetry import logs
from elasticdash.worker import hourly_sums
from elasticdash.worker.erasure import Erasure
from elasticdash.worker.ingestion.sweep import Sweeper
from elasticdash.worker.media import MediaErasure
from elasticdash.worker.remarks import RemarksErasure

log = structlog.get_logger()

_DAY_MS = 24 * 3600 * 1000
# What was accepted before a project's deletion may be processed this much later.
_ERASED_AGAIN_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class UpkeepIntervals:
    """How often each part runs, how long processed raw objects are kept, and media that belong to nothing."""

    sweep: timedelta
    retention: timedelta
    raw_retention: timedelta
    media_grace: timedelta


@dataclass(frozen=True, slots=True)
class UpkeepStores:
    """What upkeep works with."""

    sweeper: Sweeper
    erasure: Erasure
    media: MediaErasure
    remarks: RemarksErasure
    clickhouse: ClickHouse
    database: Database


class Upkeep:
    """Runs beside the pipeline until cancelled; one failure never stops the next round.

    Of workers on the same stores only the one that holds `leader` does anything.
    """

    def __init__(self, stores: UpkeepStores, intervals: UpkeepIntervals, leader: LeaderLock) -> None:
        self._stores = stores
        self._intervals = intervals
        self._leader = leader

    async def run(self, sweep_once: Callable[[], Awaitable[int]], replay_once: Callable[[], Awaitable[int]]) -> None:
        """Sweep, replay, erase, expire, sum every sweep interval; retention at once and every retention interval."""
        retention_due = time.monotonic()
        while True:
            if time.monotonic() >= retention_due and await self._leader.is_held():
                await _surviving("retention", self.apply_retention)
                retention_due = time.monotonic() + self._intervals.retention.total_seconds()
            await asyncio.sleep(self._intervals.sweep.total_seconds())
            if await self._leader.is_held():
                await _surviving("sweep", sweep_once)
                await _surviving("replay", replay_once)
                await _surviving("erase", self.erase)
                await _surviving("expire_raw", self.expire_raw)
                await _surviving("sum_hours", self.sum_hours)

    async def apply_retention(self) -> None:
        """Delete what projects no longer want to keep."""
        async with self._stores.database.reading() as session:
            wanted = await retentions.list_retentions(session)
        now_ms = int(time.time() * 1000)
        for scope, days in wanted:
            await retention.delete_before(self._stores.clickhouse, scope, now_ms - days * _DAY_MS)
            before = datetime.now(UTC) - timedelta(days=days)
            await self._stores.media.expire(scope, before)
            await self._stores.remarks.expire(scope, before)

    async def erase(self) -> None:
        """Take away what is left of deleted projects, late ones included, and of deleted traces."""
        async with self._stores.database.reading() as session:
            deleted = await retentions.list_deleted(session, datetime.now(UTC) - _ERASED_AGAIN_FOR)
        for scope in deleted:
            await self._stores.erasure.erase_project(scope)
            await self._stores.media.erase_project(scope)
            await self._stores.remarks.erase_project(scope)
        await self._stores.erasure.erase_quarantined()
        await self._stores.media.erase_unlinked()

    async def expire_raw(self) -> int:
        """Delete processed raw objects that are old enough; returns how many."""
        return await self._stores.sweeper.delete_expired(self._intervals.raw_retention)

    async def sum_hours(self) -> int:
        """Make the sums of hours that changed; returns of how many."""
        return await hourly_sums.make(self._stores.clickhouse, datetime.now(UTC))


async def _surviving(name: str, run: Callable[[], Awaitable[object]]) -> None:
    try:
        await run()
    except Exception as error:  # noqa: BLE001 the next round may succeed
        log.error("upkeep_failed", part=name, **logs.describe_error(error))
