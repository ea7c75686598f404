"""Answers metrics queries: one SELECT over the newest versions of rows, then the empty time buckets."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from math import isfinite
from typing import Any, cast

from elasticdash.shared.clickhouse import filters, hidden, hourly_usage, metrics_query, scores
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.clickhouse.hourly_usage import Plan
from elasticdash.shared.clickhouse.metrics_query import Aggregation, Granularity, Metric, MetricsQuery, OrderBy
from elasticdash.shared.clickhouse.metrics_views import Measure, Need, Unit, View
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.domain.scope import ProjectScope

TIME_KEY = "time_dimension"
Row = dict[str, Any]
"""Key → JSON value: whole numbers as texts, other numbers as floats, buckets as seconds since the epoch."""

_QUANTILES = {
    Aggregation.P50: "0.5",
    Aggregation.P75: "0.75",
    Aggregation.P90: "0.9",
    Aggregation.P95: "0.95",
    Aggregation.P99: "0.99",
}
# A text can be counted, and the sum of its distinct values is their number.
_OF_TEXTS = {Aggregation.COUNT: "count", Aggregation.UNIQ: "uniqExact", Aggregation.SUM: "uniqExact"}
_FUNCTIONS = {
    Aggregation.SUM: "sum",
    Aggregation.AVG: "avg",
    Aggregation.COUNT: "count",
    Aggregation.MAX: "maxOrNull",
    Aggregation.MIN: "minOrNull",
    Aggregation.UNIQ: "uniqExact",
}
_ZERO_IF_EMPTY = frozenset({Aggregation.SUM, Aggregation.COUNT, Aggregation.UNIQ})
_ROW_COUNT = ("count", Aggregation.COUNT)
_ARRAY_JOINS = {
    Need.COST_TYPES: "ARRAY JOIN mapKeys(cost_details) AS cost_type, mapValues(cost_details) AS type_cost",
    Need.USAGE_TYPES: "ARRAY JOIN mapKeys(usage_details) AS usage_type, mapValues(usage_details) AS type_usage",
    Need.TOOL_NAMES: "ARRAY JOIN mapKeys(tool_definitions) AS tool_name",
    Need.CALLED_TOOL_NAMES: "ARRAY JOIN arrayDistinct(tool_call_names) AS called_tool_name",
}
# FINAL stays in every source: over 200,000 observations it costs nothing while no versions overlap (14 ms with it,
# 16 ms without), twice the time when a fifth has two versions, and looking for overlaps first costs as much.
_TRACE_JOIN = """LEFT ANY JOIN (
    SELECT trace_id AS t_trace_id, name AS t_name, user_id AS t_user_id, session_id AS t_session_id,
        release AS t_release, version AS t_version, tags AS t_tags
    FROM traces_by_time FINAL
    WHERE project_id = {project_id:String}
) AS t ON trace_id = t_trace_id"""
_OBSERVATION_JOIN = """LEFT ANY JOIN (
    SELECT trace_id AS o_trace_id, id AS o_id, name AS o_name, provided_model_name AS o_model_name,
        prompt_name AS o_prompt_name, prompt_version AS o_prompt_version
    FROM observations_by_time FINAL
    WHERE project_id = {project_id:String} AND (trace_id, id) IN (
        SELECT ifNull(trace_id, ''), ifNull(observation_id, '')
        FROM scores
        WHERE project_id = {project_id:String})
) AS o ON trace_id = o_trace_id AND observation_id = o_id"""
_COUNTS_OF_TRACES = """LEFT ANY JOIN (
    SELECT ifNull(trace_id, '') AS s_trace_id, toInt64(count()) AS score_count
    FROM scores FINAL
    WHERE project_id = {project_id:String}
    GROUP BY s_trace_id
) AS s ON trace_id = s_trace_id"""
_COUNTS_OF_OBSERVATIONS = """LEFT ANY JOIN (
    SELECT ifNull(trace_id, '') AS s_trace_id, ifNull(observation_id, '') AS s_id, toInt64(count()) AS score_count
    FROM scores FINAL
    WHERE project_id = {project_id:String}
    GROUP BY s_trace_id, s_id
) AS s ON trace_id = s_trace_id AND id = s_id"""


def rows_of(view: View, query: MetricsQuery, visible: Sequence[Predicate]) -> ProjectQuery:
    """The groups of a query: time bucket if asked, dimensions, metrics, in that order.

    `visible` are predicates that hide what was deleted elsewhere. Raises InvalidRequestError for a broken filter.
    """
    needs = needs_of(view, query)
    predicates = [*filters.compile_all(view.filters, [], query.conditions), *visible]
    keys = _keys(view, query)
    values = [_aggregate(view.measures[metric.measure], metric.aggregation, query.bins) for metric in query.metrics]
    selected = [f"{sql} AS k{index}" for index, sql in enumerate(keys)]
    selected += [f"{sql} AS v{index}" for index, sql in enumerate(values)]
    lines = [
        "SELECT " + ",\n    ".join(selected),
        *_source(view, needs),
        *(f"AND {predicate.sql}" for predicate in predicates),
        *(["GROUP BY " + ", ".join(f"k{index}" for index in range(len(keys)))] if keys else []),
        "ORDER BY " + ", ".join(_order(query, len(keys))),
        "LIMIT {row_limit:UInt32}",
    ]
    parameters = {name: value for predicate in predicates for name, value in predicate.parameters.items()}
    bounds = {"from_us": query.from_us, "to_us": query.to_us, "row_limit": query.row_limit}
    return ProjectQuery("metrics_rows", "\n".join(lines), {**parameters, **bounds})


def rows_from_hours(view: View, query: MetricsQuery, plan: Plan) -> ProjectQuery:
    """The groups of a query that `is_answered_by_hours`, as `rows_of` gives them, from a plan's source."""
    source, of_source = hourly_usage.source_of(plan)
    predicates = filters.compile_all(view.filters, [], query.conditions)
    keys = _keys(view, query)
    selected = [f"{sql} AS k{index}" for index, sql in enumerate(keys)]
    selected += [
        f"sum({hourly_usage.COLUMNS[metric.measure]}) AS v{index}" for index, metric in enumerate(query.metrics)
    ]
    lines = [
        "SELECT " + ",\n    ".join(selected),
        f"FROM {source}",
        *(["WHERE " + " AND ".join(predicate.sql for predicate in predicates)] if predicates else []),
        *(["GROUP BY " + ", ".join(f"k{index}" for index in range(len(keys)))] if keys else []),
        "ORDER BY " + ", ".join(_order(query, len(keys))),
        "LIMIT {row_limit:UInt32}",
    ]
    parameters = {name: value for predicate in predicates for name, value in predicate.parameters.items()}
    return ProjectQuery(
        "metrics_rows_from_hours", "\n".join(lines), {**parameters, **of_source, "row_limit": query.row_limit}
    )


