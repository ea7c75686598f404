"""Who may use a route of the UI: every route declares exactly one policy, or the application does not start."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import traces
from elasticdash.shared.domain.roles import Role
from elasticdash.shared.domain.scope import OrganizationScope, ProjectScope
from elasticdash.shared.ids import OrganizationId, ProjectId
from elasticdash.shared.postgres import projects, user_sessions, users
from elasticdash.shared.postgres.audit import Actor, Change
from elasticdash.shared.postgres.users import User
from elasticdash.web.auth import session_cookie
from elasticdash.web.services import services_of


@dataclass(frozen=True, slots=True)
class SharedTrace:
    """A trace that everyone with its link may see, and where it is."""

    scope: ProjectScope
    trace_id: str


@dataclass(frozen=True, slots=True)
class Anyone:
    """Open to who is not signed in."""

    async def __call__(self) -> None:
        """Nothing to check."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Open to everyone who is signed in."""

    async def __call__(self, request: Request) -> User:
        """Who it is; AuthenticationError for nobody, AccessDeniedError for a change without the session's proof."""
        return await _signed_in(request)


@dataclass(frozen=True, slots=True)
class InProject:
    """Open to members of the project in the path whose role is enough."""

    least: Role

    async def __call__(self, request: Request, project_id: str) -> ProjectScope:
        """The project; NotFoundError for strangers, AccessDeniedError for a role below."""
        user = await _signed_in(request)
        scope = ProjectScope(ProjectId(project_id))
        async with services_of(request.app).database.reading() as session:
            role = await users.role_in_project(session, user.id, scope)
        if role is Role.NONE:
            # Whether it exists is no stranger's business.
            raise errors.NotFoundError("Project not found")
        if not role.reaches(self.least):
            raise errors.AccessDeniedError(f"This needs the role {self.least} in the project; yours is {role}")
        return scope


@dataclass(frozen=True, slots=True)
class InOrganization:
    """Open to members of the organization in the path whose role is enough."""

    least: Role

    async def __call__(self, request: Request, organization_id: str) -> OrganizationScope:
        """The organization; NotFoundError for strangers, AccessDeniedError for a role below."""
        user = await _signed_in(request)
        scope = OrganizationScope(OrganizationId(organization_id))
        async with services_of(request.app).database.reading() as session:
            role = await users.role_in_organization(session, user.id, scope)
        if role is Role.NONE:
            raise errors.NotFoundError("Organization not found")
        if not role.reaches(self.least):
            raise errors.AccessDeniedError(f"This needs the role {self.least} in the organization; yours is {role}")
        return scope


@dataclass(frozen=True, slots=True)
class WithLink:
    """Open to everyone who knows the link of a trace that was made public, and to that trace only."""

    async def __call__(
        self, request: Request, project_id: str, trace_id: Annotated[str, Query(alias="traceId")]
    ) -> SharedTrace:
        """The trace; NotFoundError, the same for every reason, when it is not public or there is none."""
        services, scope = services_of(request.app), ProjectScope(ProjectId(project_id))
        async with services.database.reading() as session:
            is_open = await projects.is_open(session, scope)
        found = await traces.find(services.clickhouse, scope, trace_id, with_text=False) if is_open else None
        if found is None or not found.public:
            raise errors.NotFoundError("This trace is not shared, or not any more")
        return SharedTrace(scope, found.id)


Policy = Anyone | SignedIn | InProject | InOrganization | WithLink

ViewedSharedTrace = Annotated[SharedTrace, Depends(WithLink())]
OpenToAnyone = Annotated[None, Depends(Anyone())]
CurrentUser = Annotated[User, Depends(SignedIn())]
ViewedProject = Annotated[ProjectScope, Depends(InProject(Role.VIEWER))]
EditedProject = Annotated[ProjectScope, Depends(InProject(Role.MEMBER))]
AdministeredProject = Annotated[ProjectScope, Depends(InProject(Role.ADMIN))]
OwnedProject = Annotated[ProjectScope, Depends(InProject(Role.OWNER))]
ViewedOrganization = Annotated[OrganizationScope, Depends(InOrganization(Role.VIEWER))]
AdministeredOrganization = Annotated[OrganizationScope, Depends(InOrganization(Role.ADMIN))]
OwnedOrganization = Annotated[OrganizationScope, Depends(InOrganization(Role.OWNER))]


async def find_user(request: Request) -> User | None:
    """Who is signed in, None for nobody; asked once per request."""
    if not hasattr(request.state, "user"):
        request.state.user = await _user_of(request)
    return request.state.user


def change_by(user: User) -> Change:
    """A change that someone makes now."""
    return Change(Actor("user", user.id), datetime.now(UTC))


async def current_user_change(request: Request) -> Change:
    """Who changes something in this request of the UI, and when."""
    return change_by(await _signed_in(request))


CurrentUserChange = Annotated[Change, Depends(current_user_change)]


def policy_of(route: APIRoute) -> Policy:
    """The policy a route declares; ConfigurationError unless it is exactly one."""
    found = set(_policies(route.dependant))
    if len(found) != 1:
        raise errors.ConfigurationError(
            f"Route {route.name!r} at {route.path!r} declares {len(found)} access policies, not one"
        )
    return found.pop()


def _policies(dependant: Dependant) -> Iterable[Policy]:
    if isinstance(dependant.call, Policy):
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _policies(inner)


async def _signed_in(request: Request) -> User:
    user, token = await find_user(request), session_cookie.token_of(request)
    if user is None or token is None:
        raise errors.AuthenticationError("Not signed in, or not any more")
    if session_cookie.is_change(request):
        session_cookie.require_csrf_token(request, token)
    return user


async def _user_of(request: Request) -> User | None:
    token = session_cookie.token_of(request)
    if token is None:
        return None
    services, now = services_of(request.app), datetime.now(UTC)
    async with services.database.reading() as session:
        found = await user_sessions.find(session, services.keys.sessions, token, now)
    if found is None:
        return None
    if found.is_sight_unrecorded:
        async with services.database.writing() as session:
            await user_sessions.record_sight(session, services.keys.sessions, token, now)
    return found.user
