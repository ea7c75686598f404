"""What the worker does on a schedule: sweep, expire raw objects, apply retention."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from elasticdash.shared.clickhouse import retention
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.postgres import retentions
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.telemetry import logs
from elasticdash.worker.ingestion.sweep import Sweeper

log = structlog.get_logger()

_DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class UpkeepIntervals:
    """How often each part runs, and how long processed raw objects are kept."""

    sweep: timedelta
    retention: timedelta
    raw_retention: timedelta


class Upkeep:
    """Runs beside the pipeline until cancelled; one failure never stops the next round."""

    def __init__(
        self, sweeper: Sweeper, clickhouse: ClickHouse, database: Database, intervals: UpkeepIntervals
    ) -> None:
        self._sweeper = sweeper
        self._clickhouse = clickhouse
        self._database = database
        self._intervals = intervals

    async def run(self, sweep_once: Callable[[], Awaitable[int]], replay_once: Callable[[], Awaitable[int]]) -> None:
        """Sweep, replay and expire every sweep interval; apply retention at once and every retention interval."""
        retention_due = time.monotonic()
        while True:
            if time.monotonic() >= retention_due:
                await _surviving("retention", self.apply_retention)
                retention_due = time.monotonic() + self._intervals.retention.total_seconds()
            await asyncio.sleep(self._intervals.sweep.total_seconds())
            await _surviving("sweep", sweep_once)
            await _surviving("replay", replay_once)
            await _surviving("expire_raw", self.expire_raw)

    async def apply_retention(self) -> None:
        """Delete what projects no longer want to keep."""
        async with self._database.reading() as session:
            wanted = await retentions.list_retentions(session)
        now_ms = int(time.time() * 1000)
        for scope, days in wanted:
            await retention.delete_before(self._clickhouse, scope, now_ms - days * _DAY_MS)

    async def expire_raw(self) -> int:
        """Delete processed raw objects that are old enough; returns how many."""
        return await self._sweeper.delete_expired(self._intervals.raw_retention)


async def _surviving(name: str, run: Callable[[], Awaitable[object]]) -> None:
    try:
        await run()
    except Exception as error:  # noqa: BLE001 the next round may succeed
        log.error("upkeep_failed", part=name, **logs.describe_error(error))
