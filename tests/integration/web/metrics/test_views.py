"""The views of traces and of scores, and that every name of every view works."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from statistics import mean
from typing import Any

import pytest

from elasticdash.shared.clickhouse import metrics_views
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.metrics_query import Aggregation
from elasticdash.shared.clickhouse.metrics_views import Unit
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.domain.scores import Score
from elasticdash.shared.domain.traces import Trace
from support.clickhouse import new_scope
from support.metrics import Row, make_seed, query, rows, store_seed

SEED = make_seed()
TRACES = {trace.id: trace for trace in SEED.traces}
OBSERVATIONS = {observation.id: observation for observation in SEED.observations}
NUMBERS = [score for score in SEED.scores if score.data_type in ("NUMERIC", "BOOLEAN")]
FLAGS = [score for score in SEED.scores if score.data_type == "BOOLEAN"]
LABELS = [score for score in SEED.scores if score.data_type == "CATEGORICAL"]
# Dimensions with a measure that needs them.
_SPLITTING = {"costType": "costByType", "usageType": "usageByType"}


@pytest.fixture(scope="module")
def seeded(clickhouse: ClickHouse) -> ProjectScope:
    """A project with the seed in it; tests only read it."""
    scope = new_scope()
    asyncio.run(store_seed(clickhouse, scope, SEED))
    return scope


def _names() -> Iterator[Any]:
    for path, views in (("/metrics", metrics_views.V1), ("/v2/metrics", metrics_views.V2)):
        for name, view in views.items():
            for dimension in view.dimensions:
                measure = _SPLITTING.get(dimension, "count")
                yield pytest.param(path, name, dimension, measure, id=f"{path}-{name}-{dimension}")


@pytest.mark.parametrize(("path", "view", "dimension", "measure"), list(_names()))
async def test_every_dimension_answers(
    clickhouse: ClickHouse, seeded: ProjectScope, path: str, view: str, dimension: str, measure: str
) -> None:
    metric = f"count_{measure}"
    order = [{"field": metric, "direction": "desc"}]
    asked = query(view, metric, by=[dimension], orderBy=order, config={"row_limit": 1000})

    answer = await rows(clickhouse, seeded, asked, path)

    assert answer
    assert all(row.keys() == {dimension, metric} for row in answer)


def _metrics() -> Iterator[Any]:
    for path, views in (("/metrics", metrics_views.V1), ("/v2/metrics", metrics_views.V2)):
        for name, view in views.items():
            for measure_name, measure in view.measures.items():
                splitting = {value: key for key, value in _SPLITTING.items()}.get(measure_name)
                taken = ["count", "uniq", "sum"] if measure.unit is Unit.TEXT else list(Aggregation)
                metrics = [f"{aggregation}_{measure_name}" for aggregation in taken]
                by = [splitting] if splitting else []
                yield pytest.param(path, name, metrics, by, id=f"{path}-{name}-{measure_name}")


@pytest.mark.parametrize(("path", "view", "metrics", "by"), list(_metrics()))
async def test_every_measure_takes_every_aggregation(
    clickhouse: ClickHouse, seeded: ProjectScope, path: str, view: str, metrics: Sequence[str], by: Sequence[str]
) -> None:
    answer = await rows(clickhouse, seeded, query(view, *metrics, by=by), path)

    assert answer
    assert all(row.keys() == {*metrics, *by} and None not in [row[metric] for metric in metrics] for row in answer)


def _spans(trace: Trace) -> int:
    """Milliseconds from the first start to the last end, as the trace's totals say it."""
    own = [o for o in SEED.observations if o.trace_id == trace.id]
    ended = max(o.end_time_us if o.end_time_us is not None else o.start_time_us for o in own)
    return ended // 1000 - min(o.start_time_us for o in own) // 1000


