"""What was deleted stays deleted, whatever is replayed or comes late."""

import asyncio
import itertools
import random
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elasticdash.shared.blobs.folder import FolderBlobStore
from elasticdash.shared.clickhouse import deletion
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import PROJECT_TABLES, ProjectQuery
from elasticdash.shared.domain.pricing import Pricer
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import new_ulid
from elasticdash.shared.schemas import quarantine, raw_batch
from elasticdash.worker import hourly_sums
from elasticdash.worker.erasure import Erasure
from elasticdash.worker.ingestion.decoded import DecodedObject
from support import worker
from support.batch import at, make_event, unpriced
from support.clickhouse import new_scope
from support.otlp import make_span
from support.stored import everything_visible

# Examples by the dozen, each of dozens of statements, beside another process of tests.
pytestmark = pytest.mark.timeout(900)

TRACE_ID = "aa" * 16
OTHER_ID = "bb" * 16
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


def objects_about(scope: ProjectScope, trace_id: str) -> list[DecodedObject]:
    """Raw objects that speak of a trace in every way there is."""
    statements = [
        make_event("trace-create", 0, {"id": trace_id, "timestamp": at(0)}),
        make_event("trace-create", 1, {"id": trace_id, "timestamp": at(90), "name": "moved"}),
        make_event("span-create", 2, {"id": f"o-{trace_id}", "traceId": trace_id, "startTime": at(0)}),
        make_event("span-update", 3, {"id": f"o-{trace_id}", "traceId": trace_id, "output": "late"}),
        make_event("score-create", 4, {"id": f"s-{trace_id}", "traceId": trace_id, "name": "n", "value": 1}),
    ]
    exports = [worker.make_export(scope, make_span({}, traceId=trace_id, spanId=f"{n:016x}")) for n in (1, 2)]
    return [worker.decoded_of(batch) for batch in (*(worker.make_batch(scope, [s]) for s in statements), *exports)]


@given(st.randoms(use_true_random=False), st.integers(0, 7), st.integers(1, 3))
@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
def test_a_trace_deleted_at_any_point_is_never_seen_again(
    clickhouse: ClickHouse, rng: random.Random, deleted_after: int, store_count: int
) -> None:
    async def check() -> None:
        scope = new_scope()
        objects = objects_about(scope, TRACE_ID)
        rng.shuffle(objects)
        await worker.store(clickhouse, *objects_about(scope, OTHER_ID))
        for one in objects[:deleted_after]:
            await worker.store(clickhouse, one)
        rest = [*objects[deleted_after:], *rng.choices(objects, k=3)]
        shares = [rest[start::store_count] for start in range(store_count)]

        async def replay(share: list[DecodedObject]) -> None:
            for one in share:
                await worker.make_store(clickhouse).store([one], {scope: unpriced})

        now_ms = worker.now_ms()
        await asyncio.gather(
            deletion.delete_traces(clickhouse, scope, [TRACE_ID], now_ms), *(replay(share) for share in shares)
        )
        for one in objects:
            await worker.store(clickhouse, one)

        rows = list(itertools.chain.from_iterable((await everything_visible(clickhouse, scope)).values()))
        assert not [row for row in rows if TRACE_ID in (row.get("trace_id"), row.get("id"))]
        assert [row for row in rows if row.get("trace_id") == OTHER_ID]

    asyncio.run(check())


@pytest.fixture
def blobs(tmp_path: Path) -> Generator[FolderBlobStore]:
    store = FolderBlobStore(tmp_path / "blobs")
    yield store
    store.close()


@pytest.fixture
def erasure(blobs: FolderBlobStore, clickhouse: ClickHouse) -> Erasure:
    async def pricer_of(scope: ProjectScope) -> Pricer:
        return unpriced

    return Erasure(blobs, clickhouse, pricer_of)


async def test_of_an_erased_project_nothing_is_left_and_others_keep_theirs(
    erasure: Erasure, blobs: FolderBlobStore, clickhouse: ClickHouse
) -> None:
    erased, kept = new_scope(), new_scope()
    for scope in (erased, kept):
        await worker.store(clickhouse, *objects_about(scope, TRACE_ID))
        for folder in ("raw", "quarantine/raw", "replay/raw"):
            await blobs.put(f"{folder}/{scope.project_id}/2026/01/01/00/x.edr", b"x")

    await hourly_sums.make(clickhouse, datetime.now(UTC) + timedelta(hours=1))

    await erasure.erase_project(erased)
    await erasure.erase_project(erased)

    assert [key.split("/")[-6] for key in await blobs.list_keys("")] == [kept.project_id] * 3
    assert await row_counts(clickhouse, erased) == dict.fromkeys(PROJECT_TABLES, 0)
    assert all((await row_counts(clickhouse, kept)).values())


async def test_only_quarantined_objects_that_speak_of_a_deleted_trace_are_erased(
    erasure: Erasure, blobs: FolderBlobStore, clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    keys = {name: f"raw/{scope.project_id}/2026/01/01/00/{name}.edr" for name in ("deleted", "kept", "damaged")}
    for name, trace_id in (("deleted", TRACE_ID), ("kept", OTHER_ID)):
        batch = worker.make_export(scope, make_span({}, traceId=trace_id))
        await blobs.put(keys[name], raw_batch.encode([batch]))
    await blobs.put(keys["damaged"], b"damaged")
    for key in keys.values():
        await blobs.put(quarantine.note_key(key, new_ulid()), b"a note")
    await deletion.delete_traces(clickhouse, scope, [TRACE_ID], worker.now_ms())

    assert await erasure.erase_quarantined() == 1

    left = await blobs.list_keys("")
    assert {quarantine.raw_key_of(key) if key.startswith("quarantine/") else key for key in left} == {
        keys["kept"],
        keys["damaged"],
    }


async def row_counts(clickhouse: ClickHouse, scope: ProjectScope) -> dict[str, int]:
    found: dict[str, int] = {}
    for table in PROJECT_TABLES:
        query = ProjectQuery("count", f"SELECT count() FROM {table} WHERE project_id = {{project_id:String}}")
        [(found[table],)] = await clickhouse.fetch_tuples(scope, query)
    return found
