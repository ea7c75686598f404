"""The sweeper finds what was never processed, looks at settled hours once, and deletes what is old and done."""

import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from elasticdash.shared.blobs.folder import FolderBlobStore
from elasticdash.shared.clickhouse import merging
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.ids import new_id
from elasticdash.worker.ingestion.sweep import Sweeper

pytestmark = pytest.mark.both_engines
NOW = datetime(2026, 1, 15, 12, 30, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def blobs(tmp_path: Path) -> Generator[FolderBlobStore]:
    store = FolderBlobStore(tmp_path / "blobs")
    yield store
    store.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sweeper(blobs: FolderBlobStore, clickhouse: ClickHouse, clock: Clock) -> Sweeper:
    return Sweeper(blobs, clickhouse, clock)


async def put_object(blobs: FolderBlobStore, hours_ago: int) -> str:
    moment = NOW - timedelta(hours=hours_ago)
    key = f"raw/p/{moment:%Y/%m/%d/%H}/{new_id()}.edr"
    await blobs.put(key, b"x")
    return key


async def mark_done(clickhouse: ClickHouse, *keys: str) -> None:
    await merging.insert_processed_batches(clickhouse, keys, int(time.time() * 1000))


async def test_unprocessed_objects_of_every_age_are_found(
    sweeper: Sweeper, blobs: FolderBlobStore, clickhouse: ClickHouse
):
    old, done, fresh = [await put_object(blobs, hours_ago) for hours_ago in (200, 3, 0)]
    await mark_done(clickhouse, done)

    assert await sweeper.unprocessed_keys() == [old, fresh]


async def test_an_unprocessed_object_is_found_again_until_it_is_done(
    sweeper: Sweeper, blobs: FolderBlobStore, clickhouse: ClickHouse
):
    old = await put_object(blobs, 30)

    first, second = await sweeper.unprocessed_keys(), await sweeper.unprocessed_keys()
    await mark_done(clickhouse, old)

    assert (first, second) == ([old], [old])
    assert await sweeper.unprocessed_keys() == []


async def test_a_restarted_sweeper_starts_where_everything_was_processed(
    blobs: FolderBlobStore, clickhouse: ClickHouse, clock: Clock, sweeper: Sweeper
):
    await sweeper.unprocessed_keys()
    await put_object(blobs, 5)
    recent = await put_object(blobs, 1)

    assert await Sweeper(blobs, clickhouse, clock).unprocessed_keys() == [recent]


async def test_expired_objects_are_deleted_only_when_done(
    sweeper: Sweeper, blobs: FolderBlobStore, clickhouse: ClickHouse
):
    done, unfinished, young = [await put_object(blobs, hours_ago) for hours_ago in (30, 40, 5)]
    await mark_done(clickhouse, done, young)

    deleted = await sweeper.delete_expired(timedelta(hours=24))

    assert deleted == 1
    assert await blobs.list_keys("raw/") == sorted([unfinished, young])
