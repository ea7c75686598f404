"""Turns what a Langfuse API shows of traces, observations and scores into the batch events that make the same rows."""

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
Event = dict[str, Any]

_TRACE_FIELDS = (
    "id", "timestamp", "name", "userId", "sessionId", "release", "version", "environment", "public", "tags", "input",
    "output", "metadata",
)  # fmt: skip
_EVENT_FIELDS = (
    "id", "traceId", "parentObservationId", "name", "startTime", "level", "statusMessage", "version", "environment",
    "input", "output", "metadata",
)  # fmt: skip
_SPAN_FIELDS = (*_EVENT_FIELDS, "endTime")
_MODEL_FIELDS = (
    *_SPAN_FIELDS, "completionStartTime", "model", "modelParameters", "usageDetails", "costDetails", "promptName",
    "promptVersion",
)  # fmt: skip
_SCORE_FIELDS = (
    "id", "timestamp", "name", "dataType", "traceId", "observationId", "sessionId", "datasetRunId", "source", "comment",
    "queueId", "environment", "metadata",
)  # fmt: skip
_PLAIN_FIELDS = {"EVENT": _EVENT_FIELDS, "SPAN": _SPAN_FIELDS}
_SHOWN_AS_TEXT = ("CATEGORICAL", "TEXT", "CORRECTION")


def trace_event(row: Row) -> Event:
    """The `trace-create` event that makes a trace as a source shows it."""
    return _event("trace-create", "trace", row, _picked(row, _TRACE_FIELDS))


def observation_event(row: Row) -> Event:
    """The create event that makes an observation, of whatever type, with the usage and costs the source knows."""
    type_ = str(row["type"])
    body = _picked(row, _PLAIN_FIELDS.get(type_, _MODEL_FIELDS))
    # A source computes units and costs that nobody stated; stated empty they would keep this Logger from it.
    for field in ("usageDetails", "costDetails"):
        if not body.get(field):
            body.pop(field, None)
    return _event(f"{type_.lower()}-create", "observation", row, body)


def score_event(row: Row, config_ids: Mapping[str, str]) -> Event:
    """The `score-create` event that makes a score. `config_ids`: ids of score configs here by their ids there."""
    body = _picked(row, _SCORE_FIELDS)
    body["value"] = row["stringValue"] if row["dataType"] in _SHOWN_AS_TEXT else row["value"]
    config_id = config_ids.get(row.get("configId") or "")
    if config_id:
        body["configId"] = config_id
    return _event("score-create", "score", row, body)


def _event(type_: str, kind: str, row: Row, body: Event) -> Event:
    # Sent again after a change in the source, the later state wins.
    return {"id": f"import-{kind}-{row['id']}", "timestamp": row["updatedAt"], "type": type_, "body": body}


def _picked(row: Row, fields: tuple[str, ...]) -> Event:
    return {field: row[field] for field in fields if row.get(field) is not None}
