"""The cookie that signs a browser in, and the proof that a change was asked for by our own pages."""

import hashlib
import hmac
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from elasticdash.shared import errors

CSRF_HEADER = "x-csrf-token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_NAME = "elasticdash-session"
# A browser takes it over https only, for this host only, so no sister domain can plant one.
_SECURE_PREFIX = "__Host-"
_ATTEMPT_NAME = "elasticdash-sign-in"


def token_of(request: Request) -> str | None:
    """The session token a browser sent, None without one."""
    return request.cookies.get(_name(request, _NAME)) or None


def set_token(request: Request, response: Response, token: str, max_age_seconds: int) -> None:
    """Give the browser its token; pages can't read it, other sites can't make it travel with a change."""
    _set(request, response, _NAME, token, max_age_seconds)


def clear_token(request: Request, response: Response) -> None:
    """Take the token from the browser."""
    _clear(request, response, _NAME)


def kept_attempt(request: Request) -> str | None:
    """What a browser keeps while its person is at the provider, None without it."""
    return request.cookies.get(_name(request, _ATTEMPT_NAME)) or None


def keep_attempt(request: Request, response: Response, sealed_attempt: str, max_age_seconds: int) -> None:
    """Have the browser keep an attempt to sign in; it comes back when the provider sends the person here."""
    _set(request, response, _ATTEMPT_NAME, sealed_attempt, max_age_seconds)


def forget_attempt(request: Request, response: Response) -> None:
    """Take the attempt from the browser."""
    _clear(request, response, _ATTEMPT_NAME)


def csrf_token_for(token: str) -> str:
    """What our pages send beside the cookie: derived from the session, so nothing has to be kept."""
    return hmac.digest(token.encode("utf-8", "surrogatepass"), b"csrf", hashlib.sha256).hex()


def is_change(request: Request) -> bool:
    """Whether a request may change something."""
    return request.method not in _SAFE_METHODS


def require_own_page(request: Request) -> None:
    """AccessDeniedError for a change that a page of another origin, or no page, asks for."""
    origin = request.headers.get("origin")
    if origin is None or not _is_own(request, origin):
        raise errors.AccessDeniedError("This request did not come from a page of this server (see its Origin header)")


def require_csrf_token(request: Request, token: str) -> None:
    """AccessDeniedError for a change without the session's own proof."""
    sent = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), csrf_token_for(token).encode()):
        raise errors.AccessDeniedError(f"The header {CSRF_HEADER} is missing or of another session: reload the page")


def _is_own(request: Request, origin: str) -> bool:
    # A proxy may end TLS, so the scheme seen here need not be the browser's; the host is.
    return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower() != ""


def _set(request: Request, response: Response, name: str, value: str, max_age_seconds: int) -> None:
    response.set_cookie(
        _name(request, name),
        value,
        max_age=max_age_seconds,
        path="/",
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )


def _clear(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(_name(request, name), path="/", secure=_is_secure(request), httponly=True, samesite="lax")


def _name(request: Request, name: str) -> str:
    return _SECURE_PREFIX + name if _is_secure(request) else name


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
