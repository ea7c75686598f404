"""Reads of single traces and of what belongs to them, by primary key."""

from collections.abc import Mapping, Sequence
from typing import Any

from elasticdash.shared.clickhouse import rows
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.clickhouse.rows import ScoreRow, TraceRow, TraceTotalsRow
from elasticdash.shared.domain.scope import ProjectScope

# Parameters of an HTTP query travel in its address, which servers cap at 1 MB.
_IDS_PER_QUERY = 2000


def by_ids_with_text(trace_ids: Sequence[str]) -> ProjectQuery:
    """Newest versions of these traces, input, output and metadata included; the last column is is_deleted."""
    return _by_ids(rows.TRACE_WITH_TEXT, trace_ids)


def by_ids_without_text(trace_ids: Sequence[str]) -> ProjectQuery:
    """Newest versions of these traces without reading texts; the last column is is_deleted."""
    return _by_ids(rows.TRACE_WITHOUT_TEXT, trace_ids)


def _by_ids(columns: str, trace_ids: Sequence[str]) -> ProjectQuery:
    return ProjectQuery(
        "traces_by_ids",
        "\n".join(
            [
                "SELECT",
                columns,
                ", is_deleted",
                "FROM traces",
                "WHERE project_id = {project_id:String} AND id IN {trace_ids:Array(String)}",
                "ORDER BY revision DESC",
                "LIMIT 1 BY id",
            ]
        ),
        {"trace_ids": trace_ids},
    )


def totals(trace_ids: Sequence[str]) -> ProjectQuery:
    """Latency in seconds and cost in USD of each of these traces that has observations."""
    return ProjectQuery(
        "traces_totals",
        """
        SELECT
            trace_id,
            (max(ifNull(ended, started)) - min(started)) / 1e6,
            sumOrNull(cost)
        FROM
        (
            SELECT
                trace_id,
                argMax(is_deleted, revision) AS is_gone,
                argMax(toUnixTimestamp64Micro(start_time_us), revision) AS started,
                argMax(tuple(toUnixTimestamp64Micro(end_time_us)), revision).1 AS ended,
                argMax(tuple(total_cost), revision).1 AS cost
            FROM observations
            WHERE project_id = {project_id:String} AND trace_id IN {trace_ids:Array(String)}
            GROUP BY trace_id, id
        )
        WHERE is_gone = 0
        GROUP BY trace_id
        """,
        {"trace_ids": trace_ids},
    )


def observation_ids(trace_ids: Sequence[str]) -> ProjectQuery:
    """(trace_id, ids of its live observations by start time) of these traces."""
    return ProjectQuery(
        "traces_observation_ids",
        """
        SELECT trace_id, arrayMap(entry -> entry.2, arraySort(groupArray((started, id))))
        FROM
        (
            SELECT
                trace_id,
                id,
                argMax(is_deleted, revision) AS is_gone,
                argMax(start_time_us, revision) AS started
            FROM observations
            WHERE project_id = {project_id:String} AND trace_id IN {trace_ids:Array(String)}
            GROUP BY trace_id, id
        )
        WHERE is_gone = 0
        GROUP BY trace_id
        """,
        {"trace_ids": trace_ids},
    )


def score_ids_of(trace_ids: Sequence[str]) -> ProjectQuery:
    """(trace_id, ids of its live scores and of those of its observations, oldest first) of these traces."""
    return ProjectQuery(
        "traces_score_ids_of",
        """
        SELECT target, arrayMap(entry -> entry.2, arraySort(groupArray((given, id))))
        FROM
        (
            SELECT
                id,
                argMax(is_deleted, revision) AS is_gone,
                argMax(ifNull(trace_id, ''), revision) AS target,
                argMax(timestamp_us, revision) AS given
            FROM scores
            WHERE project_id = {project_id:String}
              AND id IN (
                  SELECT id
                  FROM scores
                  WHERE project_id = {project_id:String} AND trace_id IN {trace_ids:Array(String)}
              )
            GROUP BY id
        )
        WHERE is_gone = 0 AND target IN {trace_ids:Array(String)}
        GROUP BY target
        """,
        {"trace_ids": trace_ids},
    )


def scores_of(trace_id: str) -> ProjectQuery:
    """Stored versions of the scores that a trace ever had; then come time in µs, is_deleted and revision."""
    return ProjectQuery(
        "traces_scores_of",
        "\n".join(
            [
                "SELECT",
                rows.SCORE,
                ", toUnixTimestamp64Micro(timestamp_us), is_deleted, revision",
                "FROM scores",
                "WHERE project_id = {project_id:String} AND id IN (",
                "SELECT id FROM scores WHERE project_id = {project_id:String} AND trace_id = {trace_id:String})",
            ]
        ),
        {"trace_id": trace_id},
    )


async def find(
    clickhouse: ClickHouse, scope: ProjectScope, trace_id: str, *, with_text: bool = True
) -> TraceRow | None:
    """One trace, None when it is unknown or deleted."""
    found = await fetch(clickhouse, scope, [trace_id], with_text=with_text)
    return found.get(trace_id)


async def fetch(
    clickhouse: ClickHouse, scope: ProjectScope, trace_ids: Sequence[str], *, with_text: bool
) -> dict[str, TraceRow]:
    """Live traces by id; unknown and deleted ids are absent."""
    query_of = by_ids_with_text if with_text else by_ids_without_text
    found: dict[str, TraceRow] = {}
    for start in range(0, len(trace_ids), _IDS_PER_QUERY):
        query = query_of(trace_ids[start : start + _IDS_PER_QUERY])
        for *row, is_deleted in await clickhouse.fetch_tuples(scope, query):
            if not is_deleted:
                found[row[0]] = TraceRow._make(row)
    return found


async def fetch_totals(
    clickhouse: ClickHouse, scope: ProjectScope, trace_ids: Sequence[str]
) -> dict[str, TraceTotalsRow]:
    """Totals by trace id; traces without observations are absent."""
    if not trace_ids:
        return {}
    tuples = await clickhouse.fetch_tuples(scope, totals(trace_ids))
    return {row[0]: TraceTotalsRow._make(row) for row in tuples}


async def fetch_observation_ids(
    clickhouse: ClickHouse, scope: ProjectScope, trace_ids: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """Ids of observations by trace id, each by start time; traces without observations are absent."""
    if not trace_ids:
        return {}
    return dict(await clickhouse.fetch_tuples(scope, observation_ids(trace_ids)))


async def fetch_score_ids(
    clickhouse: ClickHouse, scope: ProjectScope, trace_ids: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """Ids of scores by trace id, oldest first; traces without scores are absent."""
    if not trace_ids:
        return {}
    return dict(await clickhouse.fetch_tuples(scope, score_ids_of(trace_ids)))


async def fetch_scores(clickhouse: ClickHouse, scope: ProjectScope, trace_id: str) -> list[ScoreRow]:
    """Live scores of a trace and of its observations, oldest first."""
    newest: dict[str, tuple[Any, ...]] = {}
    for version in await clickhouse.fetch_tuples(scope, scores_of(trace_id)):
        known = newest.setdefault(version[0], version)
        if version[-1] > known[-1]:
            newest[version[0]] = version
    in_order = sorted(newest.values(), key=lambda row: (row[-3], row[0]))
    found = [ScoreRow._make(row[:-3]) for row in in_order if not row[-2]]
    # One that went to another trace is not of this one any more.
    return [score for score in found if score.trace_id == trace_id]
