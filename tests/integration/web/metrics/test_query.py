"""`GET /api/public/metrics` and `/v2/metrics`: numbers as Python counts them from the same records."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from statistics import mean, quantiles
from typing import Any

import pytest

from elasticdash.shared.clickhouse import deletion
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.scope import ProjectScope
from support.clickhouse import new_scope
from support.metrics import Row, day_text, make_seed, query, rows, store_seed
from support.records import make_observation, make_score, make_trace, store

SEED = make_seed()
TRACES = {trace.id: trace for trace in SEED.traces}


@pytest.fixture(scope="module")
def seeded(clickhouse: ClickHouse) -> ProjectScope:
    """A project with the seed in it; tests only read it."""
    scope = new_scope()
    asyncio.run(store_seed(clickhouse, scope, SEED))
    return scope


def grouped(key: Callable[[Observation], Any], value: Callable[[Sequence[Observation]], Any]) -> dict[Any, Any]:
    """A value per group of the seeded observations."""
    groups: defaultdict[Any, list[Observation]] = defaultdict(list)
    for observation in SEED.observations:
        groups[key(observation)].append(observation)
    return {name: value(group) for name, group in groups.items()}


def by(answer: Sequence[Row], key: str, value: str) -> dict[Any, Any]:
    """One column of an answer by another."""
    found = {tuple(row[key]) if isinstance(row[key], list) else row[key]: row[value] for row in answer}
    assert len(found) == len(answer)
    return found


def latency_ms(observation: Observation) -> int | None:
    """Whole milliseconds from start to end."""
    if observation.end_time_us is None:
        return None
    return observation.end_time_us // 1000 - observation.start_time_us // 1000


def known(values: Sequence[Any]) -> list[Any]:
    """Those that are set."""
    return [value for value in values if value is not None]


@pytest.mark.parametrize("path", ["/metrics", "/v2/metrics"])
async def test_other_projects_are_not_counted(clickhouse: ClickHouse, seeded: ProjectScope, path: str) -> None:
    asked = query("observations", "count_count", "sum_totalCost", "avg_latency", "max_latency", "p50_latency")

    [row] = await rows(clickhouse, new_scope(), asked, path)

    assert row == {
        "count_count": "0",
        "sum_totalCost": 0,
        "avg_latency": None,
        "max_latency": None,
        "p50_latency": None,
    }


async def test_each_observation_counts_once(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    [row] = await rows(clickhouse, seeded, query("observations", "count_count", "uniq_traceId"))

    assert row == {"count_count": "30", "uniq_traceId": "10"}


async def test_aggregations_of_costs_by_model(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    asked = query(
        "observations", "sum_totalCost", "avg_inputCost", "max_outputCost", "count_totalCost", by=["providedModelName"]
    )

    answer = await rows(clickhouse, seeded, asked)

    costs = grouped(lambda o: o.model, lambda group: sum(float(o.total_cost_usd or 0) for o in group))
    assert by(answer, "providedModelName", "sum_totalCost") == pytest.approx(costs)
    inputs = grouped(lambda o: o.model, lambda group: mean(float(o.cost_usd.get("input", 0)) for o in group))
    assert by(answer, "providedModelName", "avg_inputCost") == pytest.approx(inputs)
    assert by(answer, "providedModelName", "max_outputCost") == {"gpt-4o": 0.5, "claude": 0.5, None: 0.0}
    assert by(answer, "providedModelName", "count_totalCost") == {"gpt-4o": "10", "claude": "10", None: "0"}
    assert [row["providedModelName"] for row in answer] == ["claude", "gpt-4o", None]


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("sum_inputTokens", sum(o.usage.get("input", 0) for o in SEED.observations)),
        ("sum_outputTokens", sum(o.usage.get("output", 0) for o in SEED.observations)),
        ("max_totalTokens", max(o.usage.get("total", 0) for o in SEED.observations)),
        ("sum_latency", sum(known([latency_ms(o) for o in SEED.observations]))),
        ("min_latency", min(known([latency_ms(o) for o in SEED.observations]))),
        ("count_latency", len(known([latency_ms(o) for o in SEED.observations]))),
        ("sum_toolCalls", sum(len(o.tool_call_names) for o in SEED.observations)),
        ("sum_toolDefinitions", sum(len(o.tool_definitions) for o in SEED.observations)),
        ("uniq_latency", len(set(known([latency_ms(o) for o in SEED.observations])))),
        ("uniq_uniqueUserIds", len({trace.user_id for trace in SEED.traces} - {None})),
        ("uniq_uniqueSessionIds", 2),
        ("sum_countScores", 30),
    ],
)
async def test_whole_numbers_are_texts(
    clickhouse: ClickHouse, seeded: ProjectScope, metric: str, expected: int
) -> None:
    [row] = await rows(clickhouse, seeded, query("observations", metric))

    assert row == {metric: str(expected)}


async def test_durations_and_speeds(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    metrics = ["avg_timeToFirstToken", "avg_streamingLatency", "avg_tokensPerSecond", "avg_outputTokensPerSecond"]
    [row] = await rows(clickhouse, seeded, query("observations", *metrics))

    ended = [o for o in SEED.observations if o.end_time_us and latency_ms(o)]
    streamed = [o for o in ended if o.completion_start_time_us]
    first_token = [
        o.completion_start_time_us // 1000 - o.start_time_us // 1000
        for o in SEED.observations
        if o.completion_start_time_us
    ]
    streaming = {o.id: o.end_time_us // 1000 - o.completion_start_time_us // 1000 for o in streamed}
    speeds = [1000 * o.usage.get("total", 0) / latency_ms(o) for o in ended]
    output_speeds = [1000 * o.usage.get("output", 0) / streaming.get(o.id, latency_ms(o)) for o in ended]
    assert row == pytest.approx(
        {
            "avg_timeToFirstToken": mean(first_token),
            "avg_streamingLatency": mean(streaming.values()),
            "avg_tokensPerSecond": mean(speeds),
            "avg_outputTokensPerSecond": mean(output_speeds),
        }
    )


@pytest.mark.parametrize("percent", [50, 75, 90, 95, 99])
async def test_percentiles_are_exact(clickhouse: ClickHouse, seeded: ProjectScope, percent: int) -> None:
    [row] = await rows(clickhouse, seeded, query("observations", f"p{percent}_latency"))

    latencies = known([latency_ms(o) for o in SEED.observations])
    assert row[f"p{percent}_latency"] == pytest.approx(quantiles(latencies, n=100, method="inclusive")[percent - 1])


async def test_histogram_has_the_asked_number_of_bins(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    [row] = await rows(clickhouse, seeded, query("observations", "histogram_latency", config={"bins": 4}))

    bins = row["histogram_latency"]
    latencies = known([latency_ms(o) for o in SEED.observations])
    assert len(bins) == 4
    assert (bins[0][0], bins[-1][1]) == (min(latencies), max(latencies))
    assert sum(height for _, _, height in bins) == pytest.approx(len(latencies))
    assert [upper for _, upper, _ in bins[:-1]] == [lower for lower, _, _ in bins[1:]]


OBSERVATION_KEYS: dict[str, Callable[[Observation], Any]] = {
    "traceName": lambda o: TRACES[o.trace_id].name,
    "environment": lambda o: o.environment,
    "type": lambda o: o.type,
    "name": lambda o: o.name,
    "level": lambda o: o.level,
    "version": lambda _: "own",
    "tags": lambda o: tuple(sorted(TRACES[o.trace_id].tags)),
    "providedModelName": lambda o: o.model,
    "promptName": lambda o: o.prompt_name,
    "promptVersion": lambda o: o.prompt_version,
    "userId": lambda o: TRACES[o.trace_id].user_id,
    "sessionId": lambda o: TRACES[o.trace_id].session_id,
    "traceId": lambda o: o.trace_id,
    "id": lambda o: o.id,
    "parentObservationId": lambda o: o.parent_observation_id,
    "traceRelease": lambda o: TRACES[o.trace_id].release,
    "traceVersion": lambda o: TRACES[o.trace_id].version,
    "startTimeMonth": lambda _: "2026-03",
}
V2_KEYS: dict[str, Callable[[Observation], Any]] = {
    "isRootObservation": lambda o: o.parent_observation_id is None,
    "release": lambda o: TRACES[o.trace_id].release,
}


@pytest.mark.parametrize("dimension", OBSERVATION_KEYS)
async def test_dimensions_of_observations(clickhouse: ClickHouse, seeded: ProjectScope, dimension: str) -> None:
    answer = await rows(clickhouse, seeded, query("observations", "count_count", by=[dimension]), "/metrics")

    expected = grouped(OBSERVATION_KEYS[dimension], lambda group: str(len(group)))
    assert by(answer, dimension, "count_count") == expected


@pytest.mark.parametrize("dimension", V2_KEYS)
async def test_dimensions_of_the_second_generation(
    clickhouse: ClickHouse, seeded: ProjectScope, dimension: str
) -> None:
    answer = await rows(clickhouse, seeded, query("observations", "count_count", by=[dimension]))

    expected = grouped(V2_KEYS[dimension], lambda group: str(len(group)))
    assert by(answer, dimension, "count_count") == expected
    assert all(type(row[dimension]) in (bool, str) for row in answer)


async def test_values_of_the_observation_go_before_those_of_its_trace(
    clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    own = make_observation("own", trace_id="t", trace_name="mine", user_id="me", tags=("x",))
    await store(clickhouse, scope, [make_trace("t", name="chat", user_id="u", tags=("y",))], [own])

    answer = await rows(
        clickhouse, scope, query("observations", "count_count", by=["traceName", "userId", "tags"]), "/metrics"
    )

    assert answer == [{"traceName": "mine", "userId": "me", "tags": ["x"], "count_count": "1"}]


async def test_dimensions_that_split_observations(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    called = await rows(clickhouse, seeded, query("observations", "count_count", by=["calledToolNames"]))
    available = await rows(clickhouse, seeded, query("observations", "count_count", by=["toolNames"]))
    costs = await rows(clickhouse, seeded, query("observations", "sum_costByType", by=["costType"]))
    usages = await rows(clickhouse, seeded, query("observations", "sum_usageByType", by=["usageType"]))

    callers = [o.tool_call_names for o in SEED.observations]
    assert by(called, "calledToolNames", "count_count") == {
        tool: str(sum(tool in names for names in callers)) for tool in ("search", "mail")
    }
    offered = str(sum(bool(o.tool_definitions) for o in SEED.observations))
    assert by(available, "toolNames", "count_count") == {"search": offered, "mail": offered}
    assert by(costs, "costType", "sum_costByType") == pytest.approx(
        {key: sum(float(o.cost_usd.get(key, 0)) for o in SEED.observations) for key in ("input", "output", "total")}
    )
    assert by(usages, "usageType", "sum_usageByType") == {
        key: str(sum(o.usage.get(key, 0) for o in SEED.observations)) for key in ("input", "output", "total")
    }


async def test_split_dimension_can_be_filtered(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    only_input = {"type": "stringOptions", "column": "costType", "operator": "any of", "value": ["input"]}

    answer = await rows(clickhouse, seeded, query("observations", "count_count", by=["costType"], filters=[only_input]))

    assert answer == [{"costType": "input", "count_count": "20"}]


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ({"type": "string", "column": "name", "operator": "=", "value": "step-1"}, lambda o: o.name == "step-1"),
        (
            {"type": "stringOptions", "column": "userId", "operator": "any of", "value": ["user-1"]},
            lambda o: TRACES[o.trace_id].user_id == "user-1",
        ),
        (
            {"type": "arrayOptions", "column": "tags", "operator": "all of", "value": ["a", "b"]},
            lambda o: set(TRACES[o.trace_id].tags) == {"a", "b"},
        ),
        (
            {"type": "boolean", "column": "isRootObservation", "operator": "=", "value": True},
            lambda o: o.parent_observation_id is None,
        ),
        (
            {"type": "string", "column": "traceVersion", "operator": "=", "value": "v1"},
            lambda o: TRACES[o.trace_id].version == "v1",
        ),
        ({"type": "null", "column": "promptName", "operator": "is null", "value": ""}, lambda o: o.prompt_name is None),
        (
            {"type": "number", "column": "totalTokens", "operator": ">", "value": 20},
            lambda o: o.usage.get("total", 0) > 20,
        ),
        (
            {"type": "datetime", "column": "startTime", "operator": "<", "value": "2026-03-05T00:00:00Z"},
            lambda o: day_text(o.start_time_us).startswith("2026-03-04"),
        ),
        ({"type": "string", "column": "observationName", "operator": "=", "value": "old"}, lambda _: False),
    ],
    ids=lambda value: value["column"] if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("path", ["/metrics", "/v2/metrics"])
async def test_filters(
    clickhouse: ClickHouse, seeded: ProjectScope, path: str, condition: Row, kept: Callable[[Observation], bool]
) -> None:
    [row] = await rows(clickhouse, seeded, query("observations", "count_count", filters=[condition]), path)

    assert row["count_count"] == str(sum(kept(o) for o in SEED.observations))


async def test_metadata_is_filtered_by_key(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    observations = [make_observation("a", metadata={"k": "v"}), make_observation("b", metadata={"k": "w"})]
    await store(clickhouse, scope, [], observations)
    condition = {"type": "stringObject", "column": "metadata", "key": "k", "operator": "=", "value": "v"}

    [row] = await rows(clickhouse, scope, query("observations", "count_count", filters=[condition]))

    assert row == {"count_count": "1"}


async def test_both_bounds_are_inclusive(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    first, last = SEED.observations[0].start_time_us, SEED.observations[3].start_time_us
    observations = [make_observation(str(time), start_time_us=time) for time in (first - 1, first, last, last + 1)]
    await store(clickhouse, scope, [], observations)
    bounds = {"fromTimestamp": "2026-03-04T22:00:00Z", "toTimestamp": "2026-03-05T00:00:00.000000Z"}

    for view, path in (("observations", "/metrics"), ("observations", "/v2/metrics")):
        [row] = await rows(clickhouse, scope, query(view, "count_count") | bounds, path)
        assert row == {"count_count": "2"}


async def test_deleted_rows_are_not_counted(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    kept, gone = make_trace("kept"), make_trace("gone")
    observations = [make_observation("a", trace_id="kept"), make_observation("b", trace_id="gone")]
    scores = [make_score("a", trace_id="kept"), make_score("b", trace_id="gone")]
    await store(clickhouse, scope, [kept, gone], observations, scores)
    await deletion.delete_traces(clickhouse, scope, ["gone"], 0)
    # Of a deleted trace something may still arrive.
    await store(clickhouse, scope, [], [make_observation("c", trace_id="gone")], [make_score("c", trace_id="gone")])

    for view in ("traces", "observations", "scores-numeric"):
        assert await rows(clickhouse, scope, query(view, "count_count"), "/metrics") == [{"count_count": "1"}]


async def test_rows_are_ordered_by_the_first_metric_unless_asked(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    asked = query("observations", "sum_totalTokens", "count_count", by=["name"])
    ascending = [{"field": "sum_totalTokens", "direction": "asc"}]
    by_name = [{"field": "count_count", "direction": "desc"}, {"field": "name", "direction": "desc"}]

    orders = [
        [row["name"] for row in await rows(clickhouse, seeded, asked | {"orderBy": order})]
        for order in ([], ascending, by_name)
    ]

    assert orders == [["step-1", "step-0", "step-2"], ["step-2", "step-0", "step-1"], ["step-2", "step-1", "step-0"]]


async def test_row_limit(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    answer = await rows(clickhouse, seeded, query("observations", "count_count", by=["name"], config={"row_limit": 2}))

    assert len(answer) == 2


async def test_second_generation_shows_100_rows_unless_asked(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, [], [make_observation(f"o{n}", name=f"name-{n}") for n in range(150)])
    asked = query("observations", "count_count", by=["name"])

    assert len(await rows(clickhouse, scope, asked)) == 100
    assert len(await rows(clickhouse, scope, asked, "/metrics")) == 150
