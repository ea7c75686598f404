"""Reads of scores: pages, one by id, and the traces they judge."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.clickhouse.trace_list import Page
from elasticdash.shared.domain.scope import ProjectScope

# Scores of a trace that somebody deleted, here or in `traces` itself. A row that ran empty has no environment.
_NOT_OF_DELETED_TRACES = Predicate(
    "trace_id NOT IN (SELECT id FROM traces "
    "WHERE project_id = {project_id:String} AND is_deleted = 1 AND environment != '')"
)
_NEWEST_FIRST = "ORDER BY timestamp_us DESC, id DESC"
_COLUMNS = """
    id,
    nullIf(trace_id, ''),
    nullIf(observation_id, ''),
    nullIf(session_id, ''),
    nullIf(dataset_run_id, ''),
    toUnixTimestamp64Micro(timestamp_us),
    name,
    data_type,
    value,
    string_value,
    long_string_value,
    source,
    comment,
    metadata,
    environment,
    author_user_id,
    config_id,
    queue_id,
    execution_trace_id,
    toUnixTimestamp64Milli(created_at),
    toUnixTimestamp64Milli(updated_at)"""


class StoredScore(NamedTuple):
    """The newest version of one score. Exactly one target: trace (with observation or not), session, dataset run."""

    id: str
    trace_id: str | None
    observation_id: str | None
    session_id: str | None
    dataset_run_id: str | None
    timestamp_us: int
    name: str
    data_type: str
    value: float
    string_value: str | None
    long_string_value: str
    source: str
    comment: str | None
    metadata: Mapping[str, str]
    environment: str
    author_user_id: str | None
    config_id: str | None
    queue_id: str | None
    execution_trace_id: str | None
    created_ms: int
    updated_ms: int


class JudgedTrace(NamedTuple):
    """What a score shows of its trace."""

    id: str
    user_id: str | None
    tags: Sequence[str]
    environment: str
    session_id: str | None


class ScoreSummary(NamedTuple):
    """All scores of one name and type: how many, what numbers say, the most frequent texts, and the last time."""

    name: str
    data_type: str
    scores: int
    average: float | None
    least: float | None
    most: float | None
    texts: Sequence[tuple[str, int]]
    last_us: int


class Position(NamedTuple):
    """The last score of a page: the next page begins after it, newest first."""

    timestamp_us: int
    id: str


@dataclass(frozen=True, slots=True)
class ScorePage:
    """Scores on a page, newest first; `total_items` counts all pages."""

    rows: Sequence[StoredScore]
    total_items: int


def page_of(predicates: Sequence[Predicate], page: Page) -> ProjectQuery:
    """(id,) of the live scores on a page, newest first."""
    return ProjectQuery(
        "scores_page",
        "\n".join(
            [
                "SELECT id",
                *_source(predicates),
                _NEWEST_FIRST,
                "LIMIT {limit:UInt64} OFFSET {offset:UInt64}",
            ]
        ),
        {**_parameters(predicates), "limit": page.limit, "offset": page.offset},
    )


def page_after(predicates: Sequence[Predicate], position: Position | None, limit: int) -> ProjectQuery:
    """(id,) of the `limit` live scores after a position (None: from the newest), newest first."""
    if position is None:
        return page_of(predicates, Page(limit))
    after = Predicate(
        "(timestamp_us, id) < (fromUnixTimestamp64Micro({after_time:Int64}), {after_id:String})",
        {"after_time": position.timestamp_us, "after_id": position.id},
    )
    return page_of([*predicates, after], Page(limit))


def newest_of_runs(predicates: Sequence[Predicate], each: int) -> ProjectQuery:
    """(id,) of the `each` newest live scores of every dataset run that the predicates keep, newest first."""
    return ProjectQuery(
        "scores_newest_of_runs",
        "\n".join(["SELECT id", *_source(predicates), _NEWEST_FIRST, "LIMIT {each:UInt64} BY dataset_run_id"]),
        {**_parameters(predicates), "each": each},
    )


def newest_of_traces(predicates: Sequence[Predicate], each: int) -> ProjectQuery:
    """(id,) of the `each` newest live scores of every trace, and of every observation, that the predicates keep."""
    return ProjectQuery(
        "scores_newest_of_traces",
        "\n".join(
            ["SELECT id", *_source(predicates), _NEWEST_FIRST, "LIMIT {each:UInt64} BY trace_id, observation_id"]
        ),
        {**_parameters(predicates), "each": each},
    )


def count_of(predicates: Sequence[Predicate]) -> ProjectQuery:
    """One row with the number of live scores the predicates keep."""
    return ProjectQuery("scores_count", "\n".join(["SELECT count()", *_source(predicates)]), _parameters(predicates))


def summary_of(predicates: Sequence[Predicate]) -> ProjectQuery:
    """ScoreSummary of each name and type of the live scores the predicates keep, the most frequent first."""
    number = "data_type IN ('NUMERIC', 'BOOLEAN')"
    text = "data_type IN ('CATEGORICAL', 'BOOLEAN') AND ifNull(string_value, '') != ''"
    return ProjectQuery(
        "scores_summary",
        "\n".join(
            [
                f"SELECT name, data_type, count() AS scores, avgOrNullIf(value, {number}),",
                f"minOrNullIf(value, {number}), maxOrNullIf(value, {number}),",
                f"arrayMap(t -> (t.1, t.2), topKIf(5, 3, 'counts')(ifNull(string_value, ''), {text})),",
                "max(toUnixTimestamp64Micro(timestamp_us))",
                *_source(predicates),
                "GROUP BY name, data_type ORDER BY scores DESC, name, data_type LIMIT 200",
            ]
        ),
        _parameters(predicates),
    )


def by_ids(score_ids: Sequence[str]) -> ProjectQuery:
    """Newest versions of these scores as StoredScore; the last column is is_deleted."""
    return ProjectQuery(
        "scores_by_ids",
        "\n".join(
            [
                "SELECT",
                _COLUMNS,
                ", is_deleted",
                "FROM scores",
                "WHERE project_id = {project_id:String} AND id IN {score_ids:Array(String)}",
                "ORDER BY revision DESC",
                "LIMIT 1 BY id",
            ]
        ),
        {"score_ids": score_ids},
    )


def judged_traces(trace_ids: Sequence[str]) -> ProjectQuery:
    """Newest versions of these traces as JudgedTrace; the last column is is_deleted."""
    return ProjectQuery(
        "scores_judged_traces",
        """
        SELECT id, user_id, tags, environment, session_id, is_deleted
        FROM traces
        WHERE project_id = {project_id:String} AND id IN {trace_ids:Array(String)}
        ORDER BY revision DESC
        LIMIT 1 BY id
        """,
        {"trace_ids": trace_ids},
    )


def deleted_traces() -> ProjectQuery:
    """One row when somebody deleted a trace of the project, else none."""
    return ProjectQuery(
        "scores_deleted_traces",
        """
        SELECT 1
        FROM traces
        WHERE project_id = {project_id:String} AND is_deleted = 1 AND environment != ''
        LIMIT 1
        """,
    )


def of_traces(trace_ids: Sequence[str], observation_ids: Sequence[str]) -> Predicate:
    """Keeps the scores of these traces themselves, and of these observations in them."""
    return Predicate(
        "trace_id IN {trace_ids:Array(String)} "
        "AND (ifNull(observation_id, '') = '' OR observation_id IN {observation_ids:Array(String)})",
        {"trace_ids": trace_ids, "observation_ids": observation_ids},
    )


async def fetch_page(
    clickhouse: ClickHouse, scope: ProjectScope, predicates: Sequence[Predicate], page: Page
) -> ScorePage:
    """The scores on a page, newest first, and the number of all that the predicates keep."""
    kept = [*predicates, *await visible(clickhouse, scope)]
    found, counted = await asyncio.gather(
        clickhouse.fetch_tuples(scope, page_of(kept, page)), clickhouse.fetch_tuples(scope, count_of(kept))
    )
    return ScorePage(await _rows(clickhouse, scope, found), int(counted[0][0]))


async def fetch_after(
    clickhouse: ClickHouse, scope: ProjectScope, predicates: Sequence[Predicate], position: Position | None, limit: int
) -> list[StoredScore]:
    """The `limit` scores after a position (None: from the newest), newest first."""
    kept = [*predicates, *await visible(clickhouse, scope)]
    found = await clickhouse.fetch_tuples(scope, page_after(kept, position, limit))
    return await _rows(clickhouse, scope, found)


async def fetch_of_runs(
    clickhouse: ClickHouse, scope: ProjectScope, run_ids: Sequence[str], each: int
) -> Mapping[str, Sequence[StoredScore]]:
    """The newest scores of these dataset runs, `each` at most, by run; newest first."""
    if not run_ids:
        return {}
    of_runs = Predicate("ifNull(dataset_run_id IN {run_ids:Array(String)}, 0)", {"run_ids": run_ids})
    found = await clickhouse.fetch_tuples(scope, newest_of_runs([of_runs], each))
    return _grouped(await _rows(clickhouse, scope, found), lambda row: row.dataset_run_id)


async def fetch_of_traces(
    clickhouse: ClickHouse,
    scope: ProjectScope,
    trace_ids: Sequence[str],
    observation_ids: Sequence[str],
    each: int,
) -> Mapping[str, Sequence[StoredScore]]:
    """The newest scores of these traces, and of these observations in them, by trace; newest first."""
    if not trace_ids:
        return {}
    kept = [of_traces(trace_ids, observation_ids), *await visible(clickhouse, scope)]
    found = await clickhouse.fetch_tuples(scope, newest_of_traces(kept, each))
    return _grouped(await _rows(clickhouse, scope, found), lambda row: row.trace_id)


async def fetch_summary(
    clickhouse: ClickHouse, scope: ProjectScope, predicates: Sequence[Predicate]
) -> list[ScoreSummary]:
    """What all scores of a name say together, by name and type."""
    kept = [*predicates, *await visible(clickhouse, scope)]
    return [ScoreSummary._make(row) for row in await clickhouse.fetch_tuples(scope, summary_of(kept))]


async def find(clickhouse: ClickHouse, scope: ProjectScope, score_id: str) -> StoredScore | None:
    """One score; None when it is unknown or deleted, or its trace is."""
    by_id = Predicate("id = {score_id:String}", {"score_id": score_id})
    found = await fetch_after(clickhouse, scope, [by_id], None, 1)
    return found[0] if found else None


async def fetch_judged_traces(
    clickhouse: ClickHouse, scope: ProjectScope, rows: Sequence[StoredScore]
) -> Mapping[str, JudgedTrace]:
    """The traces that these scores judge by id; traces that are unknown or deleted are absent."""
    trace_ids = sorted({row.trace_id for row in rows if row.trace_id is not None})
    if not trace_ids:
        return {}
    found = await clickhouse.fetch_tuples(scope, judged_traces(trace_ids))
    return {row[0]: JudgedTrace._make(row[:-1]) for row in found if not row[-1]}


def unknown_trace(row: StoredScore) -> JudgedTrace:
    """What is known of a score's trace before the trace has come."""
    return JudgedTrace(row.trace_id or "", None, (), row.environment, None)


