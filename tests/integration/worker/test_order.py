"""However statements reach the stores, the rows that readers see are the same."""

import asyncio
import dataclasses
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elasticdash.shared.clickhouse import merging
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.schemas.raw_batch import RawBatch
from elasticdash.worker.ingestion.decoded import DecodedObject
from elasticdash.worker.ingestion.store import ObjectStore
from support import worker
from support.batch import at, make_event, unpriced
from support.clickhouse import new_scope
from support.otlp import START_NS, make_span
from support.stored import everything_visible

# Examples by the dozen, each of dozens of statements, beside another process of tests.
pytestmark = pytest.mark.timeout(900)

Json = Mapping[str, Any]

# Examples need the engine: how long each takes says nothing.
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
# Statements are kept for 60 days from when they were received.
RECEIVED_US = time.time_ns() // 1000
TEXTS = st.sampled_from(["", "a", "b"])
# Some are more than a minute apart: list rows of such times have different keys.
SECONDS = st.sampled_from([0, 1, 90, 300])
TRACES = st.sampled_from(["t1", "t2"])
METADATA = st.dictionaries(st.sampled_from("abc"), st.sampled_from([1, "x", {"y": 2}]), max_size=2)
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "environment": st.sampled_from(["e1", "e2"]),
    "name": TEXTS,
    "metadata": METADATA,
    "input": st.sampled_from(["question", {}, {"q": 1}, None]),
    "output": st.sampled_from(["answer", {}, None]),
}
TRACE_BODIES = st.fixed_dictionaries(
    {"id": TRACES},
    optional={
        **COMMON,
        "timestamp": SECONDS.map(at),
        "userId": TEXTS,
        "sessionId": TEXTS,
        "public": st.booleans(),
        "tags": st.lists(st.sampled_from("abc"), max_size=2),
    },
)
OBSERVATION_BODIES = st.fixed_dictionaries(
    {"id": st.sampled_from(["o1", "o2"])},
    optional={
        **COMMON,
        "traceId": TRACES,
        "startTime": SECONDS.map(at),
        "endTime": SECONDS.map(at),
        "level": st.sampled_from(["DEBUG", "ERROR"]),
        "model": TEXTS,
        "usageDetails": st.just({"input": 3, "output": 4}),
        "costDetails": st.just({"input": 0.25}),
    },
)
SCORE_BODIES = st.fixed_dictionaries(
    {"id": st.sampled_from(["s1", "s2"]), "name": st.just("quality"), "value": st.sampled_from([0, 0.5, 1])},
    optional={"traceId": TRACES, "comment": TEXTS, "metadata": METADATA},
).map(lambda body: {"traceId": "t1", **body})
EVENTS = (
    st.builds(make_event, st.just("trace-create"), SECONDS, TRACE_BODIES)
    | st.builds(
        make_event,
        st.sampled_from(["span-create", "span-update", "generation-create", "generation-update"]),
        SECONDS,
        OBSERVATION_BODIES,
    )
    | st.builds(make_event, st.just("score-create"), SECONDS, SCORE_BODIES)
)


@st.composite
def spans(draw: st.DrawFn) -> Json:
    """A span, in one of two traces, that says something about its trace or not."""
    number = draw(st.integers(1, 4))
    start_ns = START_NS + draw(SECONDS) * 1_000_000_000
    words = st.fixed_dictionaries(
        {},
        optional={
            "langfuse.trace.name": TEXTS,
            "langfuse.user.id": st.sampled_from(["u1", "u2"]),
            "langfuse.environment": st.sampled_from(["e1", "e2"]),
            "langfuse.trace.tags": st.lists(st.sampled_from("abc"), max_size=2),
            "langfuse.observation.input": TEXTS,
        },
    )
    parent = {} if draw(st.booleans()) else {"parentSpanId": "ee" * 8}
    return make_span(
        draw(words),
        traceId=draw(st.sampled_from(["aa" * 16, "bb" * 16])),
        spanId=f"{number:016x}",
        startTimeUnixNano=str(start_ns),
        endTimeUnixNano=str(start_ns + draw(st.integers(1, 3)) * 1_000_000_000),
        **parent,
    )


@st.composite
def requests(draw: st.DrawFn) -> list[Sequence[Json]]:
    """Events and spans, as lists: each list is one request, of events or of spans."""
    sent = [[event] for event in draw(st.lists(EVENTS, min_size=1, max_size=8))]
    exported = [[span] for span in draw(st.lists(spans(), max_size=4))]
    return [*sent, *exported]


def raw(scope: ProjectScope, items: Sequence[Json]) -> RawBatch:
    if "spanId" in items[0]:
        return worker.make_export(scope, *items, received_us=RECEIVED_US)
    return worker.make_batch(scope, items, received_us=RECEIVED_US)


def arrivals(scope: ProjectScope, sent: Sequence[Sequence[Json]], rng: random.Random) -> list[DecodedObject]:
    """Raw objects with every request, some of them twice, in any order; some objects come again as they are."""
    batches = [raw(scope, items) for items in (*sent, *rng.choices(sent, k=2))]
    rng.shuffle(batches)
    objects: list[DecodedObject] = []
    while batches:
        size = rng.randint(1, 3)
        objects.append(worker.decoded_of(*batches[:size]))
        batches = batches[size:]
    objects.append(rng.choice(objects))
    return objects


