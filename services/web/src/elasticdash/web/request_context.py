"""Around every request, also the hot ones: its id, its measurements, its line in the log, the drain."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from elasticdash.shared import ids
from elasticdash.shared.lifecycle import Lifecycle
from elasticdash.shared.telemetry import metrics, tracing
from elasticdash.web.admission.gate import STANDING

log = structlog.get_logger()

REQUEST_ID = "x-request-id"
_VALID_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FIRST_SERVER_ERROR = 500
# What tells whether the process is well must answer when it isn't.
_ALWAYS_ANSWERED = frozenset({"/api/public/health", "/api/public/ready"})


@dataclass(frozen=True, slots=True)
class RequestRules:
    """How many requests are answered at the same time, and whether each gets a line in the log."""

    max_concurrent: int = 1024
    is_logged: bool = False


class HotRoute(Route):
    """A route without the framework's handling that says, as the framework's do, which one it is."""

    @override
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The router's question, answered with the route itself among the findings."""
        match, found = super().matches(scope)
        return match, {**found, "route": self}


@dataclass(slots=True)
class _Answer:
    status: int = 0
    size_bytes: int = 0


class RequestContext:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle, rules: RequestRules) -> None:
        self._app = app
        self._lifecycle = lifecycle
        self._rules = rules
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request; a refusal of ours is measured and logged like any other answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope).get(REQUEST_ID))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        answer, started = _Answer(), time.perf_counter()
        send = self._completing(scope, send, request_id, answer)
        is_full = self._in_flight >= self._rules.max_concurrent and scope["path"] not in _ALWAYS_ANSWERED
        self._in_flight += 1
        metrics.REQUESTS_IN_FLIGHT.inc()
        with tracing.traced(tracing.Kind.REQUEST, "request") as span:
            try:
                await (_refuse if is_full else self._app)(scope, receive, send)
            finally:
                self._in_flight -= 1
                metrics.REQUESTS_IN_FLIGHT.dec()
                self._record(scope, answer, time.perf_counter() - started)
                _describe(span, scope, answer, request_id)

    def _completing(self, scope: Scope, send: Send, request_id: str, answer: _Answer) -> Send:
        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                headers: Sequence[tuple[bytes, bytes]] = message.get("headers", ())
                added = [(REQUEST_ID.encode(), request_id.encode())]
                if not any(name.lower().startswith(b"x-ratelimit") for name, _ in headers):
                    added += [(name.encode(), value.encode()) for name, value in scope.get(STANDING, {}).items()]
                if self._lifecycle.is_draining:
                    added.append((b"connection", b"close"))
                message = {**message, "headers": [*headers, *added]}
            else:
                answer.size_bytes += len(message.get("body", b""))
            await send(message)

        return complete

    def _record(self, scope: Scope, answer: _Answer, seconds: float) -> None:
        method, route = _method(scope), _template(scope)
        metrics.REQUESTS.labels(method, route, str(answer.status)).inc()
        metrics.REQUEST_SECONDS.labels(method, route).observe(seconds)
        if self._rules.is_logged:
            log.info(
                "request",
                method=method,
                route=route,
                status=answer.status,
                duration_ms=round(seconds * 1000, 1),
                response_bytes=answer.size_bytes,
            )


def _describe(span: tracing.Traced, scope: Scope, answer: _Answer, request_id: str) -> None:
    """The names are those of OpenTelemetry's conventions; nothing that was sent is among the values."""
    span.name = f"{_method(scope)} {_template(scope)}"
    span.attributes.update(
        {
            "http.request.method": _method(scope),
            "http.route": _template(scope),
            "http.response.status_code": answer.status,
            "elasticdash.request_id": request_id,
        }
    )
    span.is_failed = answer.status >= _FIRST_SERVER_ERROR


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    metrics.REFUSALS.labels("concurrent_requests").inc()
    body: dict[str, Any] = {"message": "Too many requests at the same time", "error": "ServiceUnavailableError"}
    await JSONResponse(body, 503, {"Retry-After": "1"})(scope, receive, send)


def _request_id(sent: str | None) -> str:
    """The caller's id when it is one that may be printed anywhere, else a new one."""
    return sent if sent is not None and _VALID_ID.fullmatch(sent) else ids.new_id()


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "other"


def _template(scope: Scope) -> str:
    """The path as declared, never as sent: that holds ids and has no bound."""
    return getattr(scope.get("route"), "path", None) or "unmatched"
