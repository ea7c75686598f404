"""Turns every error into the status and body Langfuse clients expect: the one table of HTTP codes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from elasticdash.shared import errors
from elasticdash.shared.telemetry import logs
from elasticdash.web.admission.rates import RateLimitedError
from elasticdash.web.auth.principal import OrganizationKeyError

log = structlog.get_logger()

# Class → status and the name in `error`; the nearest class of an error counts. Source: API contract research, §3.
_STATUS: Mapping[type[Exception], tuple[int, str]] = {
    errors.PayloadTooLargeError: (413, "PayloadTooLargeError"),
    errors.InvalidRequestError: (400, "InvalidRequestError"),
    errors.AuthenticationError: (401, "UnauthorizedError"),
    errors.AccessDeniedError: (403, "ForbiddenError"),
    errors.TooManyAttemptsError: (429, "TooManyAttemptsError"),
    errors.NotFoundError: (404, "LangfuseNotFoundError"),
    errors.ConflictError: (409, "LangfuseConflictError"),
    errors.QueryTooHeavyError: (422, "Request timed out"),
    RateLimitedError: (429, "RateLimitError"),
    errors.UnavailableError: (503, "ServiceUnavailableError"),
}
_HTTP_ERRORS = {
    404: ("Not Found", "LangfuseNotFoundError"),
    405: ("Method not allowed", "MethodNotAllowedError"),
}
_INVALID = "Invalid request data"

ErrorResponse = tuple[int, Mapping[str, Any], Mapping[str, str]]
_UNKNOWN: ErrorResponse = (500, {"message": "Internal Server Error", "error": "An unknown error occurred"}, {})


def error_response(error: Exception) -> ErrorResponse:
    """Status, JSON body and headers for an error; what is not ours is a 500 that tells nothing."""
    if isinstance(error, RequestValidationError):
        return 400, {"message": _INVALID, "error": _validation_issues(error)}, {}
    if isinstance(error, HTTPException):
        name = "PayloadTooLargeError" if error.status_code == 413 else "HTTPException"
        message, name = _HTTP_ERRORS.get(error.status_code, (str(error.detail), name))
        return error.status_code, {"message": message, "error": name}, dict(error.headers or {})
    found = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), None)
    if found is None:
        return _UNKNOWN
    status, name = found
    waits = isinstance(error, errors.UnavailableError | errors.TooManyAttemptsError)
    headers = {"Retry-After": str(error.retry_after_seconds)} if waits else {}
    if isinstance(error, RateLimitedError):
        return status, _rate_limited(error, name), {**headers, **error.standing.headers()}
    if isinstance(error, errors.InvalidRequestError) and error.issues:
        return status, {"message": str(error), "error": _issues(error.issues)}, headers
    return status, {"message": str(error), "error": name}, headers


def response_for(error: Exception) -> Response:
    """The answer to send for an error."""
    return _response(*error_response(error))


def ingestion_response(error: Exception) -> Response:
    """The answer of `/ingestion`, which differs: `errors` holds texts, and an organization's key is unknown there."""
    if isinstance(error, OrganizationKeyError):
        error = errors.AuthenticationError("Missing projectId in scope. Are you using an organization key?")
    status, body, headers = error_response(error)
    if isinstance(error, errors.InvalidRequestError):
        texts = [f"{_dotted(issue.path)}: {issue.message}" for issue in error.issues] or [str(error)]
        body = {"message": _INVALID if status == 400 else str(error), "errors": texts}
    return _response(status, body, headers)


def otlp_response(error: Exception) -> Response:
    """The answer of the OTLP routes: `error` is the text itself."""
    status, body, headers = error_response(error)
    # Exporters older than 1.45 give up on 429 and drop what they hold; every one comes back after 503.
    status = 503 if status == 429 else status
    return _response(status, {"message": body["message"], "error": body["message"]}, headers)


def add_to(app: FastAPI) -> None:
    """Answer every error of an application in these shapes; unknown ones are logged without user data."""

    async def answer(_request: Request, error: Exception) -> Response:
        if type(error) is errors.ElasticDashError:
            _log_unexpected(error)
        return response_for(error)

    for kind in (errors.ElasticDashError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer)
    app.add_middleware(UnexpectedErrors)


class UnexpectedErrors:
    """Answers 500 for what nobody expected. The server's own report would print messages, which hold user data."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer for it when it fails before it answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_started = False

        async def watched(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            # Left while sending: nobody is there to be answered.
            return
        except Exception as error:  # noqa: BLE001 the one place where anything may arrive
            _log_unexpected(error)
            if has_started:
                raise ConnectionAbortedError("The answer was cut off by an error; see unexpected_error") from None
            await response_for(error)(scope, receive, send)


def _log_unexpected(error: Exception) -> None:
    log.error("unexpected_error", **logs.describe_error(error))


def _validation_issues(error: RequestValidationError) -> list[dict[str, Any]]:
    """Rule and place of each issue, never the value: it is user data."""
    return [
        {"code": issue["type"], "path": list(issue["loc"][1:]), "message": issue["msg"]} for issue in error.errors()
    ]


def _rate_limited(error: RateLimitedError, name: str) -> Mapping[str, Any]:
    standing = error.standing
    details = {
        "retryAfterSeconds": error.retry_after_seconds,
        "limit": standing.limit,
        "remaining": standing.remaining,
        "resetAt": datetime.fromtimestamp(standing.reset_at, UTC).isoformat(),
    }
    return {"message": str(error), "error": name, "code": "rate_limited", "details": details}


def _issues(issues: Sequence[errors.FieldIssue]) -> list[dict[str, Any]]:
    return [{"code": "custom", "path": list(issue.path), "message": issue.message} for issue in issues]


def _dotted(path: Sequence[str | int]) -> str:
    return ".".join(str(part) for part in path)


def _response(status: int, body: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    return JSONResponse(dict(body), status_code=status, headers=dict(headers))
