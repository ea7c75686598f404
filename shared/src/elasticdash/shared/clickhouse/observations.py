"""Reads of whole observations: all of a trace, or the ones of a page by their keys."""

import contextlib
from collections.abc import AsyncGenerator, Sequence
from enum import Enum

from elasticdash.shared.clickhouse import rows
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.hidden import NOT_HIDDEN
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.clickhouse.rows import ObservationKey, ObservationRow
from elasticdash.shared.domain.scope import ProjectScope

# The first of a trace of thousands are on their way while the others are read.
_ROWS_PER_BLOCK = 500


class Texts(Enum):
    """Which of an observation's long columns a read needs; the value is what it selects."""

    ALL = rows.OBSERVATION_WITH_TEXT
    METADATA = rows.OBSERVATION_WITH_METADATA
    NONE = rows.OBSERVATION_WITHOUT_TEXT


def of_trace(trace_id: str) -> ProjectQuery:
    """Live observations of a trace with all texts, by (start time, id)."""
    return ProjectQuery(
        "observations_of_trace",
        "\n".join(
            [
                "SELECT",
                rows.OBSERVATION_WITH_TEXT,
                # Versions lie side by side in the key's order: merging them costs less than sorting by revision.
                "FROM observations FINAL",
                "WHERE project_id = {project_id:String} AND trace_id = {trace_id:String}",
                "ORDER BY start_time_us, id",
                f"SETTINGS max_block_size = {_ROWS_PER_BLOCK}",
            ]
        ),
        {"trace_id": trace_id},
    )


def by_keys(keys: Sequence[ObservationKey], texts: Texts) -> ProjectQuery:
    """Newest versions of the observations with these keys, unordered; the last column is is_deleted."""
    return ProjectQuery(
        "observations_by_keys",
        "\n".join(
            [
                "SELECT",
                texts.value,
                ", is_deleted",
                "FROM observations",
                "WHERE project_id = {project_id:String}",
                "AND (trace_id, id) IN {keys:Array(Tuple(String, String))}",
                "ORDER BY revision DESC",
                "LIMIT 1 BY trace_id, id",
            ]
        ),
        {"keys": [(key.trace_id, key.id) for key in keys]},
    )


def by_id(observation_id: str) -> ProjectQuery:
    """Newest version of the observation with this id in each trace that has one; the last column is is_deleted.

    An id names one observation; rows in a second trace are leftovers of an update that moved it, so the
    newest comes first. Nothing of a deleted trace is returned.
    """
    return ProjectQuery(
        "observations_by_id",
        "\n".join(
            [
                "SELECT",
                rows.OBSERVATION_WITH_TEXT,
                ", is_deleted",
                "FROM observations",
                "WHERE project_id = {project_id:String} AND id = {observation_id:String}",
                f"AND {NOT_HIDDEN.sql}",
                "ORDER BY revision DESC",
                "LIMIT 1 BY trace_id",
            ]
        ),
        {"observation_id": observation_id},
    )


def traces_with(observation_id: str) -> ProjectQuery:
    """(trace id, is_deleted) of the observation with this id, newest first, as for `by_id` but without its texts."""
    return ProjectQuery(
        "observations_traces_with",
        "\n".join(
            [
                "SELECT trace_id, is_deleted",
                "FROM observations",
                "WHERE project_id = {project_id:String} AND id = {observation_id:String}",
                f"AND {NOT_HIDDEN.sql}",
                "ORDER BY revision DESC",
                "LIMIT 1 BY trace_id",
            ]
        ),
        {"observation_id": observation_id},
    )


async def stream_of_trace(
    clickhouse: ClickHouse, scope: ProjectScope, trace_id: str
) -> AsyncGenerator[list[ObservationRow]]:
    """Live observations of a trace by (start time, id), with all texts, in blocks as the engine has them."""
    async with contextlib.aclosing(clickhouse.stream(scope, of_trace(trace_id))) as blocks:
        async for block in blocks:
            yield [ObservationRow._make(row) for row in block]


async def fetch(
    clickhouse: ClickHouse, scope: ProjectScope, keys: Sequence[ObservationKey], texts: Texts
) -> list[ObservationRow]:
    """Live observations in the order of `keys`; deleted ones are left out."""
    if not keys:
        return []
    found = _live(await clickhouse.fetch_tuples(scope, by_keys(keys, texts)))
    rows_by_key = {(row.trace_id, row.id): row for row in found}
    return [rows_by_key[key[:2]] for key in keys if key[:2] in rows_by_key]


async def find(clickhouse: ClickHouse, scope: ProjectScope, observation_id: str) -> ObservationRow | None:
    """One observation with all texts; None when it, or its trace, is unknown or deleted."""
    found = _live(await clickhouse.fetch_tuples(scope, by_id(observation_id)))
    return found[0] if found else None


async def find_trace_id(clickhouse: ClickHouse, scope: ProjectScope, observation_id: str) -> str | None:
    """The trace an observation is in; None when it, or its trace, is unknown or deleted."""
    found = await clickhouse.fetch_tuples(scope, traces_with(observation_id))
    return next((trace_id for trace_id, is_deleted in found if not is_deleted), None)


def _live(tuples: Sequence[tuple[object, ...]]) -> list[ObservationRow]:
    return [ObservationRow._make(row[:-1]) for row in tuples if not row[-1]]
