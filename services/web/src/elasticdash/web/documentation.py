"""The API's own description: OpenAPI as JSON, and a page that renders it without the internet."""

from typing import Any, cast

from fastapi import FastAPI
from fastapi_swagger import patch_fastapi

from elasticdash.web.ingest import description

Json = dict[str, Any]

OPENAPI_PATH = "/api/public/openapi.json"
DOCS_PATH = "/docs"

# What every operation may answer besides its own. Source: API contract research, §3.
_REFUSALS = {
    "400": "The request breaks a rule; `error` names the rules with their places",
    "401": "No key, or none that is known",
    "403": "The key may not do this",
    "404": "Nothing with this id in the project",
    "405": "The path knows no such method",
    "409": "It exists already, or was changed meanwhile",
    "413": "The body is larger than the limit",
    "422": "The query is too heavy; narrow its time range",
    "429": "The project called too often; see Retry-After and X-RateLimit-Reset",
    "503": "A store can't answer now; see Retry-After",
}
_FRAMEWORK_REFUSAL = "#/components/schemas/HTTPValidationError"
_OPEN_TO_ALL = ("/api/public/health", "/api/public/ready")
_OF_ADMINISTRATOR = "/api/admin/"
_ERROR = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {"type": "string"},
        "error": {"description": "Name of the error, or the list of broken rules"},
        "errors": {"type": "array", "items": {"type": "string"}, "description": "The same as texts, of /ingestion"},
    },
}


def add_to(app: FastAPI) -> None:
    """Serve the description at OPENAPI_PATH and its page at DOCS_PATH."""
    patch_fastapi(app, docs_url=DOCS_PATH, redirect_from_root_to_docs=False)
    generate = app.openapi

    def openapi() -> Json:
        if app.openapi_schema is None:
            complete(generate())
        return cast(Json, app.openapi_schema)

    app.openapi = openapi


def complete(described: Json) -> None:
    """Add to what the framework found: the ingest endpoints, the keys, and the refusals every operation shares."""
    for path, operations in description.paths().items():
        described["paths"].setdefault(path, {}).update(operations)
    components = described.setdefault("components", {})
    components.setdefault("schemas", {})["Refusal"] = _ERROR
    components["securitySchemes"] = {
        "keys": {"type": "http", "scheme": "basic"},
        "admin": {"type": "http", "scheme": "bearer", "description": "The instance's admin API key"},
    }
    components["responses"] = {
        f"Refused{status}": {"description": text, **_json({"$ref": "#/components/schemas/Refusal"})}
        for status, text in _REFUSALS.items()
    }
    described["security"] = [{"keys": []}]
    for path, operations in described["paths"].items():
        for operation in operations.values():
            _add_refusals(operation["responses"])
            if path in _OPEN_TO_ALL:
                operation["security"] = []
            elif path.startswith(_OF_ADMINISTRATOR):
                operation["security"] = [{"admin": []}]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)


def _add_refusals(responses: Json) -> None:
    """All of them but those the operation answers in its own shape; never the framework's, which is not sent."""
    if _FRAMEWORK_REFUSAL in str(responses.get("422")):
        del responses["422"]
    for status in _REFUSALS:
        responses.setdefault(status, {"$ref": f"#/components/responses/Refused{status}"})


def _json(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}}
