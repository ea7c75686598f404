"""Writes of one thing at a time, from before batches existed; each becomes a batch of one event."""

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from elasticdash.shared import errors
from elasticdash.shared.schemas import ingestion_wrappers
from elasticdash.shared.schemas.ingestion_wrappers import WrappedEvent, WrapperName
from elasticdash.web.auth.principal import INSUFFICIENT
from elasticdash.web.ingest import body
from elasticdash.web.ingest.answers import answering_errors, sender_of
from elasticdash.web.request_context import HotRoute
from elasticdash.web.services import services_of

Wrap = Callable[[bytes, str], WrappedEvent]


def create(name: WrapperName) -> Wrap:
    """How the body of a POST becomes an event."""
    return lambda raw, timestamp: ingestion_wrappers.create_event(name, raw, timestamp)


def _endpoint(path: str, method: str, wrap: Wrap) -> HotRoute:
    async def accept(request: Request) -> Response:
        services = services_of(request.app)
        principal = await services.authenticator.authenticate(request.headers)
        if principal.access != "project":
            raise errors.AccessDeniedError(INSUFFICIENT)
        with services.gate.ingesting(request.scope, principal, "ingestion") as hold:
            raw = await body.read(request.stream(), services.acceptor.limits.max_body_bytes, hold)
            wrapped = wrap(raw, datetime.now(UTC).isoformat(timespec="milliseconds"))
            result = await services.acceptor.accept_events(principal, [wrapped.event], sender_of(request), hold)
        for failure in result.failures:
            raise errors.InvalidRequestError(failure.error)
        return Response(msgspec.json.encode({"id": wrapped.entity_id}), media_type="application/json")

    return HotRoute(f"/api/public/{path}", answering_errors(accept), methods=[method])


ROUTES = [
    _endpoint("traces", "POST", create("traces")),
    _endpoint("events", "POST", create("events")),
    _endpoint("spans", "POST", create("spans")),
    _endpoint("generations", "POST", create("generations")),
    _endpoint("spans", "PATCH", lambda raw, at: ingestion_wrappers.update_event("spans", raw, at)),
    _endpoint("generations", "PATCH", lambda raw, at: ingestion_wrappers.update_event("generations", raw, at)),
]
