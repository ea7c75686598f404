"""One project's settings: its name, how long it keeps traces, who changed what."""

from fastapi import APIRouter

from elasticdash.shared.domain.scope import OrganizationScope
from elasticdash.shared.ids import OrganizationId
from elasticdash.shared.postgres import api_keys, audit, projects
from elasticdash.shared.postgres.projects import Project, ProjectFields
from elasticdash.web import cursors
from elasticdash.web.auth.policies import AdministeredProject, CurrentUserChange, OwnedProject, ViewedProject
from elasticdash.web.dependencies import CurrentServices, ReadingSession, WritingSession
from elasticdash.web.ui_api.project.schemas import (
    AuditEntryShape,
    AuditLogQuery,
    AuditLogShape,
    ChangeProjectRequest,
    ProjectSettingsShape,
)
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/projects/{project_id}", tags=["project"], route_class=UiRoute)


@router.get("/settings", operation_id="getProjectSettings")
async def get_settings(project: ViewedProject, session: ReadingSession) -> ProjectSettingsShape:
    """The project as its settings page shows it."""
    return ProjectSettingsShape.model_validate(await projects.get(session, project))


@router.put("/settings", operation_id="changeProject", status_code=204)
async def change_project(
    body: ChangeProjectRequest, project: AdministeredProject, session: WritingSession, change: CurrentUserChange
) -> None:
    """Rename the project, or keep its traces for another time."""
    present = await projects.get(session, project)
    fields = ProjectFields(body.name, present.metadata, body.retention_days or None)
    await projects.update(session, _owner_of(present), present.id, fields, change)


@router.delete("", operation_id="deleteProject", status_code=204)
async def delete_project(
    project: OwnedProject, services: CurrentServices, session: WritingSession, change: CurrentUserChange
) -> None:
    """Close the project: its keys stop working, its traces are erased soon after."""
    present = await projects.get(session, project)
    public_keys = [key.public_key for key in await api_keys.list_all(session, project)]
    await projects.delete(session, _owner_of(present), present.id, change)
    await session.commit()
    for public_key in public_keys:
        services.authenticator.forget(public_key)


@router.get("/audit-log", operation_id="listAuditLog")
async def list_audit_log(query: AuditLogQuery, project: AdministeredProject, session: ReadingSession) -> AuditLogShape:
    """Changes of the project, and of its organization where they concern no one project."""
    present = await projects.get(session, project)
    found = await audit.list_of_project(session, present.id, present.organization_id, query.position(), query.limit + 1)
    shown = found[: query.limit]
    return AuditLogShape(
        entries=[AuditEntryShape.model_validate(entry) for entry in shown],
        next=cursors.encode(shown[-1].at.isoformat(), shown[-1].id) if len(found) > len(shown) else None,
    )


def _owner_of(project: Project) -> OrganizationScope:
    return OrganizationScope(OrganizationId(project.organization_id))
