"""A score in the first API generation, as a trace shows it."""

from elasticdash.shared.clickhouse.rows import ScoreRow
from elasticdash.web.views import json_text
from elasticdash.web.views.json_text import Json

_TEXT_ONLY = frozenset({"TEXT", "CORRECTION"})


def score_view(project_id: str, row: ScoreRow) -> dict[str, Json]:
    """The answer for one score of a trace; which value keys it has depends on its type."""
    view: dict[str, Json] = {
        "id": row.id,
        "projectId": project_id,
        "traceId": row.trace_id,
        "observationId": row.observation_id,
        "sessionId": None,
        "datasetRunId": None,
        "name": row.name,
        "dataType": row.data_type,
        "source": row.source,
        "timestamp": json_text.time_of_ms(row.timestamp_ms),
        "createdAt": json_text.time_of_ms(row.created_ms),
        "updatedAt": json_text.time_of_ms(row.updated_ms),
        "environment": row.environment,
        "authorUserId": row.author_user_id,
        "comment": row.comment,
        "metadata": json_text.parsed_values(row.metadata),
        "configId": row.config_id,
        "queueId": row.queue_id,
    }
    if row.data_type not in _TEXT_ONLY:
        view["value"] = row.value
    if row.data_type == "CORRECTION":
        view["stringValue"] = row.long_string_value
    elif row.data_type != "NUMERIC":
        view["stringValue"] = row.string_value or ""
    return view
