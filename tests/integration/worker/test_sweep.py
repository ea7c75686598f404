"""The sweeper finds what was never processed, looks at settled hours once, and deletes what is old and done."""

import itertools
import time
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from elasticdash.shared.blobs.folder import FolderBlobStore
from elasticdash.shared.blobs.s3 import S3BlobStore
from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.clickhouse import merging
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.ids import new_id, new_ulid
from elasticdash.worker.ingestion.sweep import Sweeper, SweepLimits
from support.servers.s3 import S3Server, running_s3

pytestmark = pytest.mark.both_engines
NOW = datetime(2026, 1, 15, 12, 30, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[S3Server]:
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[BlobStore]:
    if request.param == "folder":
        store: BlobStore = FolderBlobStore(tmp_path / "blobs")
    else:
        server: S3Server = request.getfixturevalue("s3_server")
        store = S3BlobStore(replace(server.config, prefix=f"{server.config.prefix}{new_id()}/"))
    yield store
    store.close()


@pytest.fixture(autouse=True)
async def nothing_settled(clickhouse: ClickHouse) -> None:
    """Forget what earlier tests found settled: all of them live at the same time of the same day."""
    await clickhouse.execute(SystemStatement("forget", "TRUNCATE TABLE swept_hours"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sweeper(blobs: BlobStore, clickhouse: ClickHouse, clock: Clock) -> Sweeper:
    return Sweeper(blobs, clickhouse, clock)


async def put_object(blobs: BlobStore, hours_ago: float, project: str = "p") -> str:
    moment = NOW - timedelta(hours=hours_ago)
    key = f"raw/{project}/{moment:%Y/%m/%d/%H}/{new_ulid(int(moment.timestamp() * 1000))}.edr"
    await blobs.put(key, b"x")
    return key


async def mark_done(clickhouse: ClickHouse, *keys: str) -> None:
    await merging.insert_processed_batches(clickhouse, keys, int(time.time() * 1000))


async def test_unprocessed_objects_of_every_age_are_found(sweeper: Sweeper, blobs: BlobStore, clickhouse: ClickHouse):
    old, done, fresh = [await put_object(blobs, hours_ago) for hours_ago in (200, 3, 0)]
    await mark_done(clickhouse, done)

    assert await sweeper.unprocessed_keys() == [old, fresh]


async def test_an_unprocessed_object_is_found_again_until_it_is_done(
    sweeper: Sweeper, blobs: BlobStore, clickhouse: ClickHouse
):
    old = await put_object(blobs, 30)

    first, second = await sweeper.unprocessed_keys(), await sweeper.unprocessed_keys()
    await mark_done(clickhouse, old)

    assert (first, second) == ([old], [old])
    assert await sweeper.unprocessed_keys() == []


async def test_a_restarted_sweeper_starts_where_everything_was_processed(
    blobs: BlobStore, clickhouse: ClickHouse, clock: Clock, sweeper: Sweeper
):
    await sweeper.unprocessed_keys()
    await put_object(blobs, 5)
    recent = await put_object(blobs, 1)

    assert await Sweeper(blobs, clickhouse, clock).unprocessed_keys() == [recent]


async def test_expired_objects_are_deleted_only_when_done(sweeper: Sweeper, blobs: BlobStore, clickhouse: ClickHouse):
    done, unfinished, young = [await put_object(blobs, hours_ago) for hours_ago in (30, 40, 5)]
    await mark_done(clickhouse, done, young)

    deleted = await sweeper.delete_expired(timedelta(hours=24))

    assert deleted == 1
    assert await blobs.list_keys("raw/") == sorted([unfinished, young])


async def test_an_object_that_appears_behind_done_ones_is_found_within_the_hour(
    sweeper: Sweeper, blobs: BlobStore, clickhouse: ClickHouse, clock: Clock
):
    await mark_done(clickhouse, await put_object(blobs, 1))
    await sweeper.unprocessed_keys()
    late = await put_object(blobs, 1.2)

    at_once = await sweeper.unprocessed_keys()
    clock.now = NOW + timedelta(hours=1)

    assert (at_once, await sweeper.unprocessed_keys()) == ([], [late])


async def test_a_round_is_bounded_and_no_project_is_left_out(blobs: BlobStore, clickhouse: ClickHouse, clock: Clock):
    keys = {project: [await put_object(blobs, 1, project) for _ in range(3)] for project in "abc"}
    sweeper = Sweeper(blobs, clickhouse, clock, SweepLimits(max_missing=4))

    rounds = [await sweeper.unprocessed_keys() for _ in range(3)]

    assert all(len(found) <= 4 for found in rounds)
    assert {key.split("/")[1] for key in itertools.chain(*rounds)} == set(keys)


async def test_what_is_no_raw_object_is_left_alone(sweeper: Sweeper, blobs: BlobStore):
    await blobs.put("raw/p/2026/01/15/11/.temporary", b"x")

    assert await sweeper.unprocessed_keys() == []
    assert await sweeper.delete_expired(timedelta(0)) == 0


async def test_rows_restored_from_a_backup_take_the_settled_hours_back(
    sweeper: Sweeper, blobs: BlobStore, clickhouse: ClickHouse, clock: Clock
):
    key = await put_object(blobs, 5)
    await mark_done(clickhouse, key)
    await sweeper.unprocessed_keys()
    for table in ("swept_hours", "processed_batches"):
        await clickhouse.execute(SystemStatement("restore", f"TRUNCATE TABLE {table}"))
    clock.now = NOW + timedelta(hours=1)

    assert await sweeper.unprocessed_keys() == [key]
