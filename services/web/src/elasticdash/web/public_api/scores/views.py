"""A score as each API generation shows it."""

from collections.abc import Mapping

from elasticdash.shared.clickhouse.scores import JudgedTrace, StoredScore
from elasticdash.web.views import json_text
from elasticdash.web.views.json_text import Json

_TEXT_ONLY = frozenset({"TEXT", "CORRECTION"})


def score_view(project_id: str, row: StoredScore) -> dict[str, Json]:
    """A score of the first and second generation; which value keys it has depends on its type."""
    view: dict[str, Json] = {
        "id": row.id,
        "projectId": project_id,
        "traceId": row.trace_id,
        "observationId": row.observation_id,
        "sessionId": row.session_id,
        "datasetRunId": row.dataset_run_id,
        "name": row.name,
        "dataType": row.data_type,
        "source": row.source,
        "timestamp": json_text.time_of_us(row.timestamp_us),
        "createdAt": json_text.time_of_ms(row.created_ms),
        "updatedAt": json_text.time_of_ms(row.updated_ms),
        "environment": row.environment,
        "authorUserId": row.author_user_id,
        "comment": row.comment,
        "metadata": json_text.parsed_values(row.metadata),
        "configId": row.config_id,
        "queueId": row.queue_id,
        "executionTraceId": row.execution_trace_id,
    }
    if row.data_type not in _TEXT_ONLY:
        view["value"] = row.value
    elif row.data_type == "CORRECTION":
        # The clients' shape of a correction requires a number, which says nothing.
        view["value"] = 0
    if row.data_type != "NUMERIC":
        view["stringValue"] = _text(row)
    return view


def judged_trace_view(trace: JudgedTrace) -> dict[str, Json]:
    """What a score shows of its trace."""
    return {
        "userId": trace.user_id,
        "tags": trace.tags,
        "environment": trace.environment,
        "sessionId": trace.session_id,
    }


def score_v3_view(project_id: str, row: StoredScore, groups: frozenset[str]) -> dict[str, Json]:
    """A score of the third generation with the keys of the asked groups."""
    view: dict[str, Json] = {
        "id": row.id,
        "projectId": project_id,
        "name": row.name,
        "value": _typed_value(row),
        "dataType": row.data_type,
        "source": row.source,
        "timestamp": json_text.time_of_us(row.timestamp_us),
        "environment": row.environment,
        "createdAt": json_text.time_of_ms(row.created_ms),
        "updatedAt": json_text.time_of_ms(row.updated_ms),
    }
    if "details" in groups:
        view |= {
            "comment": row.comment,
            "configId": row.config_id,
            "metadata": json_text.parsed_values(row.metadata),
        }
    if "annotation" in groups:
        view |= {"authorUserId": row.author_user_id, "queueId": row.queue_id}
    if "subject" in groups:
        view["subject"] = _subject(row)
    return view


def _typed_value(row: StoredScore) -> bool | float | str:
    if row.data_type == "BOOLEAN":
        return row.value != 0
    return row.value if row.data_type == "NUMERIC" else _text(row)


def _text(row: StoredScore) -> str:
    return row.long_string_value if row.data_type == "CORRECTION" else row.string_value or ""


def _subject(row: StoredScore) -> Mapping[str, str]:
    if row.observation_id is not None:
        return {"kind": "observation", "id": row.observation_id, "traceId": row.trace_id or ""}
    if row.trace_id is not None:
        return {"kind": "trace", "id": row.trace_id}
    if row.session_id is not None:
        return {"kind": "session", "id": row.session_id}
    return {"kind": "experiment", "id": row.dataset_run_id or ""}
