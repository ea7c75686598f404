"""The worker: a pipeline, and the tasks that feed it."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from taskiq import AsyncBroker

from elasticdash.shared import errors
from elasticdash.shared.backlog import Backlog
from elasticdash.shared.blobs.media import MediaStore
from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.model_prices.catalogues import Catalogues
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.leader_lock import LeaderLock
from elasticdash.shared.queue import outstanding
from elasticdash.shared.queue.consumer import Consumer
from elasticdash.shared.queue.sending import Sender
from elasticdash.shared.queue.stream_broker import StreamBroker
from elasticdash.shared.schemas import jobs
from elasticdash.shared.telemetry import metrics, tracing
from elasticdash.worker.erasure import Erasure
from elasticdash.worker.experiment_runs import ExperimentRuns
from elasticdash.worker.ingestion.pipeline import Pipeline, PipelineLimits
from elasticdash.worker.ingestion.replays import Replays
from elasticdash.worker.ingestion.store import ObjectStore
from elasticdash.worker.ingestion.sweep import Sweeper
from elasticdash.worker.media import MediaErasure
from elasticdash.worker.pricing import Pricers
from elasticdash.worker.prompt_links import PromptLinks
from elasticdash.worker.remarks import RemarksErasure
from elasticdash.worker.settled.announcer import Announcer
from elasticdash.worker.upkeep import Upkeep, UpkeepIntervals, UpkeepStores

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WorkerStores:
    """What a worker reads and writes."""

    blobs: BlobStore
    media: MediaStore
    clickhouse: ClickHouse
    database: Database
    broker: AsyncBroker
    catalogues: Catalogues


class Worker:
    """Processes raw objects until closed."""

    def __init__(
        self,
        stores: WorkerStores,
        limits: PipelineLimits,
        intervals: UpkeepIntervals,
        announcer: Announcer | None = None,
    ) -> None:
        self._stores = stores
        self._announcer = announcer
        self._sweeper = Sweeper(stores.blobs, stores.clickhouse, now=lambda: datetime.now(UTC))
        self._leader = LeaderLock(stores.database)
        pricer_of = Pricers(stores.database, stores.catalogues).of
        erasure = Erasure(stores.blobs, stores.clickhouse, pricer_of)
        media = MediaErasure(stores.media, stores.database, intervals.media_grace)
        kept_up = UpkeepStores(
            self._sweeper, erasure, media, RemarksErasure(stores.database), stores.clickhouse, stores.database
        )
        self._upkeep = Upkeep(kept_up, intervals, self._leader)
        link_prompts = PromptLinks(stores.database).linked
        note_experiments = ExperimentRuns(stores.database, lambda: datetime.now(UTC)).note
        store = ObjectStore(stores.clickhouse, link_prompts, note_experiments, now_ms=lambda: int(time.time() * 1000))
        self._pipeline = Pipeline(stores.blobs, store, pricer_of, limits)
        self._replays = Replays(stores.blobs, self._process)
        self._sender = Sender(stores.broker)
        self._consumer = Consumer(stores.broker) if isinstance(stores.broker, StreamBroker) else None
        self._in_progress: dict[str, float] = {}
        self._beside: list[asyncio.Task[None]] = []

        async def process(key: str) -> None:
            await self._process(key)

        stores.broker.register_task(process, task_name=jobs.ProcessRawBatch.task_name)

    async def start(self) -> int:
        """Hand over what an earlier process left unfinished, start to work; returns how many objects.

        ConfigurationError when the queue's server is set up to lose work.
        """
        if self._consumer:
            await self._consumer.start()
        count = await self._sweep() if await self._leader.is_held() else 0
        self._beside.append(asyncio.create_task(self._upkeep.run(self._sweep, self._replays.run)))
        if self._announcer:
            self._beside.append(asyncio.create_task(self._announcer.run(self._leader)))
        return count

    async def drain(self, timeout_seconds: float) -> bool:
        """Read no more and wait until nothing is in progress; False when the time ran out and the rest goes back."""
        if self._consumer:
            return await self._consumer.stop(timeout_seconds)
        deadline = time.monotonic() + timeout_seconds
        while self._in_progress and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        return not self._in_progress

    async def backlog(self) -> Backlog:
        """What this process has taken and not finished."""
        oldest = min(self._in_progress.values(), default=None)
        age_seconds = 0.0 if oldest is None else time.monotonic() - oldest
        return Backlog(lag=0, pending=len(self._in_progress), oldest_age_seconds=age_seconds)

    @property
    def problem(self) -> str | None:
        """Why nothing is stored now; None while all is well."""
        return self._pipeline.paused_because

    async def close(self) -> None:
        """Stop; unfinished raw objects are found again at the next start."""
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        if self._announcer:
            await self._announcer.close()
        await self._leader.release()
        await self._pipeline.close()

    async def _process(self, key: str) -> None:
        if key in self._in_progress:
            return
        self._in_progress[key] = time.monotonic()
        try:
            with tracing.traced(tracing.Kind.JOB, jobs.ProcessRawBatch.task_name) as span:
                span.attributes["elasticdash.raw_object"] = key
                await self._pipeline.process(key)
        finally:
            self._in_progress.pop(key)

    async def _sweep(self) -> int:
        """Enqueues what is not processed and not in the queue either; returns how many."""
        with metrics.SWEEP_FAILURES.count_exceptions():
            missing = await self._sweeper.unprocessed_keys()
        try:
            held = await outstanding.subjects(self._stores.broker) if missing else set[str]()
            lost = [key for key in missing if key not in held]
            for key in lost:
                await self._sender.enqueue(jobs.ProcessRawBatch(key))
        except errors.UnavailableError as error:
            metrics.SWEEP_FAILURES.inc()
            log.warning("sweep_postponed", error=str(error))
            return 0
        metrics.SWEEPS.inc()
        metrics.SWEPT_OBJECTS.inc(len(lost))
        return len(lost)
