"""The trace table of the UI: pages by keyset, short previews of texts, a histogram, and what filters may offer."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import LiteralString, NamedTuple

from elasticdash.shared.clickhouse import filter_columns, hidden
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.clickhouse.trace_list import IN_SMALL_BLOCKS
from elasticdash.shared.domain.scope import ProjectScope

PREVIEW_CHARACTERS = 300
_MAX_OPTIONS = 50
_LATENCY = filter_columns.TRACES["latency"].sql
_LEVEL = filter_columns.TRACES["level"].sql


class TraceTableRow(NamedTuple):
    """One trace as the table shows it, from its narrow row."""

    id: str
    timestamp_us: int
    name: str | None
    user_id: str | None
    session_id: str | None
    release: str | None
    version: str | None
    environment: str
    public: bool
    bookmarked: bool
    tags: Sequence[str]
    observation_count: int
    latency_seconds: float | None
    total_cost_usd: Decimal | None
    input_tokens: int
    output_tokens: int
    total_tokens: int
    error_count: int
    warning_count: int
    level: str
    models: Sequence[str]


class TextPreview(NamedTuple):
    """The start of a trace's texts; None where it has none."""

    id: str
    input: str | None
    output: str | None


class Bucket(NamedTuple):
    """How many traces began in a stretch of time, and how many of them hold an error."""

    start_seconds: int
    traces: int
    errors: int


class Summary(NamedTuple):
    """What is true of all traces a filter keeps. Quantiles are None without any latency."""

    traces: int
    errors: int
    total_cost_usd: Decimal | None
    total_tokens: int
    p50_seconds: float | None
    p95_seconds: float | None


class Sort(StrEnum):
    """What the table can be sorted by."""

    TIME = "timestamp"
    NAME = "name"
    LATENCY = "latency"
    COST = "totalCost"
    TOKENS = "totalTokens"
    OBSERVATIONS = "observationCount"
    ERRORS = "errorCount"


class Facet(StrEnum):
    """What filters may offer values of."""

    NAME = "name"
    ENVIRONMENT = "environment"
    LEVEL = "level"
    USER = "userId"
    SESSION = "sessionId"
    TAG = "tags"
    RELEASE = "release"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Position:
    """The last row of a page: its sort value and its id; the next page begins after it."""

    value: int | float | str
    id: str


@dataclass(frozen=True, slots=True)
class _Key:
    """A sort key that is never NULL, and the type its values travel as."""

    sql: LiteralString
    type: LiteralString


_KEYS: Mapping[Sort, _Key] = {
    Sort.TIME: _Key("timestamp_us", "Int64"),
    Sort.NAME: _Key("ifNull(name, '')", "String"),
    # A trace without a value comes after those with the smallest.
    Sort.LATENCY: _Key(
        "ifNull((toUnixTimestamp64Micro(end_time_us) - toUnixTimestamp64Micro(start_time_us)) / 1e6, -1)", "Float64"
    ),
    Sort.COST: _Key("ifNull(toFloat64(total_cost), -1)", "Float64"),
    Sort.TOKENS: _Key("total_tokens", "UInt64"),
    Sort.OBSERVATIONS: _Key("observation_count", "UInt32"),
    Sort.ERRORS: _Key("error_count", "UInt32"),
}
_FACET_SQL: Mapping[Facet, str] = {
    Facet.NAME: "ifNull(name, '')",
    Facet.ENVIRONMENT: "toString(environment)",
    Facet.LEVEL: _LEVEL,
    Facet.USER: "ifNull(user_id, '')",
    Facet.SESSION: "ifNull(session_id, '')",
    Facet.TAG: "arrayJoin(tags)",
    Facet.RELEASE: "ifNull(release, '')",
    Facet.VERSION: "ifNull(version, '')",
}
_COLUMNS = f"""
    trace_id,
    toUnixTimestamp64Micro(timestamp_us),
    nullIf(name, ''),
    nullIf(user_id, ''),
    nullIf(session_id, ''),
    nullIf(release, ''),
    nullIf(version, ''),
    environment,
    public,
    bookmarked,
    tags,
    observation_count,
    {_LATENCY},
    total_cost,
    input_tokens,
    output_tokens,
    total_tokens,
    error_count,
    warning_count,
    {_LEVEL},
    models"""


