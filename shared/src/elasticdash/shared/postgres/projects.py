"""Projects, as their own keys see them and as their organization manages them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.scope import OrganizationScope, ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import api_keys, audit, llm_connections, organizations
from elasticdash.shared.postgres.audit import Action, Change
from elasticdash.shared.postgres.models.organizations import OrganizationRow
from elasticdash.shared.postgres.models.projects import ProjectRow


@dataclass(frozen=True, slots=True)
class Project:
    """A project with its organization. `retention_days` None means forever."""

    id: str
    name: str
    organization_id: str
    organization_name: str
    metadata: Mapping[str, Any]
    retention_days: int | None
    created_at: datetime
    updated_at: datetime

    @property
    def scope(self) -> ProjectScope:
        """What reaches what the project holds."""
        return ProjectScope(ProjectId(self.id))


@dataclass(frozen=True, slots=True)
class ProjectFields:
    """What an organization decides about a project. `retention_days` None means forever."""

    name: str
    metadata: Mapping[str, Any]
    retention_days: int | None


async def get(session: AsyncSession, scope: ProjectScope) -> Project:
    """The project of a scope. NotFoundError when it was deleted meanwhile."""
    statement = (
        select(ProjectRow, OrganizationRow)
        .join(OrganizationRow, OrganizationRow.id == ProjectRow.org_id)
        .where(ProjectRow.id == scope.project_id, ProjectRow.deleted_at.is_(None))
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise errors.NotFoundError("Project not found")
    project, owner = found
    return _project_of(project, owner)


async def is_open(session: AsyncSession, scope: ProjectScope) -> bool:
    """Whether there is such a project and nobody deleted it."""
    found = select(ProjectRow.id).where(ProjectRow.id == scope.project_id, ProjectRow.deleted_at.is_(None))
    return await session.scalar(found) is not None


async def list_of(session: AsyncSession, organization: OrganizationScope) -> Sequence[Project]:
    """The organization's projects, by name; deleted ones are left out."""
    found = await session.execute(
        select(ProjectRow, OrganizationRow)
        .join(OrganizationRow, OrganizationRow.id == ProjectRow.org_id)
        .where(ProjectRow.org_id == organization.organization_id, ProjectRow.deleted_at.is_(None))
        .order_by(ProjectRow.name, ProjectRow.id)
    )
    return [_project_of(project, owner) for project, owner in found]


async def get_of(session: AsyncSession, organization: OrganizationScope, project_id: str) -> Project:
    """One of the organization's projects; NotFoundError for one of another, just as for none."""
    project = await get(session, ProjectScope(ProjectId(project_id)))
    if project.organization_id != organization.organization_id:
        raise errors.NotFoundError("Project not found")
    return project


async def create(
    session: AsyncSession,
    organization: OrganizationScope,
    fields: ProjectFields,
    wanted_id: str | None,
    change: Change,
) -> Project:
    """A new project. ConflictError when the organization has one of this name, or the wanted id is taken anywhere."""
    owner = await organizations.get(session, organization.organization_id)
    await organizations.hold_projects(session, owner.id)
    await _require_free_name(session, organization, fields.name)
    if wanted_id is not None and await session.get(ProjectRow, wanted_id) is not None:
        raise errors.ConflictError("A project with this id already exists")
    row = ProjectRow(
        id=wanted_id or ids.new_id(),
        org_id=owner.id,
        name=fields.name,
        retention_days=fields.retention_days,
        details=dict(fields.metadata),
        created_at=change.at,
        updated_at=change.at,
    )
    session.add(row)
    await _record(session, change, "create", row.id)
    return await get(session, ProjectScope(ProjectId(row.id)))


async def update(
    session: AsyncSession, organization: OrganizationScope, project_id: str, fields: ProjectFields, change: Change
) -> Project:
    """The organization's project after the change. NotFoundError; ConflictError when another has this name."""
    project = await get_of(session, organization, project_id)
    await organizations.hold_projects(session, organization.organization_id)
    if fields.name != project.name:
        await _require_free_name(session, organization, fields.name)
    row = await session.get_one(ProjectRow, project.id)
    row.name, row.details, row.retention_days = fields.name, dict(fields.metadata), fields.retention_days
    row.updated_at = change.at
    await _record(session, change, "update", row.id)
    return await get(session, project.scope)


async def delete(session: AsyncSession, organization: OrganizationScope, project_id: str, change: Change) -> None:
    """Close a project: its keys and connections are gone with this, its traces when the worker erased them."""
    project = await get_of(session, organization, project_id)
    await organizations.hold_projects(session, organization.organization_id)
    await api_keys.delete_all(session, project.scope, change)
    await llm_connections.delete_all(session, project.scope, change)
    row = await session.get_one(ProjectRow, project.id)
    row.deleted_at = row.updated_at = change.at
    await _record(session, change, "delete", row.id)


async def _require_free_name(session: AsyncSession, organization: OrganizationScope, name: str) -> None:
    taken = select(ProjectRow.id).where(
        ProjectRow.org_id == organization.organization_id, ProjectRow.name == name, ProjectRow.deleted_at.is_(None)
    )
    if (await session.scalars(taken.limit(1))).first() is not None:
        raise errors.ConflictError("The organization already has a project with this name")


async def _record(session: AsyncSession, change: Change, action: Action, project_id: str) -> None:
    await session.flush()
    await audit.record(
        session, change, action=action, resource_type="project", resource_id=project_id, project_id=project_id
    )


def _project_of(project: ProjectRow, organization: OrganizationRow) -> Project:
    return Project(
        id=project.id,
        name=project.name,
        organization_id=organization.id,
        organization_name=organization.name,
        metadata=project.details,
        retention_days=project.retention_days,
        created_at=project.created_at,
        updated_at=project.updated_at,
    )
