"""A row the engine refuses costs nothing but itself."""

import asyncio
import json
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from elasticdash.shared import errors
from elasticdash.shared.blobs.folder import FolderBlobStore
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import ProjectQuery, SystemStatement
from elasticdash.shared.domain.pricing import Pricer
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.schemas import raw_batch
from elasticdash.worker.ingestion.pipeline import Pipeline, PipelineLimits
from support import worker
from support.batch import unpriced
from support.otlp import make_span

pytestmark = pytest.mark.both_engines
NAMES = ProjectQuery(
    "names", "SELECT DISTINCT name FROM observations WHERE project_id = {project_id:String} ORDER BY name"
)


@pytest.fixture
def blobs(tmp_path: Path) -> Generator[FolderBlobStore]:
    store = FolderBlobStore(tmp_path / "blobs")
    yield store
    store.close()


@pytest.fixture
async def pipeline(blobs: FolderBlobStore, clickhouse: ClickHouse) -> AsyncGenerator[Pipeline]:
    async def pricer_of(scope: ProjectScope) -> Pricer:
        return unpriced

    running = Pipeline(blobs, worker.make_store(clickhouse), pricer_of, PipelineLimits())
    yield running
    await running.close()


@pytest.fixture
async def poison(clickhouse: ClickHouse) -> AsyncGenerator[str]:
    """A name that the engine refuses while the test runs."""
    add = "ALTER TABLE observations ADD CONSTRAINT no_poison CHECK name != 'poison'"
    await clickhouse.execute(SystemStatement("add_constraint", add))
    yield "poison"
    await clickhouse.execute(SystemStatement("drop", "ALTER TABLE observations DROP CONSTRAINT no_poison"))


async def test_only_the_refused_row_goes_to_quarantine(
    pipeline: Pipeline, blobs: FolderBlobStore, clickhouse: ClickHouse, scope: ProjectScope, poison: str
):
    spans = [make_span({}, name=name, spanId=f"{number:016x}") for number, name in enumerate(["a", poison, "b"], 1)]
    key = f"raw/{scope.project_id}/2026/01/15/10/x.edr"
    await blobs.put(key, raw_batch.encode([worker.make_export(scope, *spans)]))

    await pipeline.process(key)

    (quarantined,) = await blobs.list_keys("quarantine/")
    reason = json.loads(await blobs.get(quarantined))
    assert [name for (name,) in await clickhouse.fetch_tuples(scope, NAMES)] == ["a", "b"]
    assert (reason["key"], reason["observations"], reason["events"]) == (key, [1], [])


async def test_a_quarantine_that_cannot_be_written_stops_neither_the_row_nor_the_others(
    pipeline: Pipeline, blobs: FolderBlobStore, clickhouse: ClickHouse, scope: ProjectScope, poison: str, tmp_path: Path
):
    refused, good = (f"raw/{scope.project_id}/2026/01/15/10/{name}.edr" for name in ("refused", "good"))
    await blobs.put(refused, raw_batch.encode([worker.make_export(scope, make_span({}, name=poison))]))
    await blobs.put(good, raw_batch.encode([worker.make_export(scope, make_span({}, name="good"))]))
    in_the_way = tmp_path / "blobs" / "quarantine"
    in_the_way.write_text("where the folder belongs")

    with pytest.raises(errors.UnavailableError):
        await asyncio.wait_for(pipeline.process(refused), 30)

    await asyncio.wait_for(pipeline.process(good), 30)
    assert await clickhouse.fetch_tuples(scope, NAMES) == [("good",)]
    in_the_way.unlink()
    await asyncio.wait_for(pipeline.process(refused), 30)
    assert len(await blobs.list_keys("quarantine/")) == 1


async def test_a_damaged_object_goes_to_quarantine_and_the_next_is_stored(
    pipeline: Pipeline, blobs: FolderBlobStore, clickhouse: ClickHouse, scope: ProjectScope
):
    damaged, good = (f"raw/{scope.project_id}/2026/01/15/10/{name}.edr" for name in ("damaged", "good"))
    whole = raw_batch.encode([worker.make_export(scope, make_span({}, name="good"))])
    await blobs.put(damaged, whole[:-3])
    await blobs.put(good, whole)

    await pipeline.process(damaged)
    await pipeline.process(good)

    assert len(await blobs.list_keys("quarantine/")) == 1
    assert await clickhouse.fetch_tuples(scope, NAMES) == [("good",)]
