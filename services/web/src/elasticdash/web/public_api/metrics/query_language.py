"""The query language of the metrics API: JSON text in, a query whose every name is known out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal, TypeVar

import msgspec

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import filter_conditions, metrics, metrics_query
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.shared.clickhouse.metrics_query import Aggregation, Granularity, Metric, MetricsQuery, OrderBy
from elasticdash.shared.clickhouse.metrics_views import V1, V2, Need, View
from elasticdash.web.views import json_text
from elasticdash.web.wire import parsed_timestamp

Item = TypeVar("Item")

# The first generation states no limit of its own; without one, a year of minutes would be half a million rows.
MAX_ROWS_V1 = 10_000
DEFAULT_ROWS_V2 = 100
_MAX_ROWS_ASKED = 1000
_DEFAULT_BINS = 10
# Each of them turns a row into several, so two would count everything twice.
_EXPLODING = frozenset({Need.COST_TYPES, Need.USAGE_TYPES, Need.TOOL_NAMES, Need.CALLED_TOOL_NAMES})


class _Dimension(msgspec.Struct):
    field: str


class _Metric(msgspec.Struct):
    measure: str
    aggregation: Aggregation


class _TimeDimension(msgspec.Struct):
    granularity: Literal["auto", "minute", "hour", "day", "week", "month"]


class _OrderBy(msgspec.Struct):
    field: str
    direction: Literal["asc", "desc"]


class _Config(msgspec.Struct):
    bins: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    row_limit: Annotated[int, msgspec.Meta(ge=1, le=_MAX_ROWS_ASKED)] | None = None


class _Sent(msgspec.Struct, rename="camel"):
    view: str
    metrics: Annotated[list[_Metric], msgspec.Meta(min_length=1)]
    from_timestamp: str
    to_timestamp: str
    dimensions: list[_Dimension] | None = None
    filters: msgspec.Raw = msgspec.Raw(b"null")
    time_dimension: _TimeDimension | None = None
    order_by: list[_OrderBy] | None = None
    config: _Config | None = None


def parse_v1(text: str) -> tuple[View, MetricsQuery]:
    """A query of the first generation with its view; InvalidRequestError naming what it breaks."""
    sent = _decoded(text)
    view = _view(sent, V1)
    return view, _query(sent, view, MAX_ROWS_V1)


def parse_v2(text: str) -> tuple[View, MetricsQuery]:
    """A query of the second generation with its view; InvalidRequestError naming what it breaks.

    A dimension with very many values is taken only for the top rows by a metric, without time buckets.
    """
    sent = _decoded(text)
    view = _view(sent, V2)
    query = _query(sent, view, DEFAULT_ROWS_V2)
    guarded = sorted(view.guarded.intersection(query.dimensions))
    if guarded and not _is_top_list(sent, query):
        raise _refused(
            "dimensions",
            f"{', '.join(guarded)} has too many values to group by: set config.row_limit, order by a metric "
            "descending and leave out timeDimension, or use it in filters only",
        )
    return view, query


def _decoded(text: str) -> _Sent:
    try:
        return msgspec.json.decode(text.encode(), type=_Sent)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise _refused("query", str(error)) from error


def _view(sent: _Sent, views: Mapping[str, View]) -> View:
    if sent.view not in views:
        raise _refused("view", f"must be one of {', '.join(views)}")
    return views[sent.view]


def _query(sent: _Sent, view: View, default_rows: int) -> MetricsQuery:
    from_us, to_us = _time("fromTimestamp", sent.from_timestamp), _time("toTimestamp", sent.to_timestamp)
    if from_us >= to_us:
        raise _refused("toTimestamp", "must be after fromTimestamp")
    config = sent.config or _Config()
    query = MetricsQuery(
        view=sent.view,
        dimensions=_distinct(dimension.field for dimension in sent.dimensions or ()),
        metrics=_distinct(Metric(metric.measure, metric.aggregation) for metric in sent.metrics),
        conditions=_conditions(sent.filters),
        granularity=_granularity(sent.time_dimension, from_us, to_us),
        from_us=from_us,
        to_us=to_us,
        order=[OrderBy(by.field, by.direction == "desc") for by in sent.order_by or ()],
        bins=config.bins or _DEFAULT_BINS,
        row_limit=config.row_limit or default_rows,
    )
    _check_names(view, query)
    _check_expansion(view, query)
    return query


def _time(parameter: str, text: str) -> int:
    try:
        return json_text.us_of_time(parsed_timestamp(text))
    except ValueError as error:
        raise _refused(parameter, str(error)) from error


def _conditions(sent: msgspec.Raw) -> Sequence[Condition]:
    text = bytes(sent).decode()
    return () if text == "null" else filter_conditions.parse(text)


def _granularity(sent: _TimeDimension | None, from_us: int, to_us: int) -> Granularity | None:
    if sent is None:
        return None
    if sent.granularity == "auto":
        return metrics_query.auto_granularity(from_us, to_us)
    return Granularity(sent.granularity)


def _check_names(view: View, query: MetricsQuery) -> None:
    for name in query.dimensions:
        if name not in view.dimensions:
            raise _refused("dimensions", f"{name!r} is none of {', '.join(view.dimensions)}")
    for metric in query.metrics:
        measure = view.measures.get(metric.measure)
        if measure is None:
            raise _refused("metrics", f"{metric.measure!r} is none of {', '.join(view.measures)}")
        if not metrics.takes(measure, metric.aggregation):
            raise _refused("metrics", f"{metric.measure} can't be aggregated by {metric.aggregation}")
    keys = metrics.keys_of(query)
    for by in query.order:
        if by.key not in keys:
            raise _refused("orderBy", f"{by.key!r} is none of {', '.join(keys)}")


def _check_expansion(view: View, query: MetricsQuery) -> None:
    by_dimension = frozenset[Need]().union(*(view.dimensions[name].needs for name in query.dimensions))
    if len(_EXPLODING & by_dimension) > 1:
        raise _refused("dimensions", "only one of costType, usageType, toolNames and calledToolNames at a time")
    if _EXPLODING & metrics.needs_of(view, query) - by_dimension:
        raise _refused("dimensions", "costByType and costType need the dimension costType; the same for usage")


def _is_top_list(sent: _Sent, query: MetricsQuery) -> bool:
    metric_keys = {metric.key for metric in query.metrics}
    has_limit = sent.config is not None and sent.config.row_limit is not None
    is_ranked = any(by.is_descending and by.key in metric_keys for by in query.order[:1])
    return has_limit and is_ranked and query.granularity is None


def _distinct(items: Iterable[Item]) -> Sequence[Item]:
    return list(dict.fromkeys(items))


def _refused(parameter: str, rule: str) -> errors.InvalidRequestError:
    return errors.InvalidRequestError("Invalid request data", [errors.FieldIssue((parameter,), rule)])
