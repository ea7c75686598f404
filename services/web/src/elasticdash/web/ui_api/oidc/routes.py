"""Signing in with the provider: there, and back."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse

from elasticdash.shared import errors
from elasticdash.shared.postgres import user_sessions
from elasticdash.web.auth import session_cookie
from elasticdash.web.auth.oidc import attempt
from elasticdash.web.auth.oidc.failures import SignInRefusedError
from elasticdash.web.auth.oidc.sign_in import Answer, OidcSignIn
from elasticdash.web.auth.policies import OpenToAnyone
from elasticdash.web.services import services_of
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/oidc", tags=["oidc"], route_class=UiRoute)
log = structlog.get_logger()

_LIFE_SECONDS = int(user_sessions.LIFE.total_seconds())
_Sent = Annotated[str, Query(max_length=8192)]
_SEE_OTHER = 303


@router.get("/sign-in", operation_id="beginOidcSignIn", status_code=_SEE_OTHER, response_class=RedirectResponse)
async def begin_sign_in(_: OpenToAnyone, request: Request, next: _Sent = "/") -> RedirectResponse:  # noqa: A002
    """Send the browser to the provider; NotFoundError without one."""
    try:
        begun = await _sign_in_of(request).begin(next)
    except SignInRefusedError as error:
        return _refused(request, error)
    response = RedirectResponse(begun.url, _SEE_OTHER)
    session_cookie.keep_attempt(request, response, begun.sealed_attempt, attempt.LIFE_SECONDS)
    return response


@router.get("/callback", operation_id="finishOidcSignIn", status_code=_SEE_OTHER, response_class=RedirectResponse)
async def finish_sign_in(
    _: OpenToAnyone, request: Request, state: _Sent = "", code: _Sent = "", error: _Sent = "", iss: _Sent = ""
) -> RedirectResponse:
    """Begin a session for whom the provider vouches, or show on the sign-in page why not; NotFoundError without one."""
    try:
        finished = await _sign_in_of(request).finish(
            session_cookie.kept_attempt(request), Answer(state, code, error, iss)
        )
    except SignInRefusedError as refusal:
        response = _refused(request, refusal)
    else:
        response = _to(request, finished.next)
        session_cookie.set_token(request, response, finished.token, _LIFE_SECONDS)
    # An answer counts once.
    session_cookie.forget_attempt(request, response)
    return response


def _refused(request: Request, error: SignInRefusedError) -> RedirectResponse:
    log.warning("oidc_sign_in_refused", reason=error.reason, detail=error.detail)
    return _to(request, f"/auth/sign-in?refused={error.reason}")


def _to(request: Request, address: str) -> RedirectResponse:
    return RedirectResponse(_public_url(request) + address, _SEE_OTHER)


def _public_url(request: Request) -> str:
    rules = services_of(request.app).sign_in.oidc
    return rules.public_url if rules else ""


def _sign_in_of(request: Request) -> OidcSignIn:
    found: OidcSignIn | None = request.app.state.oidc
    if found is None:
        raise errors.NotFoundError("No provider to sign in with is set up")
    return found
