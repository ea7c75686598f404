"""How much accepted work is unfinished: read on a timer, asked by metrics, by autoscalers and before accepting more."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from elasticdash.shared import errors
from elasticdash.shared.telemetry import logs, metrics

log = structlog.get_logger()

INTERVAL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """Batches no worker has taken, batches a worker has taken and not finished, and the age of the oldest of both."""

    lag: int
    pending: int
    oldest_age_seconds: float


class BacklogWatch:
    """The backlog as last read; None while it isn't known."""

    def __init__(self, read: Callable[[], Awaitable[Backlog]]) -> None:
        self._read = read
        self.latest: Backlog | None = None

    @asynccontextmanager
    async def watching(self) -> AsyncGenerator[None]:
        """Read again and again until the block ends."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def read_once(self) -> None:
        """Read now; what can't be read is unknown from then on."""
        try:
            self.latest = await self._read()
        except errors.ElasticDashError as error:
            self.latest = None
            log.warning("backlog_unknown", **logs.describe_error(error))
            return
        metrics.QUEUE_LAG.set(self.latest.lag)
        metrics.QUEUE_PENDING.set(self.latest.pending)
        metrics.QUEUE_OLDEST_AGE_SECONDS.set(self.latest.oldest_age_seconds)

    async def _run(self) -> None:
        while True:
            await self.read_once()
            await asyncio.sleep(INTERVAL_SECONDS)
