"""The whole worker on a Redis queue: stores, acknowledges, sweeps what the queue lost and nothing it still holds."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from elasticdash.shared.blobs.folder import FolderBlobStore
from elasticdash.shared.blobs.media_folder import MediaFolder
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.model_prices.catalogues import Catalogues
from elasticdash.shared.queue.connection import RedisConfig
from elasticdash.shared.queue.lanes import QueueKeys
from elasticdash.shared.schemas import raw_batch
from elasticdash.worker.app import Worker, WorkerStores
from elasticdash.worker.ingestion.pipeline import PipelineLimits
from elasticdash.worker.upkeep import UpkeepIntervals
from support import metadata
from support.otlp import make_span
from support.queue import TestQueue, until, with_limits
from support.servers.redis import redis_url
from support.worker import make_export

__all__ = ["redis_url"]

NAMES = ProjectQuery(
    "names", "SELECT DISTINCT name FROM observations WHERE project_id = {project_id:String} ORDER BY name"
)
SELDOM = UpkeepIntervals(
    sweep=timedelta(hours=1),
    retention=timedelta(hours=1),
    raw_retention=timedelta(hours=24),
    media_grace=timedelta(hours=1),
)


@pytest.fixture
async def queue(redis_url: str) -> AsyncGenerator[TestQueue]:
    """A queue no other test uses."""
    async with Redis.from_url(redis_url, protocol=2) as redis:  # pyright: ignore[reportUnknownMemberType] half typed
        yield TestQueue(RedisConfig(url=redis_url), QueueKeys(f"test-{secrets.token_hex(6)}:"), redis)


@pytest.fixture
async def blobs(tmp_path: Path) -> AsyncGenerator[FolderBlobStore]:
    """Raw objects of this test."""
    store = FolderBlobStore(tmp_path / "blobs")
    yield store
    store.close()


@asynccontextmanager
async def working(
    queue: TestQueue, blobs: FolderBlobStore, clickhouse: ClickHouse, folder: Path
) -> AsyncGenerator[int]:
    """A worker until the block ends; gives how many objects its first sweep enqueued."""
    broker = queue.broker(with_limits(reclaim_after_seconds=3600))
    async with metadata.opened(folder) as database:
        stores = WorkerStores(blobs, MediaFolder(folder / "files"), clickhouse, database, broker, Catalogues([]))
        worker = Worker(stores, PipelineLimits(), SELDOM)
        try:
            yield await worker.start()
        finally:
            await worker.drain(5)
            await worker.close()
            await broker.shutdown()


async def put_object(blobs: FolderBlobStore, scope: ProjectScope, name: str) -> str:
    key = raw_batch.object_key(scope.project_id, int(datetime.now(UTC).timestamp() * 1_000_000))
    span = make_span({}, name=name, spanId=secrets.token_hex(8))
    await blobs.put(key, raw_batch.encode([make_export(scope, span)]))
    return key


async def test_an_enqueued_object_is_stored_and_then_acknowledged(
    queue: TestQueue, blobs: FolderBlobStore, clickhouse: ClickHouse, scope: ProjectScope, tmp_path: Path
):
    async with working(queue, blobs, clickhouse, tmp_path):
        await queue.enqueue(await put_object(blobs, scope, "stored"))
        await until(lambda: _is_empty(queue), "acknowledged")

        assert await clickhouse.fetch_tuples(scope, NAMES) == [("stored",)]


async def test_what_the_queue_lost_is_swept(
    queue: TestQueue, blobs: FolderBlobStore, clickhouse: ClickHouse, scope: ProjectScope, tmp_path: Path
):
    await put_object(blobs, scope, "lost")

    async with working(queue, blobs, clickhouse, tmp_path) as swept:
        await until(lambda: _is_empty(queue), "acknowledged")

        assert (swept, await clickhouse.fetch_tuples(scope, NAMES)) == (1, [("lost",)])


async def test_what_the_queue_still_holds_is_not_swept(
    queue: TestQueue, blobs: FolderBlobStore, clickhouse: ClickHouse, scope: ProjectScope, tmp_path: Path
):
    async with working(queue, blobs, clickhouse, tmp_path):
        pass
    await queue.enqueue(await put_object(blobs, scope, "with another worker"))
    await queue.crash_with(1, consumer="another")

    async with working(queue, blobs, clickhouse, tmp_path) as swept:
        assert (swept, await queue.length()) == (0, 1)


async def _is_empty(queue: TestQueue) -> bool:
    return await queue.length() == 0