def is_answered_by_hours(view: View, query: MetricsQuery) -> bool:
    """Whether sums of whole hours say everything that a query of known names asks."""
    if view.table != "observations_by_time" or query.granularity is Granularity.MINUTE:
        return False
    are_summed = all(
        metric.measure in hourly_usage.COLUMNS
        and (metric.aggregation is Aggregation.SUM or (metric.measure, metric.aggregation) == _ROW_COUNT)
        for metric in query.metrics
    )
    columns = [view.filters[condition.column] for condition in query.conditions if condition.column in view.filters]
    asked = {view.dimensions[name].sql for name in query.dimensions} | {column.sql for column in columns}
    return are_summed and len(columns) == len(query.conditions) and asked <= set(hourly_usage.DIMENSIONS)


def needs_of(view: View, query: MetricsQuery) -> frozenset[Need]:
    """What must be read beside the narrow rows to answer a query whose names are known."""
    named = [view.dimensions[name].needs for name in query.dimensions]
    named += [view.measures[metric.measure].needs for metric in query.metrics]
    named += [view.filter_needs.get(condition.column, frozenset()) for condition in query.conditions]
    return frozenset[Need]().union(*named)


async def fetch(clickhouse: ClickHouse, scope: ProjectScope, view: View, query: MetricsQuery) -> list[Row]:
    """The rows of the answer: by time ascending, else by the first metric descending, unless ordered otherwise.

    With time buckets and no order, buckets without rows follow in their place with zeros and nulls.
    """
    found = await clickhouse.fetch_tuples(scope, await _statement(clickhouse, scope, view, query))
    rows = [_row(query, values) for values in found]
    if query.granularity is None or query.order:
        return rows
    return list(islice(_filled(view, query, rows), query.row_limit))


async def _statement(clickhouse: ClickHouse, scope: ProjectScope, view: View, query: MetricsQuery) -> ProjectQuery:
    if is_answered_by_hours(view, query):
        plan = await hourly_usage.find_plan(clickhouse, scope, query.from_us, query.to_us)
        if plan is not None:
            return rows_from_hours(view, query, plan)
    return rows_of(view, query, await _visible(clickhouse, scope, view))


async def _visible(clickhouse: ClickHouse, scope: ProjectScope, view: View) -> Sequence[Predicate]:
    if view.table == "scores":
        return await scores.visible(clickhouse, scope)
    return await hidden.predicates(clickhouse, scope)


def _keys(view: View, query: MetricsQuery) -> list[str]:
    dimensions = [view.dimensions[name].sql for name in query.dimensions]
    if query.granularity is None:
        return dimensions
    return [metrics_query.bucket_sql(query.granularity, view.time_column), *dimensions]


