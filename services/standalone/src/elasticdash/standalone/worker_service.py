"""Puts the worker together on open stores."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.model_prices import built_in
from elasticdash.shared.model_prices.catalogues import Catalogues
from elasticdash.shared.settings.model import Settings
from elasticdash.shared.settings.settled_webhook import SettledWebhookSettings
from elasticdash.shared.settings.worker import WorkerSettings
from elasticdash.standalone.stores import Stores
from elasticdash.worker.app import Worker, WorkerStores
from elasticdash.worker.ingestion.pipeline import PipelineLimits
from elasticdash.worker.settled.announcer import Announcer, AnnouncerLimits
from elasticdash.worker.settled.delivery import Delivery, Receiver
from elasticdash.worker.upkeep import UpkeepIntervals


@asynccontextmanager
async def opened(stores: Stores, settings: Settings) -> AsyncGenerator[Worker]:
    """A worker that is not started yet; when the block ends it finishes what it has within its drain time."""
    catalogues = await asyncio.to_thread(lambda: Catalogues(built_in.current_models().values()))
    worker = Worker(
        WorkerStores(stores.blobs, stores.media, stores.clickhouse, stores.database, stores.broker, catalogues),
        _pipeline_limits(settings.worker),
        _upkeep_intervals(settings),
        announcer_of(stores.clickhouse, settings.settled_webhook),
    )
    try:
        yield worker
    finally:
        await worker.drain(settings.worker.drain_timeout_seconds)
        await worker.close()


def _pipeline_limits(settings: WorkerSettings) -> PipelineLimits:
    return PipelineLimits(
        max_rows_per_insert=settings.max_rows_per_insert,
        max_wait_seconds=settings.max_wait_ms / 1000,
        max_objects_in_memory=settings.max_objects_in_flight,
    )


def _upkeep_intervals(settings: Settings) -> UpkeepIntervals:
    return UpkeepIntervals(
        sweep=timedelta(seconds=settings.worker.sweep_interval_seconds),
        retention=timedelta(minutes=settings.worker.retention_interval_minutes),
        raw_retention=timedelta(hours=settings.worker.raw_retention_hours),
        # While a URL to send it is valid, a file may still arrive.
        media_grace=timedelta(seconds=settings.media.upload_url_seconds),
    )


def announcer_of(clickhouse: ClickHouse, settings: SettledWebhookSettings) -> Announcer | None:
    """What tells of settled traces; None where nobody is to be told."""
    if not settings.url or not settings.secret:
        return None
    receiver = Receiver(
        settings.url.get_secret_value(),
        settings.secret.get_secret_value(),
        settings.timeout_seconds,
        settings.networks(),
    )
    limits = AnnouncerLimits(idle=timedelta(seconds=settings.idle_seconds), max_attempts=settings.max_attempts)

    def now() -> datetime:
        return datetime.now(UTC)

    return Announcer(clickhouse, Delivery(receiver, now), now, limits)
