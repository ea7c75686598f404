"""Sums per hour: whatever is written, moved, merged, hidden or deleted, they say what the rows say."""

import dataclasses
import random
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal

import pytest

from elasticdash.shared.clickhouse import (
    deletion,
    hourly_usage,
    metrics,
    metrics_views,
    observation_times,
    write,
)
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.shared.clickhouse.hourly_usage import HOUR_US, Stretch
from elasticdash.shared.clickhouse.metrics_query import Aggregation, Granularity, Metric, MetricsQuery
from elasticdash.shared.clickhouse.observation_times import MovedObservation
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.clickhouse.write import Attribution, Stamp
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.scope import ProjectScope
from support.records import START_US, make_observation, make_trace, store, usd

FIRST_HOUR = START_US // HOUR_US
HOURS = 4
BEGIN_US, END_US = FIRST_HOUR * HOUR_US, (FIRST_HOUR + HOURS) * HOUR_US - 1
TRACES = ("t1", "t2", "t3")
MODELS = (None, "", "gpt-4o", "own")
VIEW = metrics_views.V1["observations"]
SUMS = [
    Metric("count", Aggregation.COUNT),
    *(Metric(measure, Aggregation.SUM) for measure in hourly_usage.COLUMNS),
]
BY_MODEL = ("providedModelName",)
BY_ALL = ("environment", "type", "level", "providedModelName")


def asked(
    dimensions: Sequence[str] = BY_MODEL,
    granularity: Granularity | None = Granularity.DAY,
    bounds_us: tuple[int, int] = (BEGIN_US, END_US),
    *conditions: Condition,
    metrics_: Sequence[Metric] = SUMS,
) -> MetricsQuery:
    return MetricsQuery(
        view="observations",
        dimensions=dimensions,
        metrics=metrics_,
        conditions=conditions,
        granularity=granularity,
        from_us=bounds_us[0],
        to_us=bounds_us[1],
        order=[],
        bins=10,
        row_limit=1000,
    )


