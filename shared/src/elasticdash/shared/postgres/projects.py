"""Projects, as their own keys see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors
from elasticdash.shared.domain.scope import ProjectScope
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
    project, organization = found
    return Project(
        id=project.id,
        name=project.name,
        organization_id=organization.id,
        organization_name=organization.name,
        metadata=project.details,
        retention_days=project.retention_days,
    )
