"""Two projects with equal ids: no query builder ever shows one project what the other stored."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

import elasticdash.shared.clickhouse as clickhouse_package
from elasticdash.shared.clickhouse import (
    filter_columns,
    filters,
    hourly_usage,
    merging,
    metrics_views,
    scores,
    trace_table,
    write,
)
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.clickhouse.hidden import NOT_HIDDEN
from elasticdash.shared.clickhouse.hourly_usage import HOUR_US, Plan, Stretch
from elasticdash.shared.clickhouse.merging import LoggedEvent
from elasticdash.shared.clickhouse.metrics_query import Aggregation, Metric, MetricsQuery
from elasticdash.shared.clickhouse.observation_list import Position
from elasticdash.shared.clickhouse.observations import Texts
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.clickhouse.rows import ObservationKey
from elasticdash.shared.clickhouse.scores_columns import SCORES
from elasticdash.shared.clickhouse.sessions import SessionFilter
from elasticdash.shared.clickhouse.trace_groups import GroupBy, GroupPage, GroupSort
from elasticdash.shared.clickhouse.trace_list import Order, Page
from elasticdash.shared.clickhouse.trace_table import Facet, Sort
from elasticdash.shared.clickhouse.write import Stamp
from elasticdash.shared.domain.events import EntityKind
from elasticdash.shared.domain.scope import ProjectScope
from support.clickhouse import new_scope
from support.records import START_US, make_observation, make_score, make_trace, store, usd

Builder = Callable[..., ProjectQuery]

# Far ahead: the engine forgets statements by their age.
_RECEIVED_MS = 4_000_000_000_000
_LATER = Position(START_US + 1, "t", "o")
_ALL = SessionFilter()


def _filtered(surface: filter_columns.Surface, *conditions: Condition) -> Sequence[Predicate]:
    return filters.compile_all(surface, [], conditions)


_TRACE_FILTERS = _filtered(
    filter_columns.TRACES,
    Condition("numberObject", "scores_avg", ">", 0.0, "quality"),
    Condition("string", "userId", "=", "u"),
)
_OBSERVATION_FILTERS = _filtered(
    filter_columns.OBSERVATIONS_V2,
    Condition("numberObject", "trace_scores_avg", ">", 0.0, "quality"),
    Condition("numberObject", "scores_avg", ">", 0.0, "quality"),
    Condition("stringOptions", "traceEnvironment", "any of", ["default"]),
    Condition("string", "userId", "=", "u"),
    Condition("string", "input", "=", "in"),
)

_SCORE_FILTERS = _filtered(SCORES, Condition("string", "userId", "=", "u"), Condition("number", "value", ">", -1.0))


def _metrics(view: str, dimensions: Sequence[str], measures: Sequence[str], *conditions: Condition) -> Sequence[Any]:
    views = metrics_views.V1 if view == "traces" else metrics_views.V2
    query = MetricsQuery(
        view=view,
        dimensions=dimensions,
        metrics=[Metric(measure, Aggregation.COUNT) for measure in measures],
        conditions=conditions,
        granularity=None,
        from_us=START_US,
        to_us=START_US,
        order=[],
        bins=10,
        row_limit=10,
    )
    return views[view], query, [] if view.startswith("scores") else [NOT_HIDDEN]


_BY_NAME = Condition("string", "traceName", "contains", "s")
_METRICS = [
    _metrics("traces", ["name"], ["count", "scoresCount"], _BY_NAME),
    _metrics("observations", ["name", "traceName", "userId"], ["count", "countScores"], _BY_NAME),
    _metrics("observations", ["name"], ["count", "toolDefinitions"], Condition("string", "input", "=", "in")),
    _metrics("scores-numeric", ["traceName", "observationName"], ["value"], _BY_NAME),
]
_OF_MODELS = _metrics("observations", ["providedModelName"], ["count"])
_PLANS = [Plan([START_US // HOUR_US], [], []), Plan([], [Stretch(START_US, START_US + 1)], [NOT_HIDDEN])]

# The arguments of each builder, by module and name. A builder without an entry fails the first test.
CASES: Mapping[str, Sequence[Sequence[Any]]] = {
    "merging.events_of": [(EntityKind.TRACE, ["t"], [])],
    "merging.live_traces": [(["t"],)],
    "merging.trace_versions": [(["t"],)],
    "merging.live_texts": [(["t"], ["o"])],
    "merging.trace_totals": [(["t"],)],
    "observation_times.versions": [(["t"], ["o"], -1)],
    "observation_times.rewritten_traces": [(["t"], -1)],
    "metrics.rows_of": _METRICS,
    "metrics.rows_from_hours": [(*_OF_MODELS[:2], plan) for plan in _PLANS],
    "hourly_usage.hidden_hash": [()],
    "hourly_usage.hours_between": [(START_US // HOUR_US, START_US // HOUR_US + 1, 0)],
    "daily_metrics.traces_per_day": [([NOT_HIDDEN],), (_TRACE_FILTERS,)],
    "daily_metrics.usage_per_day": [([NOT_HIDDEN],), (_OBSERVATION_FILTERS,)],
    "hidden.any_hidden": [()],
    "deletion.stored_times": [(["t"],)],
    "traces.by_ids_with_text": [(["t"],)],
    "traces.by_ids_without_text": [(["t"],)],
    "traces.totals": [(["t"],)],
    "traces.observation_ids": [(["t"],)],
    "traces.score_ids_of": [(["t"],)],
    "traces.scores_of": [("t",)],
    "trace_list.page_of": [([NOT_HIDDEN], Order(), Page(10)), (_TRACE_FILTERS, Order("name", "ASC"), Page(10))],
    "trace_list.count_of": [([NOT_HIDDEN],), (_TRACE_FILTERS,)],
    "observations.of_trace": [("t",)],
    "observations.by_keys": [([ObservationKey("t", "o", START_US)], texts) for texts in Texts],
    "observations.by_id": [("o",)],
    "observations.traces_with": [("o",)],
    "observation_list.page_of": [([], Page(10)), (_OBSERVATION_FILTERS, Page(10))],
    "observation_list.page_after": [([], _LATER, 10), (_OBSERVATION_FILTERS, None, 10)],
    "observation_list.window_after": [([], _LATER, 0), (_OBSERVATION_FILTERS, None, 0)],
    "observation_list.count_of": [([NOT_HIDDEN],), (_OBSERVATION_FILTERS,)],
    "scores.page_of": [([], Page(10)), (_SCORE_FILTERS, Page(10))],
    "scores.page_after": [([], scores.Position(START_US + 1, "9"), 10), (_SCORE_FILTERS, None, 10)],
    "scores.newest_of_runs": [([], 1)],
    "scores.newest_of_traces": [([], 1)],
    "scores.count_of": [([],), (_SCORE_FILTERS,)],
    "scores.summary_of": [([],), (_SCORE_FILTERS,)],
    "scores.by_ids": [(["1", "2"],)],
    "scores.judged_traces": [(["t"],)],
    "scores.deleted_traces": [()],
    "trace_skeleton.of_trace": [("t",)],
    "trace_table.page_after": [
        ([NOT_HIDDEN], Sort.TIME, True, None, 10),
        (_TRACE_FILTERS, Sort.COST, False, trace_table.Position(-2.0, ""), 10),
        ([trace_table.search("s", START_US)], Sort.NAME, True, None, 10),
    ],
    "trace_table.previews_of": [(["t"],)],
    "trace_table.histogram_of": [([NOT_HIDDEN], 3600), (_TRACE_FILTERS, 60)],
    "trace_table.summary_of": [([NOT_HIDDEN],), (_TRACE_FILTERS,)],
    "experiment_results.answers_of_observations": [([ObservationKey("t", "o", START_US)],)],
    "experiment_results.answers_of_traces": [(["t"],)],
    "experiment_results.totals": [(["t"],)],
    "trace_table.options_of": [([NOT_HIDDEN], Facet.USER), (_TRACE_FILTERS, Facet.NAME)],
    "trace_groups.page_of": [
        (by, [NOT_HIDDEN], GroupPage(GroupSort.COST, is_descending=True, limit=10)) for by in GroupBy
    ],
    "trace_groups.one_of": [(GroupBy.SESSION, "s", []), (GroupBy.USER, "u", _TRACE_FILTERS)],
    "sessions.page_of": [(_ALL, Page(10)), (SessionFilter(START_US, START_US + 1, ["default"]), Page(10))],
    "sessions.count_of": [(_ALL,)],
    "sessions.trace_ids_of": [("s",)],
}


def _builders() -> Iterator[tuple[str, Builder]]:
    for module_info in pkgutil.iter_modules(clickhouse_package.__path__):
        module = importlib.import_module(f"{clickhouse_package.__name__}.{module_info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_own = function.__module__ == module.__name__ and not name.startswith("_")
            if is_own and inspect.signature(function).return_annotation is ProjectQuery:
                yield f"{module_info.name}.{name}", function


BUILDERS = dict(_builders())


async def _seed(clickhouse: ClickHouse, scope: ProjectScope, value: str) -> None:
    """Records with the same ids in every project; what they say tells whose they are."""
    trace = make_trace("t", name=value, user_id="u", session_id="s", input=value, metadata={"k": value})
    observation = make_observation(
        "o", trace_id="t", input="in", output=value, total_cost_usd=usd(total="1")["total"], metadata={"k": value}
    )
    judgements = [
        make_score("1", trace_id="t", comment=value),
        make_score("2", trace_id="t", observation_id="o", comment=value),
    ]
    await store(clickhouse, scope, [trace], [observation], judgements)
    await hourly_usage.make(clickhouse, scope, [START_US // HOUR_US])
    gone = make_trace("gone", project_id=scope.project_id, name=value)
    await write.insert_traces(clickhouse, [gone], [Stamp(0, 0, is_deleted=True)])
    event = LoggedEvent("batch", 0, value, _RECEIVED_MS)
    await merging.insert_events(clickhouse, [(scope.project_id, "trace", "t", event)])


def _is_empty(rows: Sequence[tuple[Any, ...]]) -> bool:
    """No rows, or what an aggregate says about none."""
    return all(not value for row in rows for value in row)


def test_every_builder_has_a_case() -> None:
    assert sorted(BUILDERS) == sorted(CASES)


@pytest.mark.parametrize("name", CASES)
async def test_a_project_sees_its_own_rows_only(clickhouse: ClickHouse, name: str) -> None:
    ours, theirs = new_scope(), new_scope()
    queries = [BUILDERS[name](*arguments) for arguments in CASES[name]]
    await _seed(clickhouse, ours, "ours")

    before = [await clickhouse.fetch_tuples(ours, query) for query in queries]
    elsewhere = [await clickhouse.fetch_tuples(theirs, query) for query in queries]
    await _seed(clickhouse, theirs, "theirs")
    after = [await clickhouse.fetch_tuples(ours, query) for query in queries]

    assert not any(_is_empty(rows) for rows in before)
    assert all(_is_empty(rows) for rows in elsewhere)
    assert after == before