def page_after(
    predicates: Sequence[Predicate], sort: Sort, is_descending: bool, position: Position | None, limit: int
) -> ProjectQuery:
    """TraceTableRow of the `limit` live traces after a position (None: from the first)."""
    key, direction = _KEYS[sort], "DESC" if is_descending else "ASC"
    kept = [*predicates, *([_after(key, sort, is_descending, position)] if position else [])]
    return ProjectQuery(
        "trace_table_page",
        "\n".join(
            [
                "SELECT",
                _COLUMNS,
                *_source(kept),
                f"ORDER BY {key.sql} {direction}, trace_id {direction}",
                "LIMIT {limit:UInt64}",
                IN_SMALL_BLOCKS,
            ]
        ),
        {**_parameters(kept), "limit": limit},
    )


def previews_of(trace_ids: Sequence[str]) -> ProjectQuery:
    """TextPreview of these traces; the last column is is_deleted."""
    start = f"substringUTF8({{}}, 1, {PREVIEW_CHARACTERS})"
    return ProjectQuery(
        "trace_table_previews",
        "\n".join(
            [
                f"SELECT id, {start.format('input')}, {start.format('output')}, is_deleted",
                "FROM traces",
                "WHERE project_id = {project_id:String} AND id IN {trace_ids:Array(String)}",
                "ORDER BY revision DESC",
                "LIMIT 1 BY id",
            ]
        ),
        {"trace_ids": trace_ids},
    )


def histogram_of(predicates: Sequence[Predicate], bucket_seconds: int) -> ProjectQuery:
    """Bucket for each stretch of time with traces, ascending."""
    seconds = "toUnixTimestamp64Second(timestamp_us)"
    return ProjectQuery(
        "trace_table_histogram",
        "\n".join(
            [
                f"SELECT {seconds} - positiveModulo({seconds}, {{bucket_seconds:UInt32}}) AS bucket,",
                "count(), countIf(error_count > 0)",
                *_source(predicates),
                "GROUP BY bucket ORDER BY bucket",
            ]
        ),
        {**_parameters(predicates), "bucket_seconds": bucket_seconds},
    )


def summary_of(predicates: Sequence[Predicate]) -> ProjectQuery:
    """One Summary row."""
    return ProjectQuery(
        "trace_table_summary",
        "\n".join(
            [
                "SELECT count(), countIf(error_count > 0), sumOrNull(total_cost), sum(total_tokens),",
                f"quantileOrNull(0.5)({_LATENCY}), quantileOrNull(0.95)({_LATENCY})",
                *_source(predicates),
            ]
        ),
        _parameters(predicates),
    )


def options_of(predicates: Sequence[Predicate], facet: Facet) -> ProjectQuery:
    """(value, number of traces) of the most frequent values of a facet; unset is left out."""
    return ProjectQuery(
        "trace_table_options",
        "\n".join(
            [
                f"SELECT {_FACET_SQL[facet]} AS option, count() AS traces",
                *_source(predicates),
                "GROUP BY option HAVING option != ''",
                f"ORDER BY traces DESC, option LIMIT {_MAX_OPTIONS}",
            ]
        ),
        _parameters(predicates),
    )


