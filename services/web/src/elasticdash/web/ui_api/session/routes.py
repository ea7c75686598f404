"""Signing in and out, and who is signed in."""

from fastapi import APIRouter, Request, Response

from elasticdash.shared.postgres import user_sessions, users
from elasticdash.shared.postgres.users import User
from elasticdash.web.auth import policies, session_cookie
from elasticdash.web.auth.policies import CurrentUser, OpenToAnyone
from elasticdash.web.auth.sign_in import SignIn
from elasticdash.web.dependencies import CurrentServices, ReadingSession, WritingSession
from elasticdash.web.ui_api.session.schemas import (
    ChangePasswordRequest,
    OrganizationShape,
    SessionShape,
    SignedInShape,
    SignInMethodsShape,
    SignInRequest,
    UserShape,
)
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/session", tags=["session"], route_class=UiRoute)

_LIFE_SECONDS = int(user_sessions.LIFE.total_seconds())


@router.get("", operation_id="getSession")
async def get_session(_: OpenToAnyone, request: Request, session: ReadingSession) -> SessionShape:
    """Who is signed in in this browser."""
    user, token = await policies.find_user(request), session_cookie.token_of(request)
    if user is None or token is None:
        return SessionShape(signed_in=None)
    organizations = await users.organizations_of(session, user.id)
    return SessionShape(
        signed_in=SignedInShape(
            user=_shape(user),
            csrf_token=session_cookie.csrf_token_for(token),
            organizations=[OrganizationShape.model_validate(organization) for organization in organizations],
        )
    )


@router.get("/methods", operation_id="getSignInMethods")
async def get_methods(_: OpenToAnyone, services: CurrentServices) -> SignInMethodsShape:
    """The ways to sign in here."""
    rules = services.sign_in
    return SignInMethodsShape(has_passwords=rules.has_passwords, provider=rules.oidc.name if rules.oidc else None)


@router.post("", operation_id="signIn", status_code=204)
async def sign_in(_: OpenToAnyone, body: SignInRequest, request: Request) -> Response:
    """Begin a session; an earlier one of this browser ends nothing else's."""
    token = await _sign_in_of(request).sign_in(body.email, body.password, _address(request))
    return _signed_in(request, token)


@router.delete("", operation_id="signOut", status_code=204)
async def sign_out(_: CurrentUser, services: CurrentServices, request: Request, session: WritingSession) -> Response:
    """End this browser's session."""
    await user_sessions.end(session, services.keys.sessions, session_cookie.token_of(request) or "")
    response = Response(status_code=204)
    session_cookie.clear_token(request, response)
    return response


@router.put("/password", operation_id="changePassword", status_code=204)
async def change_password(user: CurrentUser, body: ChangePasswordRequest, request: Request) -> Response:
    """Change the password; every other session ends."""
    token = await _sign_in_of(request).change_password(
        user, body.current_password, body.new_password, _address(request)
    )
    return _signed_in(request, token)


def _signed_in(request: Request, token: str) -> Response:
    response = Response(status_code=204)
    session_cookie.set_token(request, response, token, _LIFE_SECONDS)
    return response


def _shape(user: User) -> UserShape:
    return UserShape(id=user.id, email=user.email, name=user.name)


def _sign_in_of(request: Request) -> SignIn:
    return request.app.state.sign_in


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
