"""`/api/public/projects`: how SDKs check their keys and find their project's id."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from elasticdash.shared import errors
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import projects
from elasticdash.web import dependencies
from elasticdash.web.auth.principal import OrganizationKeyError
from elasticdash.web.dependencies import ReadingSession
from elasticdash.web.public_api.projects.schemas import ProjectResponse, ProjectsResponse

router = APIRouter(prefix="/api/public/projects", tags=["Projects"])


async def _project(request: Request) -> ProjectScope:
    """The caller's project; an organization's key gets this route's own answer."""
    try:
        return await dependencies.current_project(await dependencies.current_principal(request))
    except OrganizationKeyError as error:
        raise errors.AccessDeniedError("Invalid API key. Are you using an organization key?") from error


@router.get("", operation_id="projects_get", response_model_exclude_none=True)
async def list_projects(
    project: Annotated[ProjectScope, Depends(_project)], session: ReadingSession
) -> ProjectsResponse:
    """The project of the key."""
    return ProjectsResponse(data=[ProjectResponse.from_project(await projects.get(session, project))])
