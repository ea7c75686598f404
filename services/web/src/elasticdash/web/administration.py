"""What routes that manage the instance and its organizations ask for."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from typing_extensions import override

from elasticdash.shared.domain.scope import OrganizationScope
from elasticdash.shared.ids import OrganizationId
from elasticdash.shared.postgres import organizations
from elasticdash.shared.postgres.audit import Actor, Change
from elasticdash.web import dependencies
from elasticdash.web.auth import instance_admin
from elasticdash.web.auth.principal import OrganizationPrincipal
from elasticdash.web.services import services_of


async def instance_change(request: Request) -> Change:
    """A change that the instance's administrator makes now; errors as of `InstanceAdmin.require`."""
    services_of(request.app).instance_admin.require(request.headers)
    return Change(Actor("api_key", instance_admin.ACTOR_ID), datetime.now(UTC))


async def current_organization_principal(request: Request) -> OrganizationPrincipal:
    """Who manages an organization: its own key, or the administrator who names it; checked once per request."""
    known: OrganizationPrincipal | None = getattr(request.state, "organization_principal", None)
    if known is None:
        known = request.state.organization_principal = await _organization_principal(request)
    return known


CurrentOrganizationPrincipal = Annotated[OrganizationPrincipal, Depends(current_organization_principal)]


async def current_organization(principal: CurrentOrganizationPrincipal) -> OrganizationScope:
    """The organization a request manages."""
    return principal.scope


async def organization_change(principal: CurrentOrganizationPrincipal) -> Change:
    """Who changes something of the organization in this request, and when."""
    return Change(Actor("api_key", principal.api_key_id), datetime.now(UTC))


CurrentOrganization = Annotated[OrganizationScope, Depends(current_organization)]
OrganizationChange = Annotated[Change, Depends(organization_change)]
InstanceChange = Annotated[Change, Depends(instance_change)]


class OrganizationRoute(APIRoute):
    """A route that reads no body of a stranger to every organization."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler behind the checks."""
        return dependencies.checked(super().get_route_handler(), current_organization_principal)


class InstanceRoute(APIRoute):
    """A route that reads no body of anybody but the administrator."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler behind the checks."""
        return dependencies.checked(super().get_route_handler(), instance_change)


async def _organization_principal(request: Request) -> OrganizationPrincipal:
    services = services_of(request.app)
    if not services.instance_admin.is_claimed(request.headers):
        return await services.authenticator.authenticate_organization(request.headers)
    organization_id = services.instance_admin.require_acting_for(request.headers, instance_admin.ORGANIZATION_HEADER)
    async with services.database.reading() as session:
        found = await organizations.get(session, organization_id)
    return OrganizationPrincipal(OrganizationScope(OrganizationId(found.id)), instance_admin.ACTOR_ID)
