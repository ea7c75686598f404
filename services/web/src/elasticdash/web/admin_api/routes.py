"""`/api/admin/organizations`: organizations and their keys, for who has the instance's admin API key."""

from fastapi import APIRouter

from elasticdash.shared.postgres import organizations, projects
from elasticdash.web.admin_api.schemas import (
    CreateOrganizationRequest,
    OrganizationResponse,
    OrganizationsResponse,
    OrganizationWithProjectsResponse,
    UpdateOrganizationRequest,
)
from elasticdash.web.administration import InstanceChange, InstanceRoute
from elasticdash.web.dependencies import CurrentServices, ReadingSession, WritingSession
from elasticdash.web.public_api.api_keys import handling
from elasticdash.web.public_api.api_keys.schemas import (
    ApiKeysResponse,
    CreateApiKeyRequest,
    CreatedApiKeyResponse,
    DeletedResponse,
)

PREFIX = "/api/admin"
router = APIRouter(prefix=f"{PREFIX}/organizations", tags=["Admin"], route_class=InstanceRoute)


@router.get("", operation_id="admin_listOrganizations")
async def list_organizations(_change: InstanceChange, session: ReadingSession) -> OrganizationsResponse:
    """Every organization, by name."""
    found = await organizations.list_all(session)
    return OrganizationsResponse(organizations=[OrganizationResponse.model_validate(row) for row in found])


@router.post("", operation_id="admin_createOrganization", status_code=201)
async def create_organization(
    change: InstanceChange, session: WritingSession, body: CreateOrganizationRequest
) -> OrganizationResponse:
    """A new organization without projects."""
    return OrganizationResponse.model_validate(await organizations.create(session, body.name, body.id, change))


@router.get("/{organization_id}", operation_id="admin_getOrganization", response_model_exclude_none=True)
async def get_organization(
    _change: InstanceChange, session: ReadingSession, organization_id: str
) -> OrganizationWithProjectsResponse:
    """One organization with its projects."""
    organization = await organizations.get(session, organization_id)
    return OrganizationWithProjectsResponse.of(organization, await projects.list_of(session, organization.scope))


@router.put("/{organization_id}", operation_id="admin_updateOrganization")
async def update_organization(
    change: InstanceChange, session: WritingSession, organization_id: str, body: UpdateOrganizationRequest
) -> OrganizationResponse:
    """The organization under its new name."""
    renamed = await organizations.rename(session, organization_id, body.name, change)
    return OrganizationResponse.model_validate(renamed)


@router.delete("/{organization_id}", operation_id="admin_deleteOrganization")
async def delete_organization(
    change: InstanceChange, services: CurrentServices, session: WritingSession, organization_id: str
) -> DeletedResponse:
    """Take an organization without projects away, with its keys and memberships."""
    organization = await organizations.get(session, organization_id)
    keys = (await handling.list_keys(session, organization.scope)).api_keys
    await organizations.delete(session, organization_id, change)
    await session.commit()
    for key in keys:
        services.authenticator.forget(key.public_key)
    return DeletedResponse()


@router.get("/{organization_id}/apiKeys", operation_id="admin_getOrganizationApiKeys")
async def list_api_keys(_change: InstanceChange, session: ReadingSession, organization_id: str) -> ApiKeysResponse:
    """The organization's own keys, newest first."""
    organization = await organizations.get(session, organization_id)
    return await handling.list_keys(session, organization.scope)


@router.post("/{organization_id}/apiKeys", operation_id="admin_createOrganizationApiKey", status_code=201)
async def create_api_key(
    change: InstanceChange,
    services: CurrentServices,
    session: WritingSession,
    organization_id: str,
    body: CreateApiKeyRequest,
) -> CreatedApiKeyResponse:
    """A key that manages the organization's projects, with its secret."""
    organization = await organizations.get(session, organization_id)
    return await handling.create_key(services, session, organization.scope, body, change)


@router.delete("/{organization_id}/apiKeys/{api_key_id}", operation_id="admin_deleteOrganizationApiKey")
async def delete_api_key(
    change: InstanceChange, services: CurrentServices, session: WritingSession, organization_id: str, api_key_id: str
) -> DeletedResponse:
    """Revoke a key of the organization."""
    organization = await organizations.get(session, organization_id)
    return await handling.delete_key(services, session, organization.scope, api_key_id, change)
