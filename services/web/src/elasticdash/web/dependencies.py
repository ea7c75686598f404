"""What route handlers ask for: the caller's project, sessions of the metadata store, the change they make."""

import contextlib
from collections.abc import AsyncGenerator, Callable, Coroutine
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive
from typing_extensions import override

from elasticdash.shared import errors
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import projects
from elasticdash.shared.postgres.audit import Actor, Change
from elasticdash.web.admission import rates
from elasticdash.web.auth import instance_admin
from elasticdash.web.auth.principal import INSUFFICIENT, Principal
from elasticdash.web.services import Services, services_of

# Projects' routes that the administrator may use too. Source: section 2.5 of the API contract research.
_ADMINISTERED = ("/api/public/models", "/api/public/llm-connections")


async def current_principal(request: Request) -> Principal:
    """Who the request speaks for; checked once per request."""
    known: Principal | None = getattr(request.state, "principal", None)
    if known is None:
        services = services_of(request.app)
        known = await _administrator(request) or await services.authenticator.authenticate(request.headers)
        services.gate.admit(request.scope, known, rates.resource_of(request.scope["route"].path))
        request.state.principal = known
    return known


async def _administrator(request: Request) -> Principal | None:
    """The instance's administrator acting for the project they name, on the routes that let them."""
    services = services_of(request.app)
    if not request.scope["route"].path.startswith(_ADMINISTERED) or not services.instance_admin.is_claimed(
        request.headers
    ):
        return None
    project_id = services.instance_admin.require_acting_for(request.headers, instance_admin.PROJECT_HEADER)
    async with services.database.reading() as session:
        found = await projects.get(session, ProjectScope(ProjectId(project_id)))
    return Principal(found.scope, "project", "", instance_admin.ACTOR_ID)


CurrentPrincipal = Annotated[Principal, Depends(current_principal)]


async def current_project(principal: CurrentPrincipal) -> ProjectScope:
    """The project a request may read and write; AccessDeniedError for a public key alone."""
    if principal.access != "project":
        raise errors.AccessDeniedError(INSUFFICIENT)
    return principal.scope


async def current_services(request: Request) -> Services:
    """The services of the application."""
    return services_of(request.app)


CurrentServices = Annotated[Services, Depends(current_services)]


async def current_clickhouse(services: CurrentServices) -> ClickHouse:
    """The engine with traces, observations and scores."""
    return services.clickhouse


async def reading_session(services: CurrentServices) -> AsyncGenerator[AsyncSession]:
    """A session that only reads."""
    async with services.database.reading() as session:
        yield session


async def writing_session(services: CurrentServices) -> AsyncGenerator[AsyncSession]:
    """A session that is committed before the answer is sent, unless the handler raised."""
    async with services.database.writing() as session:
        yield session


async def current_change(principal: CurrentPrincipal) -> Change:
    """Who changes something in this request, and when."""
    return Change(Actor("api_key", principal.api_key_id), datetime.now(UTC))


CurrentProject = Annotated[ProjectScope, Depends(current_project)]
ScoresWriter = CurrentPrincipal
CurrentClickHouse = Annotated[ClickHouse, Depends(current_clickhouse)]
CurrentChange = Annotated[Change, Depends(current_change)]
# "function": the session ends, and commits, before the answer leaves.
ReadingSession = Annotated[AsyncSession, Depends(reading_session, scope="function")]
WritingSession = Annotated[AsyncSession, Depends(writing_session, scope="function")]


# Langfuse's own limit for its larger JSON endpoints.
MAX_BODY_BYTES = 4_500_000


class AuthenticatedRoute(APIRoute):
    """A route that reads no body of a stranger, and no more than MAX_BODY_BYTES of anyone's."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler behind the checks."""
        return checked(super().get_route_handler(), _known_key)


async def _known_key(request: Request) -> None:
    # A key that may not is refused by the dependency, which words it for its route.
    with contextlib.suppress(errors.AccessDeniedError):
        await current_principal(request)


def checked(
    handle: Callable[[Request], Coroutine[Any, Any, Response]],
    require_known: Callable[[Request], Coroutine[Any, Any, object]],
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """A handler that runs after `require_known`, on a body of MAX_BODY_BYTES at most."""

    async def handle_checked(request: Request) -> Response:
        await require_known(request)
        return await handle(Request(request.scope, _bounded(request.receive)))

    return handle_checked


def _bounded(receive: Receive) -> Receive:
    size = 0

    async def receive_within_bound() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY_BYTES:
            # The framework would take an error of ours for a body it can't parse.
            raise HTTPException(413, f"The body is larger than the limit of {MAX_BODY_BYTES} bytes")
        return message

    return receive_within_bound
