"""Takes traces out of every table, and leaves a tombstone that late events can't lift."""

from collections.abc import Sequence

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.merging import TOMBSTONE_REVISION
from elasticdash.shared.clickhouse.query import PROJECT_TABLES, ProjectDelete, ProjectQuery, parameter_sized
from elasticdash.shared.domain.scope import ProjectScope

# The log before the rows that say whose it is: after a kill in between, a second call finishes the work.
_DELETES: Sequence[ProjectDelete] = (
    ProjectDelete(
        "event_log",
        """
        (entity_kind = 'trace' AND entity_id IN {trace_ids:Array(String)})
        OR (entity_kind = 'observation' AND entity_id IN (
            SELECT id FROM observations
            WHERE project_id = {project_id:String} AND trace_id IN {trace_ids:Array(String)}))
        OR (entity_kind = 'score' AND entity_id IN (
            SELECT id FROM scores
            WHERE project_id = {project_id:String} AND trace_id IN {trace_ids:Array(String)}))
        """,
    ),
    ProjectDelete("scores", "trace_id IN {trace_ids:Array(String)}"),
    ProjectDelete("observations_by_time", "trace_id IN {trace_ids:Array(String)}"),
    ProjectDelete("observations", "trace_id IN {trace_ids:Array(String)}"),
    ProjectDelete("traces_by_time", "trace_id IN {trace_ids:Array(String)} AND revision < {tombstone:UInt64}"),
    ProjectDelete("traces", "id IN {trace_ids:Array(String)} AND revision < {tombstone:UInt64}"),
)


def stored_times(trace_ids: Sequence[str]) -> ProjectQuery:
    """(id, timestamp in µs) at which these traces were ever listed."""
    return ProjectQuery(
        "deletion_stored_times",
        """
        SELECT DISTINCT trace_id, toUnixTimestamp64Micro(timestamp_us)
        FROM trace_times
        WHERE project_id = {project_id:String} AND trace_id IN {trace_ids:Array(String)}
        """,
        {"trace_ids": trace_ids},
    )


async def delete_traces(clickhouse: ClickHouse, scope: ProjectScope, trace_ids: Sequence[str], now_ms: int) -> None:
    """Delete traces with their observations, scores and statements; unknown ids are no error.

    The tombstones are written first, so readers and late events see the traces as deleted from then on. Ids
    that nothing is stored of get one too: their events may still be on the way.
    """
    for some in parameter_sized(trace_ids):
        await _delete_some(clickhouse, scope, some, now_ms)


async def _delete_some(clickhouse: ClickHouse, scope: ProjectScope, trace_ids: Sequence[str], now_ms: int) -> None:
    times = await clickhouse.fetch_tuples(scope, stored_times(trace_ids))
    known = {trace_id for trace_id, _ in times}
    tombstones = [*times, *((trace_id, now_ms * 1000) for trace_id in trace_ids if trace_id not in known)]
    await _bury(clickhouse, scope, tombstones, now_ms)
    for statement in _DELETES:
        uses_tombstone = "{tombstone:UInt64}" in statement.where
        tombstone = {"tombstone": TOMBSTONE_REVISION} if uses_tombstone else {}
        await clickhouse.delete(scope, statement, {"trace_ids": trace_ids, **tombstone})


async def _bury(
    clickhouse: ClickHouse, scope: ProjectScope, tombstones: Sequence[tuple[str, int]], now_ms: int
) -> None:
    """Write deleted rows at the given (trace id, time in µs), which replace whatever is stored there."""
    count = len(tombstones)
    trace_ids = [trace_id for trace_id, _ in tombstones]
    times_us = [time_us for _, time_us in tombstones]
    same = {"project_id": [scope.project_id] * count, "is_deleted": [1] * count}
    revisions = {"timestamp_us": times_us, "revision": [TOMBSTONE_REVISION] * count}
    narrow = {"trace_id": trace_ids, **same, **revisions}
    stamps = {name: [now_ms] * count for name in ("created_at", "updated_at", "event_ts")}
    wide = {"id": trace_ids, "timestamp": [time_us // 1000 for time_us in times_us], **same, **revisions, **stamps}
    await clickhouse.insert("traces", list(wide), list(wide.values()))
    await clickhouse.insert("traces_by_time", list(narrow), list(narrow.values()))


async def delete_project(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    """Delete every row of a project, tombstones included; tables without any are not touched."""
    for table in PROJECT_TABLES:
        # Both names are ours: a table of the list, and the parameter of every project query.
        count = f"SELECT count() FROM {table} WHERE project_id = {{project_id:String}}"  # noqa: S608
        [(rows,)] = await clickhouse.fetch_tuples(scope, ProjectQuery("deletion_count", count))
        if rows:
            await clickhouse.delete(scope, ProjectDelete(table, "1"), {})
