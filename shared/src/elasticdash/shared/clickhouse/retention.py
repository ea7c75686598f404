"""Removes what is older than a project wants to keep."""

from collections.abc import Sequence

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.domain.scope import ProjectScope

# Observations first: a trace whose observations are gone is a smaller surprise than the reverse.
_STATEMENTS: Sequence[str] = (
    "DELETE FROM observations WHERE project_id = {project_id:String} AND start_time < {before:DateTime64(3)}",
    "DELETE FROM observations_by_time WHERE project_id = {project_id:String} AND start_time_us < {before:DateTime64(3)}",
    "DELETE FROM scores WHERE project_id = {project_id:String} AND timestamp < {before:DateTime64(3)}",
    "DELETE FROM traces WHERE project_id = {project_id:String} AND timestamp < {before:DateTime64(3)}",
    "DELETE FROM traces_by_time WHERE project_id = {project_id:String} AND timestamp_us < {before:DateTime64(3)}",
    "DELETE FROM event_log WHERE project_id = {project_id:String} AND received_at < {before:DateTime64(3)}",
)


async def delete_before(clickhouse: ClickHouse, scope: ProjectScope, before_ms: int) -> None:
    """Delete the project's rows that began before a time, in milliseconds since the epoch.

    Observations go by their start, traces and scores by their timestamp, statements by when they were received.
    """
    parameters = {"project_id": scope.project_id, "before": before_ms / 1000}
    for sql in _STATEMENTS:
        await clickhouse.execute(SystemStatement("retention", sql, parameters))