def search(text: str, from_us: int | None) -> Predicate:
    """Traces whose id, name, user, session or tags hold a text, in any case of letters, or whose contents do.

    `from_us` bounds the observations whose texts are read; those of a trace begin close to it.
    """
    # Observations can start before their trace's own time.
    since = "" if from_us is None else "AND start_time_us >= fromUnixTimestamp64Micro({search_from:Int64})"
    holds = "positionCaseInsensitiveUTF8({}, {{search_text:String}}) > 0"
    described = (
        "concat(trace_id, '\\n', ifNull(name, ''), '\\n', ifNull(user_id, ''), '\\n', ifNull(session_id, ''), '\\n', "
        "arrayStringConcat(tags, '\\n'))"
    )
    in_texts = f"({holds.format('input')} OR {holds.format('output')})"
    sql = " ".join(
        [
            f"({holds.format(described)}",
            "OR trace_id IN (SELECT id FROM traces WHERE project_id = {project_id:String}",
            f"AND {in_texts})",
            "OR trace_id IN (SELECT trace_id FROM observations WHERE project_id = {project_id:String}",
            f"{since} AND ({in_texts} OR {holds.format('name')})))",
        ]
    )
    parameters: dict[str, object] = {"search_text": text}
    if from_us is not None:
        parameters["search_from"] = from_us - _SEARCH_LOOKBACK_US
    return Predicate(f"ifNull({sql}, 0)", parameters)


async def fetch_page(
    clickhouse: ClickHouse,
    scope: ProjectScope,
    query: ProjectQuery,
) -> list[tuple[TraceTableRow, TextPreview | None]]:
    """The rows of a page query with their previews, which a trace without texts lacks."""
    rows = [TraceTableRow._make(row) for row in await clickhouse.fetch_tuples(scope, query)]
    if not rows:
        return []
    found = await clickhouse.fetch_tuples(scope, previews_of([row.id for row in rows]))
    previews = {row[0]: TextPreview._make(row[:-1]) for row in found if not row[-1]}
    return [(row, previews.get(row.id)) for row in rows]


async def fetch_overview(
    clickhouse: ClickHouse, scope: ProjectScope, predicates: Sequence[Predicate], bucket_seconds: int
) -> tuple[Summary, list[Bucket]]:
    """Summary and histogram of all traces the predicates keep."""
    summary, buckets = await asyncio.gather(
        clickhouse.fetch_tuples(scope, summary_of(predicates)),
        clickhouse.fetch_tuples(scope, histogram_of(predicates, bucket_seconds)),
    )
    return Summary._make(summary[0]), [Bucket._make(row) for row in buckets]


async def visible(clickhouse: ClickHouse, scope: ProjectScope, predicates: Sequence[Predicate]) -> Sequence[Predicate]:
    """The predicates, and one that hides deleted traces where the project has some."""
    return [*predicates, *await hidden.predicates(clickhouse, scope)]


def sort_value(row: TraceTableRow, sort: Sort) -> int | float | str:
    """The value of a row's sort key, for the position of the next page."""
    match sort:
        case Sort.TIME:
            return row.timestamp_us
        case Sort.NAME:
            return row.name or ""
        case Sort.LATENCY:
            return -1.0 if row.latency_seconds is None else row.latency_seconds
        case Sort.COST:
            return -1.0 if row.total_cost_usd is None else float(row.total_cost_usd)
        case Sort.TOKENS:
            return row.total_tokens
        case Sort.OBSERVATIONS:
            return row.observation_count
        case Sort.ERRORS:
            return row.error_count


_SEARCH_LOOKBACK_US = 24 * 3600 * 1_000_000


def _after(key: _Key, sort: Sort, is_descending: bool, position: Position) -> Predicate:
    operator = "<" if is_descending else ">"
    value = f"{{after_value:{key.type}}}"
    if sort is Sort.TIME:
        value = f"fromUnixTimestamp64Micro({value})"
    return Predicate(
        f"{key.sql} {operator}= {value} AND ({key.sql}, trace_id) {operator} ({value}, {{after_id:String}})",
        {"after_value": position.value, "after_id": position.id},
    )


def _source(predicates: Sequence[Predicate]) -> Sequence[str]:
    return [
        "FROM traces_by_time FINAL",
        "WHERE project_id = {project_id:String}",
        *(f"AND {predicate.sql}" for predicate in predicates),
    ]


def _parameters(predicates: Sequence[Predicate]) -> dict[str, object]:
    return {name: value for predicate in predicates for name, value in predicate.parameters.items()}
