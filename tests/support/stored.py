"""What is visible in each table, as a test compares it: the winning versions, without bookkeeping."""

from typing import Any

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.domain.scope import ProjectScope

Row = dict[str, Any]

_IDENTITY = {
    "traces": "id",
    "observations": "trace_id, id",
    "scores": "id",
    "traces_by_time": "trace_id, timestamp_us",
    "observations_by_time": "trace_id, id, toStartOfMinute(start_time_us)",
}
_BOOKKEEPING = ("project_id", "created_at", "updated_at", "event_ts", "revision", "row_hash", "is_deleted")


async def visible_rows(clickhouse: ClickHouse, scope: ProjectScope, table: str) -> list[Row]:
    """The live rows of a project in a table, each in its version of the highest revision, in order of identity."""
    identity = _IDENTITY[table]
    sql = f"""
        SELECT * FROM (
            SELECT * FROM {table} WHERE project_id = {{project_id:String}}
            ORDER BY revision DESC LIMIT 1 BY {identity}
        ) WHERE is_deleted = 0 ORDER BY {identity}
    """
    rows = await clickhouse.fetch_system(SystemStatement("visible", sql, {"project_id": scope.project_id}))
    return [{name: value for name, value in row.items() if name not in _BOOKKEEPING} for row in rows]


async def everything_visible(clickhouse: ClickHouse, scope: ProjectScope) -> dict[str, list[Row]]:
    """The live rows of a project by table."""
    return {table: await visible_rows(clickhouse, scope, table) for table in _IDENTITY}
