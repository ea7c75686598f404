"""Removes what is older than a project wants to keep."""

from collections.abc import Sequence

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.domain.scope import ProjectScope

# Observations first: a trace whose observations are gone is a smaller surprise than the reverse.
_COLUMNS: Sequence[tuple[str, str]] = (
    ("observations", "start_time"),
    ("observations_by_time", "start_time_us"),
    ("usage_by_hour", "toDateTime64(hour * 3600, 3)"),
    ("scores", "timestamp"),
    ("traces", "timestamp"),
    ("traces_by_time", "timestamp_us"),
    ("trace_times", "timestamp_us"),
    ("event_log", "received_at"),
)


async def delete_before(clickhouse: ClickHouse, scope: ProjectScope, before_ms: int) -> None:
    """Delete the project's rows that began before a time, in milliseconds since the epoch.

    Observations go by their start, traces and scores by their timestamp, statements by when they were received.
    """
    parameters = {"project_id": scope.project_id, "before": before_ms / 1000}
    for table, column in _COLUMNS:
        where = f"project_id = {{project_id:String}} AND {column} < {{before:DateTime64(3)}}"
        sql = f"DELETE FROM {table} WHERE {where}"  # noqa: S608 both names are from the table above
        await clickhouse.execute(SystemStatement("retention", sql, parameters))
