"""The two hot endpoints, close to ASGI: no framework between the socket and the acceptor."""

from typing import Any

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from starlette.requests import Request
from starlette.responses import Response

from elasticdash.shared import errors
from elasticdash.web import error_responses
from elasticdash.web.auth.principal import INSUFFICIENT
from elasticdash.web.ingest import body
from elasticdash.web.ingest.acceptor import IngestionResult, Payload
from elasticdash.web.ingest.answers import answering_errors, sender_of
from elasticdash.web.request_context import HotRoute
from elasticdash.web.services import services_of

_MAX_INGESTION_VERSION = 4
_PROTOBUF = "application/x-protobuf"
_JSON = "application/json"


async def ingest_batch(request: Request) -> Response:
    """`POST /api/public/ingestion`: 207 with what became of each event."""
    services = services_of(request.app)
    principal = await services.authenticator.authenticate(request.headers)
    with services.gate.ingesting(request.scope, principal, "ingestion") as hold:
        raw = await body.read(request.stream(), services.acceptor.limits.max_body_bytes, hold)
        payload = Payload(raw, _JSON, request.headers.get("content-encoding", ""), hold)
        result = await services.acceptor.accept_batch(principal, payload, sender_of(request))
    return Response(encode_result(result), status_code=207, media_type=_JSON)


async def export_traces(request: Request) -> Response:
    """`POST /api/public/otel/v1/traces`: 200 in the request's own encoding, with partial success if any span failed."""
    services = services_of(request.app)
    principal = await services.authenticator.authenticate(request.headers)
    if principal.access != "project":
        raise errors.AccessDeniedError(INSUFFICIENT)
    _check_ingestion_version(request)
    content_type = _content_type(request)
    with services.gate.ingesting(request.scope, principal, "ingestion") as hold:
        raw = await body.read(request.stream(), services.acceptor.limits.max_body_bytes, hold)
        if not raw:
            return _export_response(content_type, [])
        payload = Payload(raw, content_type, request.headers.get("content-encoding", ""), hold)
        rejected = await services.acceptor.accept_export(principal, payload, sender_of(request))
    return _export_response(content_type, [span.reason for span in rejected])


async def accept_and_ignore(request: Request) -> Response:
    """OTLP metrics and logs: authenticated, read, not kept."""
    services = services_of(request.app)
    principal = await services.authenticator.authenticate(request.headers)
    with services.gate.ingesting(request.scope, principal, "ingestion") as hold:
        await body.read(request.stream(), services.acceptor.limits.max_body_bytes, hold)
    return Response(b'{"message":"OK"}', media_type=_JSON)


def encode_result(result: IngestionResult) -> bytes:
    """The body of a 207 answer."""
    return msgspec.json.encode(
        {
            "successes": [{"id": id_, "status": 201} for id_ in result.accepted_ids],
            "errors": [
                {"id": failure.id, "status": failure.status, "message": failure.message, "error": failure.error}
                for failure in result.failures
            ],
        }
    )


def _check_ingestion_version(request: Request) -> None:
    for brand in ("langfuse", "elasticdash"):
        value = request.headers.get(f"x-{brand}-ingestion-version")
        if value is not None and not (value.strip().isdecimal() and int(value) <= _MAX_INGESTION_VERSION):
            raise errors.InvalidRequestError(
                f"x-{brand}-ingestion-version must be a number up to {_MAX_INGESTION_VERSION}"
            )


def _content_type(request: Request) -> str:
    sent = request.headers.get("content-type", "")
    for known in (_PROTOBUF, _JSON):
        if known in sent:
            return known
    raise errors.InvalidRequestError("Invalid content type; send application/x-protobuf or application/json")


def _export_response(content_type: str, reasons: list[str]) -> Response:
    message = "; ".join(reasons[:5])
    if content_type == _PROTOBUF:
        response = ExportTraceServiceResponse()
        if reasons:
            response.partial_success.rejected_spans = len(reasons)
            response.partial_success.error_message = message
        return Response(response.SerializeToString(), media_type=_PROTOBUF)
    content: dict[str, Any] = {}
    if reasons:
        content = {"partialSuccess": {"rejectedSpans": len(reasons), "errorMessage": message}}
    return Response(msgspec.json.encode(content), media_type=_JSON)


ROUTES = [
    HotRoute(
        "/api/public/ingestion", answering_errors(ingest_batch, error_responses.ingestion_response), methods=["POST"]
    ),
    *(
        HotRoute(
            f"/api/public/otel/v1/{signal}", answering_errors(endpoint, error_responses.otlp_response), methods=["POST"]
        )
        for signal, endpoint in (
            ("traces", export_traces),
            ("metrics", accept_and_ignore),
            ("logs", accept_and_ignore),
        )
    ),
]
