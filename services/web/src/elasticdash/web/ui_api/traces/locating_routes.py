"""Where a trace is, for links that name no project: those of the third generation of the JavaScript SDK."""

from fastapi import APIRouter

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import traces
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import users
from elasticdash.web.auth.policies import CurrentUser
from elasticdash.web.dependencies import CurrentServices
from elasticdash.web.ui_api.traces.schemas import TracePlaceShape
from elasticdash.web.ui_route import UiRoute

router = APIRouter(tags=["traces"], route_class=UiRoute)


@router.get("/trace-places/{trace_id:path}", operation_id="findTracePlace")
async def find_place(trace_id: str, user: CurrentUser, services: CurrentServices) -> TracePlaceShape:
    """The first project, of those the person may see, that has the trace; NotFoundError."""
    async with services.database.reading() as session:
        organizations = await users.organizations_of(session, user.id)
    for project in (project for organization in organizations for project in organization.projects):
        scope = ProjectScope(ProjectId(project.id))
        if await traces.find(services.clickhouse, scope, trace_id, with_text=False) is not None:
            return TracePlaceShape(project_id=project.id)
    raise errors.NotFoundError("No project of yours has this trace, or not yet")
