"""Objects that are decoded together are stored together, up to the bound of one insert."""

import asyncio
import itertools
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import pytest
from typing_extensions import override

from elasticdash.shared.blobs.folder import FolderBlobStore
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.domain import pricing
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.pricing import Pricer, PricingInput
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.schemas import raw_batch
from elasticdash.worker.ingestion.decoded import DecodedObject
from elasticdash.worker.ingestion.pipeline import Pipeline, PipelineLimits
from elasticdash.worker.ingestion.store import LinkPrompts, NoteExperiments, ObjectStore
from support import worker
from support.batch import unpriced
from support.otlp import make_span

OBJECTS = 6
# A decoder that is kept waiting on a loaded machine must not end a group early.
PATIENT_SECONDS = 120.0


@pytest.fixture
def blobs(tmp_path: Path) -> Generator[FolderBlobStore]:
    store = FolderBlobStore(tmp_path / "blobs")
    yield store
    store.close()


async def test_what_arrives_together_is_one_group(
    blobs: FolderBlobStore, clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    limits = PipelineLimits(max_wait_seconds=PATIENT_SECONDS)

    groups = await _groups(blobs, clickhouse, scope, limits)

    assert groups == [OBJECTS]


async def test_a_group_ends_at_the_bound_of_one_insert(
    blobs: FolderBlobStore, clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    limits = PipelineLimits(max_rows_per_insert=1, max_wait_seconds=PATIENT_SECONDS)

    groups = await _groups(blobs, clickhouse, scope, limits)

    assert groups == [1] * OBJECTS


async def test_objects_over_the_bound_in_memory_wait_for_the_next_group(
    blobs: FolderBlobStore, clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    limits = PipelineLimits(max_objects_in_memory=OBJECTS // 2, max_wait_seconds=PATIENT_SECONDS)

    groups = await _groups(blobs, clickhouse, scope, limits)

    assert groups == [OBJECTS // 2] * 2


async def test_a_group_ends_at_the_bytes_of_one_insert(
    blobs: FolderBlobStore, clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    limits = PipelineLimits(max_bytes_per_insert=1, max_wait_seconds=PATIENT_SECONDS)

    groups = await _groups(blobs, clickhouse, scope, limits)

    assert groups == [1] * OBJECTS


async def test_nothing_more_is_decoded_while_the_next_group_is_full(
    blobs: FolderBlobStore, clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    keys = await _keys_of_objects(blobs, scope)
    store = _StandingStore(clickhouse, _unlinked, _unnoted, worker.now_ms)
    priced: list[PricingInput] = []

    async def noting(scope: ProjectScope) -> Pricer:
        return lambda given: priced.append(given) or pricing.NOTHING

    pipeline = Pipeline(blobs, store, noting, PipelineLimits(max_rows_per_insert=1))
    running = asyncio.gather(*(pipeline.process(key) for key in keys))
    await store.entered.wait()
    await asyncio.sleep(0.3)
    decoded_meanwhile = len(priced)
    store.may_go.set()
    await running

    await pipeline.close()
    assert decoded_meanwhile <= 2, "one is being stored, one is next"
    assert len(priced) == OBJECTS


class _StandingStore(ObjectStore):
    """Stores nothing until it may."""

    def __init__(
        self,
        clickhouse: ClickHouse,
        link_prompts: LinkPrompts,
        note_experiments: NoteExperiments,
        now_ms: Callable[[], int],
    ) -> None:
        super().__init__(clickhouse, link_prompts, note_experiments, now_ms)
        self.entered, self.may_go = asyncio.Event(), asyncio.Event()

    @override
    async def store(self, objects: Sequence[DecodedObject], prices: dict[ProjectScope, Pricer]) -> None:
        self.entered.set()
        await self.may_go.wait()
        await super().store(objects, prices)


async def _keys_of_objects(blobs: FolderBlobStore, scope: ProjectScope) -> list[str]:
    """OBJECTS raw objects of one span each, of a call of a model."""
    keys = [f"raw/{scope.project_id}/2026/01/15/10/{number}.edr" for number in range(OBJECTS)]
    for number, key in enumerate(keys, 1):
        span = make_span({"gen_ai.request.model": "m"}, spanId=f"{number:016x}")
        await blobs.put(key, raw_batch.encode([worker.make_export(scope, span)]))
    return keys


async def _groups(
    blobs: FolderBlobStore, clickhouse: ClickHouse, scope: ProjectScope, limits: PipelineLimits
) -> list[int]:
    """How many objects each group held, in order, when OBJECTS of one span each arrive at once."""
    keys = await _keys_of_objects(blobs, scope)
    # Every look at this clock is later than the one before: completion marks of one group alone are equal.
    clock = itertools.count(worker.now_ms())
    pipeline = Pipeline(blobs, ObjectStore(clickhouse, _unlinked, _unnoted, lambda: next(clock)), _unpriced, limits)

    await asyncio.gather(*(pipeline.process(key) for key in keys))

    await pipeline.close()
    marks = SystemStatement(
        "marks",
        "SELECT processed_at, count() AS objects FROM processed_batches WHERE batch_key IN {keys:Array(String)}"
        " GROUP BY processed_at ORDER BY processed_at",
        {"keys": keys},
    )
    return [int(row["objects"]) for row in await clickhouse.fetch_system(marks)]


async def _unpriced(scope: ProjectScope) -> Pricer:
    return unpriced


async def _unlinked(scope: ProjectScope, observations: Sequence[Observation]) -> Sequence[Observation]:
    return observations


async def _unnoted(scope: ProjectScope, observations: Sequence[Observation]) -> None:
    """There is no metadata store here."""