async def test_traces(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    metrics = [
        "count_count",
        "sum_observationsCount",
        "sum_scoresCount",
        "uniq_uniqueUserIds",
        "max_latency",
        "sum_totalTokens",
        "sum_totalCost",
    ]

    answer = await rows(clickhouse, seeded, query("traces", *metrics, by=["name"]), "/metrics")

    by_name: defaultdict[str | None, list[Trace]] = defaultdict(list)
    for trace in SEED.traces:
        by_name[trace.name].append(trace)
    scores = Counter(score.trace_id for score in SEED.scores)
    assert len(answer) == len(by_name)
    for row in answer:
        traces = by_name[row["name"]]
        own = [o for o in SEED.observations if o.trace_id in {trace.id for trace in traces}]
        assert row == {
            "name": row["name"],
            "count_count": str(len(traces)),
            "sum_observationsCount": str(len(own)),
            "sum_scoresCount": str(sum(scores[trace.id] for trace in traces)),
            "uniq_uniqueUserIds": str(len({trace.user_id for trace in traces} - {None})),
            "max_latency": str(max(_spans(trace) for trace in traces)),
            "sum_totalTokens": str(sum(o.usage.get("total", 0) for o in own)),
            "sum_totalCost": pytest.approx(float(sum(o.total_cost_usd or 0 for o in own))),
        }


async def test_traces_are_filtered_and_bucketed(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    condition = {"type": "arrayOptions", "column": "tags", "operator": "any of", "value": ["a"]}
    asked = query("traces", "count_count", filters=[condition], timeDimension={"granularity": "day"})

    answer = await rows(clickhouse, seeded, asked, "/metrics")

    assert [row["count_count"] for row in answer] == ["0", "5", "0", "0", "0"]


SCORE_KEYS: dict[str, Callable[[Score], Any]] = {
    "name": lambda s: s.name,
    "dataType": lambda s: s.data_type,
    "environment": lambda s: s.environment,
    "traceId": lambda s: s.trace_id,
    "traceName": lambda s: TRACES[s.trace_id].name,
    "userId": lambda s: TRACES[s.trace_id].user_id,
    "sessionId": lambda s: TRACES[s.trace_id].session_id,
    "tags": lambda s: tuple(sorted(TRACES[s.trace_id].tags)),
    "traceRelease": lambda s: TRACES[s.trace_id].release,
    "traceVersion": lambda s: TRACES[s.trace_id].version,
    "timestampMonth": lambda _: "2026-03",
}


@pytest.mark.parametrize("dimension", SCORE_KEYS)
async def test_numeric_scores_by_dimension(clickhouse: ClickHouse, seeded: ProjectScope, dimension: str) -> None:
    asked = query("scores-numeric", "count_count", "avg_value", by=[dimension])

    answer = await rows(clickhouse, seeded, asked, "/metrics")

    groups: defaultdict[Any, list[float]] = defaultdict(list)
    for score in NUMBERS:
        groups[SCORE_KEYS[dimension](score)].append(score.value)
    assert {_hashable(row[dimension]): row["count_count"] for row in answer} == {
        key: str(len(values)) for key, values in groups.items()
    }
    assert {_hashable(row[dimension]): row["avg_value"] for row in answer} == pytest.approx(
        {key: mean(values) for key, values in groups.items()}
    )


@pytest.mark.parametrize(
    ("dimension", "field"),
    [
        ("observationName", "name"),
        ("observationModelName", "model"),
        ("observationPromptName", "prompt_name"),
        ("observationPromptVersion", "prompt_version"),
    ],
)
async def test_scores_know_their_observation(
    clickhouse: ClickHouse, seeded: ProjectScope, dimension: str, field: str
) -> None:
    condition = {"type": "string", "column": "name", "operator": "=", "value": "quality"}
    asked = query("scores-numeric", "count_count", by=[dimension], filters=[condition])

    answer = await rows(clickhouse, seeded, asked)

    expected = Counter(getattr(observation, field) for observation in SEED.observations)
    assert {row[dimension]: int(row["count_count"]) for row in answer} == expected


async def test_scores_are_filtered_by_their_observation(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    condition = {"type": "stringOptions", "column": "observationModelName", "operator": "any of", "value": ["claude"]}

    [row] = await rows(clickhouse, seeded, query("scores-numeric", "count_count", filters=[condition]))

    assert row == {"count_count": "10"}


async def test_boolean_scores(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    asked = query("scores-boolean", "count_count", "avg_value", by=["booleanValue"])

    answer = await rows(clickhouse, seeded, asked)

    true = sum(score.value == 1 for score in FLAGS)
    assert sorted(answer, key=str) == [
        {"booleanValue": False, "count_count": str(len(FLAGS) - true), "avg_value": 0.0},
        {"booleanValue": True, "count_count": str(true), "avg_value": 1.0},
    ]


async def test_categorical_scores(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    answer = await rows(clickhouse, seeded, query("scores-categorical", "count_count", by=["stringValue"]))

    assert {row["stringValue"]: int(row["count_count"]) for row in answer} == Counter(s.string_value for s in LABELS)


async def test_score_days(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    asked = query("scores-numeric", "count_count", by=["timestampDay"], timeDimension={"granularity": "day"})

    answer = await rows(clickhouse, seeded, asked)

    counted = [row for row in answer if row["count_count"] != "0"]
    assert [row["timestampDay"] for row in counted] == [row["time_dimension"][:10] for row in counted]
    assert sum(int(row["count_count"]) for row in counted) == len(NUMBERS)


def _hashable(value: Row | list[str] | str | None) -> Any:
    return tuple(value) if isinstance(value, list) else value
