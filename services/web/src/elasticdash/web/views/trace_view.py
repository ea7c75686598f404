"""The fields of a trace that every answer about one has."""

from elasticdash.shared.clickhouse.rows import TraceRow
from elasticdash.web.views import json_text
from elasticdash.web.views.json_text import Json


def trace_view(project_id: str, row: TraceRow) -> dict[str, Json]:
    """The trace itself; `input` and `output` are parsed where they hold JSON."""
    return {
        "id": row.id,
        "projectId": project_id,
        "externalId": None,
        "timestamp": json_text.time_of_ms(row.timestamp_ms),
        "createdAt": json_text.time_of_ms(row.created_ms),
        "updatedAt": json_text.time_of_ms(row.updated_ms),
        "name": row.name,
        "userId": row.user_id,
        "sessionId": row.session_id,
        "release": row.release,
        "version": row.version,
        "environment": row.environment,
        "public": row.public,
        "bookmarked": row.bookmarked,
        "tags": row.tags,
        "input": json_text.parsed(row.input),
        "output": json_text.parsed(row.output),
        "metadata": json_text.parsed_values(row.metadata),
        "htmlPath": f"/project/{project_id}/traces/{row.id}",
    }
