"""The API's own description: OpenAPI as JSON, and a page that renders it without the internet."""

from typing import Any, cast

from fastapi import FastAPI
from fastapi_swagger import patch_fastapi

OPENAPI_PATH = "/api/public/openapi.json"
DOCS_PATH = "/docs"

_ERROR = {"type": "object", "properties": {"message": {"type": "string"}, "error": {}}}
_BATCH = {
    "type": "object",
    "required": ["batch"],
    "properties": {
        "batch": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "timestamp", "type", "body"],
                "properties": {
                    "id": {"type": "string"},
                    "timestamp": {"type": "string", "format": "date-time"},
                    "type": {"type": "string"},
                    "body": {"type": "object"},
                },
            },
        },
        "metadata": {},
    },
}
_RESULT = {
    "type": "object",
    "required": ["successes", "errors"],
    "properties": {
        "successes": {"type": "array", "items": {"type": "object"}},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_EXPORT = {"type": "object", "description": "ExportTraceServiceRequest of OTLP"}


def add_to(app: FastAPI) -> None:
    """Serve the description at OPENAPI_PATH and its page at DOCS_PATH."""
    patch_fastapi(app, docs_url=DOCS_PATH)
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        described = generate()
        described["paths"].update(_ingest_paths())
        components = cast(dict[str, Any], described.setdefault("components", {}))
        components["securitySchemes"] = {"keys": {"type": "http", "scheme": "basic"}}
        described["security"] = [{"keys": []}]
        return described

    app.openapi = openapi


def _ingest_paths() -> dict[str, Any]:
    """The hot endpoints are plain routes, so the framework can't describe them."""
    export = {"application/json": {"schema": _EXPORT}, "application/x-protobuf": {"schema": {"format": "binary"}}}
    return {
        "/api/public/ingestion": {"post": _operation("ingestion_batch", _json(_BATCH), {"207": _json(_RESULT)})},
        "/api/public/otel/v1/traces": {
            "post": _operation("opentelemetry_exportTraces", {"content": export}, {"200": {"content": export}})
        },
    }


def _operation(operation_id: str, body: dict[str, Any], responses: dict[str, dict[str, Any]]) -> dict[str, Any]:
    refused = {status: {"description": "Refused", **_json(_ERROR)} for status in ("400", "401", "403", "413", "503")}
    answered = {status: {"description": "What became of each", **content} for status, content in responses.items()}
    return {
        "operationId": operation_id,
        "tags": ["Ingestion"],
        "requestBody": {"required": True, **body},
        "responses": {**answered, **refused},
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}