async def store_in_groups(store: ObjectStore, objects: Sequence[DecodedObject], rng: random.Random) -> None:
    remaining = list(objects)
    while remaining:
        size = rng.randint(1, len(remaining))
        group = {decoded.key: decoded for decoded in remaining[:size]}
        await store.store(list(group.values()), {decoded.scope: unpriced for decoded in group.values()})
        remaining = remaining[size:]


async def rows_of_one_object(clickhouse: ClickHouse, sent: Sequence[Sequence[Json]]) -> Any:
    scope = new_scope()
    await worker.store(clickhouse, worker.decoded_of(*(raw(scope, items) for items in sent)))
    return await comparable(clickhouse, scope)


async def comparable(clickhouse: ClickHouse, scope: ProjectScope) -> Any:
    """Rows without what names the project: derived trace ids are the same observation's in every project."""
    derived: dict[str, str] = {}
    found = await everything_visible(clickhouse, scope)
    for row in found["observations"]:
        if "-" in row["trace_id"]:
            derived[row["trace_id"]] = f"derived for {row['id']}"
    renamed = {
        table: [
            {name: derived.get(value, value) if isinstance(value, str) else value for name, value in row.items()}
            for row in rows
        ]
        for table, rows in found.items()
    }
    return {table: sorted(rows, key=repr) for table, rows in renamed.items()}


@given(requests(), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
def test_rows_do_not_depend_on_order_repetition_or_grouping(
    clickhouse: ClickHouse, sent: list[Sequence[Json]], rng: random.Random
) -> None:
    async def check() -> None:
        expected = await rows_of_one_object(clickhouse, sent)
        scope = new_scope()

        await store_in_groups(worker.make_store(clickhouse), arrivals(scope, sent, rng), rng)

        assert await comparable(clickhouse, scope) == expected

    asyncio.run(check())


async def test_a_merge_of_replaced_rows_forgets_no_time_a_trace_was_listed_at(
    clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    for second in (90, 0):
        event = make_event("trace-create", second, {"id": "t", "timestamp": at(second), "name": str(second)})
        await worker.store(clickhouse, worker.decoded_of(raw(scope, [event])))

    await clickhouse.execute(SystemStatement("merge", "OPTIMIZE TABLE traces FINAL"))

    versions = await merging.fetch_trace_versions(clickhouse, scope, ["t"])
    assert len(versions["t"].timestamps_us) == 2


@pytest.mark.parametrize("last_wins", [True, False])
@pytest.mark.parametrize("is_merged", [True, False], ids=["merged by the engine", "not merged"])
async def test_a_span_exported_with_two_starts_is_listed_once(
    clickhouse: ClickHouse, scope: ProjectScope, last_wins: bool, is_merged: bool
) -> None:
    early, late = (
        make_span(startTimeUnixNano=str(START_NS), endTimeUnixNano=str(START_NS + seconds * 1_000_000_000))
        for seconds in (1, 2)
    )
    late = {**late, "startTimeUnixNano": str(START_NS - 300 * 1_000_000_000)}
    for span in (early, late) if last_wins else (late, early):
        await worker.store(clickhouse, worker.decoded_of(raw(scope, [span])))
        if is_merged:
            await clickhouse.execute(SystemStatement("merge", "OPTIMIZE TABLE observations FINAL"))

    listed = (await everything_visible(clickhouse, scope))["observations_by_time"]

    assert [row["start_time_us"].timestamp() for row in listed] == [START_NS / 1e9 - 300]


@given(requests(), st.randoms(use_true_random=False), st.integers(2, 4))
@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
def test_rows_do_not_depend_on_how_stores_interleave(
    clickhouse: ClickHouse, sent: list[Sequence[Json]], rng: random.Random, store_count: int
) -> None:
    async def check() -> None:
        expected = await rows_of_one_object(clickhouse, sent)
        scope = new_scope()
        objects = arrivals(scope, sent, rng)
        # Every object comes to the first store, and to some of the others at the same time.
        shares = [objects, *([one for one in objects if rng.random() < 0.5] for _ in range(store_count - 1))]
        seeds = [rng.random() for _ in shares]

        await asyncio.gather(
            *(
                store_in_groups(worker.make_store(clickhouse), share, random.Random(seed))
                for share, seed in zip(shares, seeds, strict=True)
            )
        )

        assert await comparable(clickhouse, scope) == expected

    asyncio.run(check())


@given(requests(), st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
def test_rows_do_not_depend_on_how_an_object_is_split(
    clickhouse: ClickHouse, sent: list[Sequence[Json]], rng: random.Random
) -> None:
    async def check() -> None:
        expected = await rows_of_one_object(clickhouse, sent)
        scope = new_scope()
        whole = worker.decoded_of(*(raw(scope, items) for items in sent))
        parts = [
            *(dataclasses.replace(whole, observations=[row], events=(), is_whole=False) for row in whole.observations),
            *(dataclasses.replace(whole, observations=(), events=[row], is_whole=False) for row in whole.events),
        ]
        rng.shuffle(parts)

        for part in parts:
            await worker.make_store(clickhouse).store_rows([part], {scope: unpriced})

        assert await comparable(clickhouse, scope) == expected

    asyncio.run(check())
