"""What was quarantined is kept, shown, and stored once it is replayed after the fault is mended."""

from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from elasticdash.shared.blobs.folder import FolderBlobStore
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import ProjectQuery, SystemStatement
from elasticdash.shared.domain.pricing import Pricer
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.schemas import raw_batch
from elasticdash.standalone.replaying import Replaying
from elasticdash.worker.ingestion.pipeline import Pipeline, PipelineLimits
from elasticdash.worker.ingestion.replays import Replays
from elasticdash.worker.ingestion.sweep import Sweeper
from support import worker
from support.batch import unpriced
from support.otlp import make_span

NAMES = ProjectQuery(
    "names", "SELECT DISTINCT name FROM observations WHERE project_id = {project_id:String} ORDER BY name"
)
ADD_FAULT = "ALTER TABLE observations ADD CONSTRAINT no_faulty CHECK name != 'faulty'"
MEND_FAULT = "ALTER TABLE observations DROP CONSTRAINT IF EXISTS no_faulty"


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


async def mend(clickhouse: ClickHouse) -> None:
    await clickhouse.execute(SystemStatement("mend", MEND_FAULT))


@pytest.fixture
async def quarantined(
    pipeline: Pipeline, blobs: FolderBlobStore, clickhouse: ClickHouse, scope: ProjectScope
) -> AsyncGenerator[str]:
    """Key of a raw object with one row of two that the engine refused; the fault lasts until it is mended."""
    await clickhouse.execute(SystemStatement("fault", ADD_FAULT))
    spans = [make_span({}, name=name, spanId=f"{number:016x}") for number, name in enumerate(["good", "faulty"], 1)]
    key = f"raw/{scope.project_id}/2026/01/15/10/x.edr"
    await blobs.put(key, raw_batch.encode([worker.make_export(scope, *spans)]))
    await pipeline.process(key)
    yield key
    await mend(clickhouse)


async def test_what_is_in_quarantine_is_listed_with_its_reason(blobs: FolderBlobStore, quarantined: str):
    (failed,) = await Replaying(blobs, None).find(limit=10)

    assert (failed.kind, failed.subject) == ("1 row", quarantined)
    assert "refused" in failed.reason


async def test_a_replayed_row_is_stored_after_the_fault_was_mended(
    blobs: FolderBlobStore, pipeline: Pipeline, clickhouse: ClickHouse, scope: ProjectScope, quarantined: str
):
    replaying = Replaying(blobs, None)
    (failed,) = await replaying.find(limit=10)
    await mend(clickhouse)

    assert await replaying.replay(failed)
    assert await Replays(blobs, pipeline.process).run() == 1

    assert await clickhouse.fetch_tuples(scope, NAMES) == [("faulty",), ("good",)]
    assert await blobs.list_keys("quarantine/") + await blobs.list_keys("replay/") == []


async def test_a_row_replayed_too_early_is_in_quarantine_again(
    blobs: FolderBlobStore, pipeline: Pipeline, quarantined: str
):
    replaying = Replaying(blobs, None)
    (first,) = await replaying.find(limit=10)

    await replaying.replay(first)
    await Replays(blobs, pipeline.process).run()

    (second,) = await replaying.find(limit=10)
    assert second.id != first.id


async def test_the_raw_object_of_a_quarantined_row_is_not_deleted(
    blobs: FolderBlobStore, clickhouse: ClickHouse, quarantined: str
):
    sweeper = Sweeper(blobs, clickhouse, lambda: datetime(2026, 3, 1, tzinfo=UTC))

    await sweeper.delete_expired(timedelta(hours=1))
    before = await blobs.list_keys("raw/")
    (note,) = await blobs.list_keys("quarantine/")
    await blobs.delete([note])
    await sweeper.delete_expired(timedelta(hours=1))

    assert (before, await blobs.list_keys("raw/")) == ([quarantined], [])