def _source(view: View, needs: frozenset[Need]) -> Iterator[str]:
    if view.table == "scores":
        # An absent trace is an empty id: predicates about traces then stay true or false, never NULL.
        yield "FROM (SELECT * REPLACE (ifNull(trace_id, '') AS trace_id)"
        yield "FROM scores FINAL"
        yield "WHERE project_id = {project_id:String}) AS r"
    elif Need.WIDE in needs:
        yield "FROM observations FINAL"
    else:
        yield f"FROM {view.table} FINAL"
    for need in (Need.COST_TYPES, Need.USAGE_TYPES, Need.TOOL_NAMES, Need.CALLED_TOOL_NAMES):
        if need in needs:
            yield _ARRAY_JOINS[need]
    if Need.TRACE in needs:
        yield _TRACE_JOIN
    if Need.OBSERVATION in needs:
        yield _OBSERVATION_JOIN
    if Need.SCORE_COUNTS in needs:
        yield _COUNTS_OF_TRACES if view.table == "traces_by_time" else _COUNTS_OF_OBSERVATIONS
    yield "WHERE project_id = {project_id:String}"
    yield f"AND {view.time_column} >= fromUnixTimestamp64Micro({{from_us:Int64}})"
    yield f"AND {view.time_column} <= fromUnixTimestamp64Micro({{to_us:Int64}})"
    if view.kept:
        yield f"AND {view.kept}"


def _aggregate(measure: Measure, aggregation: Aggregation, bins: int) -> str:
    if measure.unit is Unit.TEXT:
        return f"{_OF_TEXTS[aggregation]}({measure.sql})"
    if aggregation is Aggregation.HISTOGRAM:
        return f"histogram({bins:d})(toFloat64({measure.sql}))"
    if aggregation in _QUANTILES:
        # Exact: sampled quantiles change from call to call, and values of one project fit in memory.
        return f"quantileExactInclusiveOrNull({_QUANTILES[aggregation]})(toFloat64({measure.sql}))"
    value = f"toInt64({measure.sql})" if measure.unit is Unit.INTEGER else measure.sql
    aggregate = f"{_FUNCTIONS[aggregation]}({value})"
    return f"ifNull({aggregate}, 0)" if aggregation is Aggregation.SUM else aggregate


def takes(measure: Measure, aggregation: Aggregation) -> bool:
    """Whether a measure can be aggregated so."""
    return measure.unit is not Unit.TEXT or aggregation in _OF_TEXTS


def _order(query: MetricsQuery, key_count: int) -> Iterator[str]:
    columns = _columns_by_key(query)
    order = query.order or _default_order(query)
    for by in order:
        yield f"{columns[by.key]} {'DESC' if by.is_descending else 'ASC'}"
    # The same query gives the same rows, whatever ties there are.
    yield from (f"k{index}" for index in range(key_count))
    if not key_count and not order:
        yield "v0"


def _default_order(query: MetricsQuery) -> Sequence[OrderBy]:
    if query.granularity is not None:
        return [OrderBy(TIME_KEY, is_descending=False)]
    first = query.metrics[0]
    if first.aggregation is Aggregation.HISTOGRAM:
        return []
    return [OrderBy(first.key, is_descending=True)]


def keys_of(query: MetricsQuery) -> Sequence[str]:
    """The keys of a row of the answer, in its order."""
    return [*_group_keys(query), *(metric.key for metric in query.metrics)]


def _group_keys(query: MetricsQuery) -> Sequence[str]:
    return [TIME_KEY, *query.dimensions] if query.granularity is not None else query.dimensions


def _columns_by_key(query: MetricsQuery) -> Mapping[str, str]:
    named = {key: f"k{index}" for index, key in enumerate(_group_keys(query))}
    return named | {metric.key: f"v{index}" for index, metric in enumerate(query.metrics)}


def _row(query: MetricsQuery, values: Sequence[Any]) -> Row:
    keys = _group_keys(query)
    row = dict(zip(keys, values[: len(keys)], strict=True))
    for metric, value in zip(query.metrics, values[len(keys) :], strict=True):
        row[metric.key] = _number(value)
    return row


def _number(value: Any) -> Any:
    match value:
        case int():
            return str(value)
        case Decimal():
            return float(value)
        case float():
            return value if isfinite(value) else None
        case list():
            return [list(bin_) for bin_ in cast(list[tuple[float, ...]], value)]
        case _:
            return value


def _filled(view: View, query: MetricsQuery, rows: Sequence[Row]) -> Iterator[Row]:
    granularity = query.granularity
    if granularity is None:
        return
    by_bucket: dict[int, list[Row]] = {}
    for row in rows:
        by_bucket.setdefault(row[TIME_KEY], []).append(row)
    empty: Row = dict.fromkeys(query.dimensions)
    empty |= {metric.key: _nothing(view.measures[metric.measure], metric) for metric in query.metrics}
    for bucket in metrics_query.buckets(granularity, query.from_us, query.to_us):
        yield from by_bucket.get(bucket) or [{TIME_KEY: bucket, **empty}]


def _nothing(measure: Measure, metric: Metric) -> Any:
    """What a metric is over no rows."""
    if metric.aggregation is Aggregation.HISTOGRAM:
        return []
    if metric.aggregation not in _ZERO_IF_EMPTY:
        return None
    is_whole = metric.aggregation is not Aggregation.SUM or measure.unit in (Unit.INTEGER, Unit.TEXT)
    return "0" if is_whole else 0.0