QUESTIONS = (
    asked(),
    asked(BY_ALL, Granularity.HOUR),
    asked((), None),
    asked(BY_MODEL, None, (BEGIN_US + HOUR_US // 3, END_US - HOUR_US // 2)),
    asked(BY_MODEL, Granularity.DAY, (0, END_US * 2), Condition("stringOptions", "model", "any of", ["gpt-4o", ""])),
    asked((), Granularity.MONTH, (BEGIN_US, END_US), Condition("string", "type", "=", "GENERATION")),
)


@pytest.mark.parametrize(
    "query",
    [
        asked(granularity=Granularity.MINUTE),
        asked(("name",)),
        asked(metrics_=[Metric("latency", Aggregation.SUM)]),
        asked(metrics_=[Metric("totalCost", Aggregation.COUNT)]),
        asked(metrics_=[Metric("totalTokens", Aggregation.AVG)]),
        asked((), None, (BEGIN_US, END_US), Condition("string", "name", "=", "step")),
        asked((), None, (BEGIN_US, END_US), Condition("stringOptions", "traceEnvironment", "any of", ["default"])),
    ],
)
def test_what_sums_do_not_hold_is_asked_of_the_rows(query: MetricsQuery) -> None:
    assert not metrics.is_answered_by_hours(VIEW, query)


def test_traces_and_scores_are_asked_of_their_rows() -> None:
    for name, view in metrics_views.V1.items():
        query = asked((), None, metrics_=[Metric("count", Aggregation.COUNT)])

        assert metrics.is_answered_by_hours(view, query) == (name == "observations")


@pytest.mark.parametrize(
    ("changed", "bounds_us", "stretches"),
    [
        ([], (0, 4 * HOUR_US), []),
        ([1, 3], (0, 4 * HOUR_US), [(HOUR_US, 2 * HOUR_US), (3 * HOUR_US, 4 * HOUR_US)]),
        ([0, 1], (-5, 4 * HOUR_US + 7), [(-5, 2 * HOUR_US), (4 * HOUR_US, 4 * HOUR_US + 7)]),
    ],
)
def test_rows_are_read_where_hours_changed_or_are_cut(
    changed: Sequence[int], bounds_us: tuple[int, int], stretches: Sequence[tuple[int, int]]
) -> None:
    assert hourly_usage.stretches_of(changed, (0, 4), bounds_us) == [Stretch(*each) for each in stretches]


async def test_an_hour_whose_rows_contradict_each_other_has_no_sums(
    clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    for cost in ("1", "2"):
        await store(clickhouse, scope, [], [make_observation(total_cost_usd=Decimal(cost))])

    await make_all(clickhouse, scope)

    assert await hourly_usage.find_plan(clickhouse, scope, BEGIN_US, END_US) is None


async def test_sums_are_made_once_and_again_only_after_a_change(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, [], [make_observation("a")])

    first = await make_all(clickhouse, scope)
    second = await make_all(clickhouse, scope)
    await store(clickhouse, scope, [], [make_observation("b", start_time_us=START_US + HOUR_US)])
    third = await make_all(clickhouse, scope)

    assert (first, second, third) == ([FIRST_HOUR], [], [FIRST_HOUR + 1])


async def test_a_row_that_came_after_the_sums_counts_at_once(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, [], [make_observation("a"), make_observation("b", start_time_us=START_US + HOUR_US)])
    await make_all(clickhouse, scope)
    await store(clickhouse, scope, [], [make_observation("c")])

    plan = await hourly_usage.find_plan(clickhouse, scope, BEGIN_US, END_US)

    assert plan
    assert (plan.hours, plan.stretches) == (
        [FIRST_HOUR + 1],
        [Stretch(BEGIN_US, BEGIN_US + HOUR_US)],
    )
    [row] = await metrics.fetch(clickhouse, scope, VIEW, asked((), None))
    assert row["count_count"] == "3"


@pytest.mark.parametrize("seed", range(3))
async def test_sums_say_what_the_rows_say_after_every_change(
    clickhouse: ClickHouse, scope: ProjectScope, seed: int
) -> None:
    rng = random.Random(seed)
    answered_by_hours = 0

    for _ in range(12):
        await rng.choice(CHANGES)(clickhouse, scope, rng)
        if rng.random() < 0.6:
            await make_all(clickhouse, scope)
        for query in QUESTIONS:
            plan = await hourly_usage.find_plan(clickhouse, scope, query.from_us, query.to_us)
            answered_by_hours += plan is not None
            assert await metrics.fetch(clickhouse, scope, VIEW, query) == await of_rows(clickhouse, scope, query)

    assert answered_by_hours > len(QUESTIONS)


async def of_rows(clickhouse: ClickHouse, scope: ProjectScope, query: MetricsQuery) -> list[metrics.Row]:
    """The same answer without any sums: a measure that sums don't hold keeps them out."""
    beside = Metric("latency", Aggregation.SUM)
    more = dataclasses.replace(query, metrics=[*query.metrics, beside])
    rows = await metrics.fetch(clickhouse, scope, VIEW, more)
    return [{key: value for key, value in row.items() if key != beside.key} for row in rows]


async def make_all(clickhouse: ClickHouse, scope: ProjectScope) -> Sequence[int]:
    for changed in await hourly_usage.fetch_changed(clickhouse, FIRST_HOUR + HOURS):
        if changed.scope == scope:
            hours = [hour for hour, _ in changed.hours]
            await hourly_usage.make(clickhouse, scope, hours)
            return hours
    return []


def drawn(rng: random.Random, scope: ProjectScope) -> Observation:
    tokens, cost = rng.randrange(100), str(rng.randrange(1, 100) / 8)
    return make_observation(
        f"o{rng.randrange(6)}",
        project_id=scope.project_id,
        trace_id=rng.choice(TRACES),
        start_time_us=BEGIN_US + rng.randrange(HOURS * 4) * HOUR_US // 4,
        type=rng.choice(("SPAN", "GENERATION")),
        environment=rng.choice(("default", "production")),
        level=rng.choice(("DEFAULT", "ERROR")),
        model=rng.choice(MODELS),
        usage=rng.choice(({}, {"input": tokens, "output": 7, "total": tokens + 7})),
        cost_usd=rng.choice(({}, usd(input=cost, output="0.000000000001", total=cost))),
        total_cost_usd=rng.choice((None, Decimal(0), Decimal(cost))),
        revision=rng.randrange(1, 6),
    )


async def insert(clickhouse: ClickHouse, scope: ProjectScope, rng: random.Random) -> None:
    for _ in range(rng.randrange(1, 4)):
        rows = [drawn(rng, scope) for _ in range(rng.randrange(1, 6))]
        stamps = [Stamp(0, 0, is_deleted=rng.random() < 0.15) for _ in rows]
        await write.insert_observations(clickhouse, rows, stamps, [Attribution()] * len(rows))


async def move(clickhouse: ClickHouse, scope: ProjectScope, rng: random.Random) -> None:
    row = drawn(rng, scope)
    left = MovedObservation(scope.project_id, row.trace_id, row.id, row.start_time_us, row.revision)
    await observation_times.insert_moved(clickhouse, [left])


async def merge(clickhouse: ClickHouse, scope: ProjectScope, rng: random.Random) -> None:
    await clickhouse.execute(SystemStatement("test_merge", "OPTIMIZE TABLE observations_by_time FINAL"))


async def delete(clickhouse: ClickHouse, scope: ProjectScope, rng: random.Random) -> None:
    await deletion.delete_traces(clickhouse, scope, [rng.choice(TRACES)], START_US // 1000)


async def hide(clickhouse: ClickHouse, scope: ProjectScope, rng: random.Random) -> None:
    trace = make_trace(rng.choice(TRACES), project_id=scope.project_id, revision=rng.randrange(9))
    await write.insert_traces(clickhouse, [trace], [Stamp(0, 0, is_deleted=True)])


async def show_again(clickhouse: ClickHouse, scope: ProjectScope, rng: random.Random) -> None:
    sql = "ALTER TABLE traces UPDATE is_deleted = 0 WHERE project_id = {project_id:String} SETTINGS mutations_sync = 1"
    await clickhouse.execute(SystemStatement("test_show", sql, {"project_id": scope.project_id}))


CHANGES: Sequence[Callable[[ClickHouse, ProjectScope, random.Random], Awaitable[None]]] = (
    *([insert] * 6),
    move,
    merge,
    delete,
    hide,
    show_again,
)
