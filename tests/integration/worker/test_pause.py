"""Faults of ours or of the store stop the worker instead of filling the quarantine; when they are mended it goes on."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path

import pytest

from elasticdash.shared.blobs.folder import FolderBlobStore
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.domain.pricing import Pricer
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.migrate import clickhouse as clickhouse_migrations
from elasticdash.shared.schemas import raw_batch
from elasticdash.worker.ingestion.pipeline import Pipeline, PipelineLimits
from support import clickhouse_faults, worker
from support.batch import unpriced
from support.clickhouse import MIGRATIONS
from support.clickhouse_faults import Faults
from support.otlp import make_span
from support.servers import clickhouse as servers
from support.servers.clickhouse import ClickHouseServer

TIMEOUT_SECONDS = 60.0
COUNT = ProjectQuery("count", "SELECT count() AS n FROM observations WHERE project_id = {project_id:String}")
QUICK = PipelineLimits(first_retry_seconds=0.02, longest_retry_seconds=0.1, most_refused_in_a_row=3)


@pytest.fixture(scope="module")
def server() -> Generator[ClickHouseServer]:
    with servers.running() as running:
        engine = ClickHouse(running.url)
        asyncio.run(clickhouse_migrations.migrate(engine, MIGRATIONS))
        engine.close()
        yield running


@pytest.fixture
def faults(server: ClickHouseServer) -> Generator[Faults]:
    with clickhouse_faults.between(server.url) as spoiled:
        yield spoiled


@pytest.fixture
def engine(faults: Faults) -> Generator[ClickHouse]:
    opened = ClickHouse(faults.url)
    yield opened
    opened.close()


@pytest.fixture
def blobs(tmp_path: Path) -> Generator[FolderBlobStore]:
    store = FolderBlobStore(tmp_path / "blobs")
    yield store
    store.close()


@pytest.fixture
async def pipeline(blobs: FolderBlobStore, engine: ClickHouse) -> AsyncGenerator[Pipeline]:
    async def pricer_of(scope: ProjectScope) -> Pricer:
        return unpriced

    running = Pipeline(blobs, worker.make_store(engine), pricer_of, QUICK)
    yield running
    await running.close()


async def put(blobs: FolderBlobStore, scope: ProjectScope, *names: str) -> str:
    spans = [make_span({}, name=name, spanId=f"{number:016x}") for number, name in enumerate(names, 1)]
    key = f"raw/{scope.project_id}/2026/01/15/10/x.edr"
    await blobs.put(key, raw_batch.encode([worker.make_export(scope, *spans)]))
    return key


async def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def stored(engine: ClickHouse, scope: ProjectScope) -> int:
    [row] = await engine.fetch(scope, COUNT)
    return row["n"]


async def test_another_schema_pauses_until_it_is_mended(
    server: ClickHouseServer, pipeline: Pipeline, blobs: FolderBlobStore, engine: ClickHouse, scope: ProjectScope
):
    key = await put(blobs, scope, "a", "b")
    servers.execute(server.url, "RENAME TABLE observations TO gone")

    processing = asyncio.create_task(pipeline.process(key))
    await until(lambda: pipeline.paused_because is not None)
    servers.execute(server.url, "RENAME TABLE gone TO observations")
    await processing

    assert await stored(engine, scope) == 2
    assert pipeline.paused_because is None
    assert await blobs.list_keys("quarantine/") == []


async def test_many_refused_rows_pause_until_they_are_taken(
    server: ClickHouseServer, pipeline: Pipeline, blobs: FolderBlobStore, engine: ClickHouse, scope: ProjectScope
):
    key = await put(blobs, scope, *["poison"] * 5)
    servers.execute(server.url, "ALTER TABLE observations ADD CONSTRAINT no_poison CHECK name != 'poison'")

    processing = asyncio.create_task(pipeline.process(key))
    await until(lambda: pipeline.paused_because is not None)
    servers.execute(server.url, "ALTER TABLE observations DROP CONSTRAINT no_poison")
    await processing

    assert len(await blobs.list_keys("quarantine/")) == QUICK.most_refused_in_a_row
    assert await stored(engine, scope) == 5 - QUICK.most_refused_in_a_row


async def test_too_large_an_insert_is_halved(
    pipeline: Pipeline, blobs: FolderBlobStore, engine: ClickHouse, scope: ProjectScope, faults: Faults
):
    key = await put(blobs, scope, "a", "b", "c", "d")
    # Four rows, two, one: and one more time for the one.
    faults.next_inserts = [241, 241, 241, 241]

    await pipeline.process(key)

    assert await stored(engine, scope) == 4
    assert await blobs.list_keys("quarantine/") == []


@pytest.mark.parametrize("code", [202, 242, 252, 999])
async def test_a_busy_server_is_asked_until_it_takes_the_rows(
    pipeline: Pipeline, blobs: FolderBlobStore, engine: ClickHouse, scope: ProjectScope, faults: Faults, code: int
):
    key = await put(blobs, scope, "a")
    faults.next_inserts = [code] * 8

    await pipeline.process(key)

    assert await stored(engine, scope) == 1
    assert await blobs.list_keys("quarantine/") == []


async def test_a_killed_server_delays_and_loses_nothing(
    server: ClickHouseServer, pipeline: Pipeline, blobs: FolderBlobStore, engine: ClickHouse, scope: ProjectScope
):
    key = await put(blobs, scope, "a", "b")
    server.kill()

    processing = asyncio.create_task(pipeline.process(key))
    await asyncio.sleep(0.2)
    server.start()
    await processing

    assert await stored(engine, scope) == 2
