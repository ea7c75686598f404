"""The ingest endpoints in OpenAPI: they are plain routes, which the framework can't describe."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_TEXT = {"type": "string"}
_OPTIONAL_TEXT = {"type": ["string", "null"]}
_OPTIONAL_TIME = {"type": ["string", "null"], "format": "date-time"}
_OPTIONAL_OBJECT = {"type": ["object", "null"]}
_ENTITY = {
    "id": _OPTIONAL_TEXT,
    "name": _OPTIONAL_TEXT,
    "metadata": {},
    "input": {},
    "output": {},
    "version": _OPTIONAL_TEXT,
    "environment": _OPTIONAL_TEXT,
}
_TRACE = {**_ENTITY, "userId": _OPTIONAL_TEXT, "sessionId": _OPTIONAL_TEXT, "timestamp": _OPTIONAL_TIME}
_EVENT = {**_ENTITY, "traceId": _OPTIONAL_TEXT, "startTime": _OPTIONAL_TIME, "statusMessage": _OPTIONAL_TEXT}
_SPAN = {**_EVENT, "endTime": _OPTIONAL_TIME}
_GENERATION = {**_SPAN, "model": _OPTIONAL_TEXT, "modelParameters": _OPTIONAL_OBJECT, "usage": _OPTIONAL_OBJECT}


def _object(properties: Mapping[str, Any], *required: str) -> Json:
    return {"type": "object", "properties": dict(properties), **({"required": list(required)} if required else {})}


def _list(item: Json) -> Json:
    return {"type": "array", "items": item}


def _json(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}}


_BATCH = _object(
    {
        "batch": _list(
            _object(
                {
                    "id": _TEXT,
                    "timestamp": {"type": "string", "format": "date-time"},
                    "type": _TEXT,
                    "body": {"type": "object"},
                },
                "id",
                "timestamp",
                "type",
                "body",
            )
        ),
        "metadata": {},
    },
    "batch",
)
_STATUS = {"id": _TEXT, "status": {"type": "integer"}}
_RESULT = _object(
    {
        "successes": _list(_object(_STATUS, "id", "status")),
        "errors": _list(_object({**_STATUS, "message": _TEXT, "error": _TEXT}, "id", "status", "message")),
    },
    "successes",
    "errors",
)
_OTLP_ATTRIBUTES = _list(_object({"key": _TEXT, "value": _object({"stringValue": _TEXT})}))
_OTLP_SPAN = _object(
    {
        "traceId": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "spanId": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
        "parentSpanId": _TEXT,
        "name": _TEXT,
        "startTimeUnixNano": {"type": "string", "pattern": "^[0-9]{1,19}$"},
        "endTimeUnixNano": {"type": "string", "pattern": "^[0-9]{1,19}$"},
        "attributes": _OTLP_ATTRIBUTES,
    },
    "traceId",
    "spanId",
    "startTimeUnixNano",
)
_EXPORT = _object(
    {
        "resourceSpans": _list(
            _object(
                {
                    "resource": _object({"attributes": _OTLP_ATTRIBUTES}),
                    "scopeSpans": _list(_object({"spans": _list(_OTLP_SPAN)})),
                }
            )
        )
    }
)
_PARTIAL_SUCCESS = _object(
    {"partialSuccess": _object({"rejectedSpans": {"type": "integer"}, "errorMessage": _TEXT})},
)
_PROTOBUF = {"application/x-protobuf": {"schema": {"type": "string", "format": "binary"}}}


def paths() -> dict[str, Json]:
    """The operations by path and method."""
    return {
        "/api/public/ingestion": {"post": _operation("ingestion_batch", _json(_BATCH), {"207": _json(_RESULT)})},
        "/api/public/otel/v1/traces": {
            "post": _operation(
                "opentelemetry_exportTraces", _otlp(_EXPORT), {"200": _otlp(_PARTIAL_SUCCESS)}, body_required=False
            )
        },
        "/api/public/traces": {"post": _single("legacy_createTrace", _object(_TRACE))},
        "/api/public/events": {"post": _single("legacy_createEvent", _object(_EVENT))},
        "/api/public/spans": {
            "post": _single("legacy_createSpan", _object(_SPAN)),
            "patch": _single("legacy_updateSpan", _object({**_SPAN, "spanId": _TEXT}, "spanId")),
        },
        "/api/public/generations": {
            "post": _single("legacy_createGeneration", _object(_GENERATION)),
            "patch": _single(
                "legacy_updateGeneration", _object({**_GENERATION, "generationId": _TEXT}, "generationId")
            ),
        },
    }


def _otlp(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}, **_PROTOBUF}}


def _single(operation_id: str, body: Json) -> Json:
    """A write from before batches existed."""
    return {**_operation(operation_id, _json(body), {"200": _json(_object({"id": _TEXT}, "id"))}), "deprecated": True}


def _operation(operation_id: str, body: Json, responses: Mapping[str, Json], *, body_required: bool = True) -> Json:
    return {
        "operationId": operation_id,
        "tags": ["Ingestion"],
        "requestBody": {"required": body_required, **body},
        "responses": {status: {"description": "What became of it", **answer} for status, answer in responses.items()},
    }
