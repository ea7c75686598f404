"""`/api/public/organizations`: what an organization's key sees of its organization."""

from fastapi import APIRouter

from elasticdash.shared.postgres import projects
from elasticdash.web.administration import CurrentOrganization, OrganizationRoute
from elasticdash.web.dependencies import ReadingSession
from elasticdash.web.public_api.api_keys import handling
from elasticdash.web.public_api.api_keys.schemas import ApiKeysResponse
from elasticdash.web.public_api.projects.schemas import ManagedProjectResponse, ManagedProjectsResponse

router = APIRouter(prefix="/api/public/organizations", tags=["Organizations"], route_class=OrganizationRoute)


@router.get("/projects", operation_id="organizations_getOrganizationProjects", response_model_exclude_none=True)
async def list_projects(organization: CurrentOrganization, session: ReadingSession) -> ManagedProjectsResponse:
    """The organization's projects, by name."""
    found = await projects.list_of(session, organization)
    return ManagedProjectsResponse(projects=[ManagedProjectResponse.from_project(project) for project in found])


@router.get("/apiKeys", operation_id="organizations_getOrganizationApiKeys")
async def list_api_keys(organization: CurrentOrganization, session: ReadingSession) -> ApiKeysResponse:
    """The organization's own keys, newest first; those of its projects are listed with each project."""
    return await handling.list_keys(session, organization)
