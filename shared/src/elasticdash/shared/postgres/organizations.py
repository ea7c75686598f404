"""Organizations, as the instance's administrator and their own people manage them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete as delete_rows
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.scope import OrganizationScope
from elasticdash.shared.ids import OrganizationId
from elasticdash.shared.postgres import api_keys, audit, locks
from elasticdash.shared.postgres.audit import Action, Change
from elasticdash.shared.postgres.models.organization_memberships import OrganizationMembershipRow
from elasticdash.shared.postgres.models.organizations import OrganizationRow
from elasticdash.shared.postgres.models.projects import ProjectRow


@dataclass(frozen=True, slots=True)
class Organization:
    """One organization that was not deleted."""

    id: str
    name: str
    created_at: datetime
    updated_at: datetime

    @property
    def scope(self) -> OrganizationScope:
        """What reaches its projects and keys."""
        return OrganizationScope(OrganizationId(self.id))


async def list_all(session: AsyncSession) -> Sequence[Organization]:
    """Every organization, by name."""
    rows = await session.scalars(
        select(OrganizationRow)
        .where(OrganizationRow.deleted_at.is_(None))
        .order_by(OrganizationRow.name, OrganizationRow.id)
    )
    return [_organization_of(row) for row in rows]


async def get(session: AsyncSession, organization_id: str) -> Organization:
    """One organization; NotFoundError when there is none with this id."""
    return _organization_of(await _row(session, organization_id))


async def create(session: AsyncSession, name: str, wanted_id: str | None, change: Change) -> Organization:
    """A new organization. ConflictError when the wanted id is taken, by a deleted one too."""
    row = OrganizationRow(id=wanted_id or ids.new_id(), name=name, created_at=change.at, updated_at=change.at)
    await locks.hold(session, "organization", row.id)
    if await session.get(OrganizationRow, row.id) is not None:
        raise errors.ConflictError("An organization with this id already exists")
    session.add(row)
    await _record(session, change, "create", row.id)
    return _organization_of(row)


async def rename(session: AsyncSession, organization_id: str, name: str, change: Change) -> Organization:
    """The organization under its new name."""
    row = await _row(session, organization_id)
    row.name, row.updated_at = name, change.at
    await _record(session, change, "update", row.id)
    return _organization_of(row)


async def delete(session: AsyncSession, organization_id: str, change: Change) -> None:
    """Take an organization away with its keys and memberships. ConflictError while it has projects.

    Its row stays for the projects deleted before, until whose traces are erased somebody must know of them.
    """
    row = await _row(session, organization_id)
    await hold_projects(session, organization_id)
    projects = select(ProjectRow.id).where(ProjectRow.org_id == row.id, ProjectRow.deleted_at.is_(None)).limit(1)
    if await session.scalar(projects) is not None:
        raise errors.ConflictError("The organization still has projects: delete them first")
    await api_keys.delete_all(session, _organization_of(row).scope, change)
    await session.execute(
        delete_rows(OrganizationMembershipRow).where(OrganizationMembershipRow.org_id == organization_id)
    )
    row.deleted_at = change.at
    await _record(session, change, "delete", row.id)


async def hold_projects(session: AsyncSession, organization_id: str) -> None:
    """Make changes to the set of an organization's projects wait for each other."""
    await locks.hold(session, "projects of organization", organization_id)


async def _row(session: AsyncSession, organization_id: str) -> OrganizationRow:
    row = await session.scalar(
        select(OrganizationRow).where(OrganizationRow.id == organization_id, OrganizationRow.deleted_at.is_(None))
    )
    if row is None:
        raise errors.NotFoundError("Organization not found")
    return row


async def _record(session: AsyncSession, change: Change, action: Action, organization_id: str) -> None:
    await session.flush()
    await audit.record(
        session,
        change,
        action=action,
        resource_type="organization",
        resource_id=organization_id,
        project_id=None,
        organization_id=organization_id,
    )


def _organization_of(row: OrganizationRow) -> Organization:
    return Organization(row.id, row.name, row.created_at, row.updated_at)
