"""`/api/public/projects` as an organization manages it: its projects and their API keys."""

from fastapi import APIRouter

from elasticdash.shared.postgres import projects
from elasticdash.web.administration import (
    CurrentOrganization,
    OrganizationChange,
    OrganizationRoute,
)
from elasticdash.web.dependencies import CurrentServices, ReadingSession, WritingSession
from elasticdash.web.public_api.api_keys import handling
from elasticdash.web.public_api.api_keys.schemas import (
    ApiKeysResponse,
    CreateApiKeyRequest,
    CreatedApiKeyResponse,
    DeletedResponse,
)
from elasticdash.web.public_api.projects.schemas import (
    CreateProjectRequest,
    ManagedProjectResponse,
    ProjectDeletedResponse,
    UpdateProjectRequest,
)

router = APIRouter(prefix="/api/public/projects", tags=["Projects"], route_class=OrganizationRoute)


@router.post("", operation_id="projects_create", status_code=201, response_model_exclude_none=True)
async def create_project(
    organization: CurrentOrganization, session: WritingSession, change: OrganizationChange, body: CreateProjectRequest
) -> ManagedProjectResponse:
    """A new project of the organization."""
    created = await projects.create(session, organization, body.fields(), body.id, change)
    return ManagedProjectResponse.from_project(created)


@router.put("/{project_id}", operation_id="projects_update", response_model_exclude_none=True)
async def update_project(
    organization: CurrentOrganization,
    session: WritingSession,
    change: OrganizationChange,
    project_id: str,
    body: UpdateProjectRequest,
) -> ManagedProjectResponse:
    """The project after the change; what is not given stays."""
    present = await projects.get_of(session, organization, project_id)
    changed = await projects.update(session, organization, project_id, body.fields(present), change)
    return ManagedProjectResponse.from_project(changed)


@router.delete("/{project_id}", operation_id="projects_delete", status_code=202)
async def delete_project(
    organization: CurrentOrganization,
    services: CurrentServices,
    session: WritingSession,
    change: OrganizationChange,
    project_id: str,
) -> ProjectDeletedResponse:
    """Close the project: its keys stop working, its traces are erased soon after."""
    project = await projects.get_of(session, organization, project_id)
    keys = (await handling.list_keys(session, project.scope)).api_keys
    await projects.delete(session, organization, project_id, change)
    await session.commit()
    for key in keys:
        services.authenticator.forget(key.public_key)
    return ProjectDeletedResponse()


@router.get("/{project_id}/apiKeys", operation_id="projects_getApiKeys")
async def list_api_keys(organization: CurrentOrganization, session: ReadingSession, project_id: str) -> ApiKeysResponse:
    """The project's keys, newest first."""
    project = await projects.get_of(session, organization, project_id)
    return await handling.list_keys(session, project.scope)


@router.post("/{project_id}/apiKeys", operation_id="projects_createApiKey", status_code=201)
async def create_api_key(
    organization: CurrentOrganization,
    services: CurrentServices,
    session: WritingSession,
    change: OrganizationChange,
    project_id: str,
    body: CreateApiKeyRequest,
) -> CreatedApiKeyResponse:
    """A new key of the project, with its secret."""
    project = await projects.get_of(session, organization, project_id)
    return await handling.create_key(services, session, project.scope, body, change)


@router.delete("/{project_id}/apiKeys/{api_key_id}", operation_id="projects_deleteApiKey")
async def delete_api_key(
    organization: CurrentOrganization,
    services: CurrentServices,
    session: WritingSession,
    change: OrganizationChange,
    project_id: str,
    api_key_id: str,
) -> DeletedResponse:
    """Revoke a key of the project; other web processes notice within seconds."""
    project = await projects.get_of(session, organization, project_id)
    return await handling.delete_key(services, session, project.scope, api_key_id, change)
