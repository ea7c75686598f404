"""What the traces of experiments say: the start of each answer, how long it took and what it cost."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import ProjectQuery, parameter_sized
from elasticdash.shared.clickhouse.rows import ObservationKey
from elasticdash.shared.domain.scope import ProjectScope

SHOWN_CHARACTERS = 2000


class Answer(NamedTuple):
    """The start of what an observation, or a trace, was given and gave; None where it has none."""

    input: str | None
    output: str | None


class Totals(NamedTuple):
    """What all observations of a trace say together. Latency is None while none of them ended."""

    trace_id: str
    latency_seconds: float | None
    total_cost_usd: Decimal | None
    total_tokens: int
    errors: int


def answers_of_observations(keys: Sequence[ObservationKey]) -> ProjectQuery:
    """(trace_id, id, input, output, is_deleted) of the newest versions of these observations."""
    return ProjectQuery(
        "experiment_answers_of_observations",
        "\n".join(
            [
                f"SELECT trace_id, id, {_start('input')}, {_start('output')}, is_deleted",
                "FROM observations",
                "WHERE project_id = {project_id:String}",
                "AND (trace_id, id) IN {keys:Array(Tuple(String, String))}",
                "ORDER BY revision DESC",
                "LIMIT 1 BY trace_id, id",
            ]
        ),
        {"keys": [(key.trace_id, key.id) for key in keys]},
    )


def answers_of_traces(trace_ids: Sequence[str]) -> ProjectQuery:
    """(id, input, output, is_deleted) of the newest versions of these traces."""
    return ProjectQuery(
        "experiment_answers_of_traces",
        "\n".join(
            [
                f"SELECT id, {_start('input')}, {_start('output')}, is_deleted",
                "FROM traces",
                "WHERE project_id = {project_id:String} AND id IN {trace_ids:Array(String)}",
                "ORDER BY revision DESC",
                "LIMIT 1 BY id",
            ]
        ),
        {"trace_ids": trace_ids},
    )


def totals(trace_ids: Sequence[str]) -> ProjectQuery:
    """Totals of each of these traces that has observations."""
    return ProjectQuery(
        "experiment_totals",
        """
        SELECT
            trace_id,
            (maxOrNull(ended) - min(started)) / 1e6,
            sumOrNull(cost),
            sum(tokens),
            countIf(is_error)
        FROM
        (
            SELECT
                trace_id,
                argMax(is_deleted, revision) AS is_gone,
                argMax(toUnixTimestamp64Micro(start_time_us), revision) AS started,
                argMax(tuple(toUnixTimestamp64Micro(end_time_us)), revision).1 AS ended,
                argMax(tuple(total_cost), revision).1 AS cost,
                argMax(usage_details['total'], revision) AS tokens,
                argMax(level, revision) = 'ERROR' AS is_error
            FROM observations
            WHERE project_id = {project_id:String} AND trace_id IN {trace_ids:Array(String)}
            GROUP BY trace_id, id
        )
        WHERE is_gone = 0
        GROUP BY trace_id
        """,
        {"trace_ids": trace_ids},
    )


async def fetch_answers(
    clickhouse: ClickHouse, scope: ProjectScope, keys: Sequence[ObservationKey], trace_ids: Sequence[str]
) -> Mapping[tuple[str, str | None], Answer]:
    """Answers of these observations, and of these traces, by trace id and observation id or None."""
    found: dict[tuple[str, str | None], Answer] = {}
    for part in parameter_sized(keys, lambda key: key.trace_id + key.id):
        for trace_id, id_, *texts, is_deleted in await clickhouse.fetch_tuples(scope, answers_of_observations(part)):
            if not is_deleted:
                found[trace_id, id_] = Answer(*texts)
    for part in parameter_sized(trace_ids):
        for trace_id, *texts, is_deleted in await clickhouse.fetch_tuples(scope, answers_of_traces(part)):
            if not is_deleted:
                found[trace_id, None] = Answer(*texts)
    return found


async def fetch_totals(clickhouse: ClickHouse, scope: ProjectScope, trace_ids: Sequence[str]) -> Mapping[str, Totals]:
    """Totals by trace id; traces without observations are absent."""
    found: dict[str, Totals] = {}
    for part in parameter_sized(trace_ids):
        rows = await clickhouse.fetch_tuples(scope, totals(part))
        found |= {row[0]: Totals._make(row) for row in rows}
    return found


def _start(column: str) -> str:
    return f"substringUTF8({column}, 1, {SHOWN_CHARACTERS})"