async def visible(clickhouse: ClickHouse, scope: ProjectScope) -> Sequence[Predicate]:
    """What a read of scores adds to its own predicates: nothing for a project that deleted nothing."""
    # Asking first is cheaper than comparing every score with an empty set.
    return [_NOT_OF_DELETED_TRACES] if await clickhouse.fetch_tuples(scope, deleted_traces()) else []


async def _rows(clickhouse: ClickHouse, scope: ProjectScope, found: Sequence[tuple[str, ...]]) -> list[StoredScore]:
    ids = [id_ for (id_,) in found]
    if not ids:
        return []
    rows = await clickhouse.fetch_tuples(scope, by_ids(ids))
    by_id = {row[0]: StoredScore._make(row[:-1]) for row in rows if not row[-1]}
    return [by_id[id_] for id_ in ids if id_ in by_id]


def _grouped(
    rows: Sequence[StoredScore], target: Callable[[StoredScore], str | None]
) -> Mapping[str, Sequence[StoredScore]]:
    groups: dict[str, list[StoredScore]] = {}
    for row in rows:
        groups.setdefault(target(row) or "", []).append(row)
    return groups


def _source(predicates: Sequence[Predicate]) -> Sequence[str]:
    # An absent trace is an empty id: predicates about traces then stay true or false, never NULL.
    return [
        "FROM (",
        "SELECT * REPLACE (ifNull(trace_id, '') AS trace_id)",
        "FROM scores FINAL",
        "WHERE project_id = {project_id:String}",
        ")",
        "WHERE 1",
        *(f"AND {predicate.sql}" for predicate in predicates),
    ]


def _parameters(predicates: Sequence[Predicate]) -> dict[str, object]:
    return {name: value for predicate in predicates for name, value in predicate.parameters.items()}
