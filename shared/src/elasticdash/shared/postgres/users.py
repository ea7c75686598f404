"""People who sign in, and what they belong to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.roles import Role
from elasticdash.shared.domain.scope import OrganizationScope, ProjectScope
from elasticdash.shared.postgres import audit, locks
from elasticdash.shared.postgres.audit import Change
from elasticdash.shared.postgres.models.organization_memberships import OrganizationMembershipRow
from elasticdash.shared.postgres.models.organizations import OrganizationRow
from elasticdash.shared.postgres.models.projects import ProjectRow
from elasticdash.shared.postgres.models.users import UserRow


@dataclass(frozen=True, slots=True)
class User:
    """A person. `password_hash` None: they sign in elsewhere."""

    id: str
    email: str
    name: str | None
    password_hash: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class MemberProject:
    """A project someone may see."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class MemberOrganization:
    """An organization someone belongs to, with its projects by name."""

    id: str
    name: str
    role: Role
    projects: Sequence[MemberProject]


async def find_by_email(session: AsyncSession, email: str) -> User | None:
    """The person with this address, in any case of letters."""
    row = await session.scalar(select(UserRow).where(UserRow.email == email.strip().lower()))
    return None if row is None else user_of(row)


async def create(
    session: AsyncSession, email: str, name: str | None, password_hash: str | None, change: Change
) -> User:
    """A new person, who belongs nowhere yet; without a password they sign in elsewhere.

    ConflictError when the address is taken.
    """
    address = email.strip().lower()
    await locks.hold(session, "user", address)
    if await find_by_email(session, address) is not None:
        raise errors.ConflictError("Somebody has this address already")
    row = UserRow(
        id=ids.new_id(),
        email=address,
        name=name,
        password_hash=password_hash,
        created_at=change.at,
        updated_at=change.at,
    )
    session.add(row)
    await session.flush()
    await audit.record(session, change, action="create", resource_type="user", resource_id=row.id, project_id=None)
    return user_of(row)


async def emails_of(session: AsyncSession, user_ids: Collection[str]) -> Mapping[str, str]:
    """Addresses by id; people who are gone are left out."""
    rows = await session.execute(select(UserRow.id, UserRow.email).where(UserRow.id.in_(user_ids)))
    return {row.id: row.email for row in rows}


async def set_password(session: AsyncSession, user_id: str, password_hash: str, change: Change) -> None:
    """Replace how someone's password is kept; ending their sessions is left to the caller."""
    row = await session.get_one(UserRow, user_id)
    row.password_hash, row.updated_at = password_hash, change.at
    await session.flush()
    await audit.record(session, change, action="update", resource_type="user", resource_id=user_id, project_id=None)


async def organizations_of(session: AsyncSession, user_id: str) -> list[MemberOrganization]:
    """Where someone has a role, by name; deleted projects are left out."""
    memberships = (
        select(OrganizationRow, OrganizationMembershipRow.role)
        .join(OrganizationMembershipRow, OrganizationMembershipRow.org_id == OrganizationRow.id)
        .where(OrganizationMembershipRow.user_id == user_id, OrganizationMembershipRow.role != Role.NONE)
        .order_by(OrganizationRow.name, OrganizationRow.id)
    )
    found = (await session.execute(memberships)).all()
    projects = (
        select(ProjectRow)
        .where(ProjectRow.org_id.in_([organization.id for organization, _ in found]), ProjectRow.deleted_at.is_(None))
        .order_by(ProjectRow.name, ProjectRow.id)
    )
    rows = (await session.scalars(projects)).all()
    return [
        MemberOrganization(
            id=organization.id,
            name=organization.name,
            role=Role(role),
            projects=[MemberProject(row.id, row.name) for row in rows if row.org_id == organization.id],
        )
        for organization, role in found
    ]


async def role_in_project(session: AsyncSession, user_id: str, scope: ProjectScope) -> Role:
    """What someone may do in a project; NONE as well where it is unknown or deleted."""
    statement = (
        select(OrganizationMembershipRow.role)
        .join(ProjectRow, ProjectRow.org_id == OrganizationMembershipRow.org_id)
        .where(
            OrganizationMembershipRow.user_id == user_id,
            ProjectRow.id == scope.project_id,
            ProjectRow.deleted_at.is_(None),
        )
    )
    role = await session.scalar(statement)
    return Role.NONE if role is None else Role(role)


async def role_in_organization(session: AsyncSession, user_id: str, scope: OrganizationScope) -> Role:
    """What someone may do in an organization; NONE as well where it is unknown or deleted."""
    statement = (
        select(OrganizationMembershipRow.role)
        .join(OrganizationRow, OrganizationRow.id == OrganizationMembershipRow.org_id)
        .where(
            OrganizationMembershipRow.user_id == user_id,
            OrganizationRow.id == scope.organization_id,
            OrganizationRow.deleted_at.is_(None),
        )
    )
    role = await session.scalar(statement)
    return Role.NONE if role is None else Role(role)


def user_of(row: UserRow) -> User:
    """A row as what callers see."""
    return User(row.id, row.email, row.name, row.password_hash)
