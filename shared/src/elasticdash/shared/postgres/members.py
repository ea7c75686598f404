"""Who belongs to an organization, and as what; somebody always owns it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.roles import Role
from elasticdash.shared.domain.scope import OrganizationScope
from elasticdash.shared.postgres import audit, locks
from elasticdash.shared.postgres.audit import Action, Change
from elasticdash.shared.postgres.models.organization_memberships import OrganizationMembershipRow
from elasticdash.shared.postgres.models.user_sessions import UserSessionRow
from elasticdash.shared.postgres.models.users import UserRow


@dataclass(frozen=True, slots=True)
class Member:
    """A person in an organization. `last_seen_at` is of a session that still exists."""

    user_id: str
    email: str
    name: str | None
    role: Role
    since: datetime
    last_seen_at: datetime | None


async def list_of(session: AsyncSession, scope: OrganizationScope) -> Sequence[Member]:
    """Everyone with a role, by address."""
    seen = select(UserSessionRow.user_id, func.max(UserSessionRow.last_seen_at).label("at")).group_by(
        UserSessionRow.user_id
    )
    last = seen.subquery()
    found = await session.execute(
        select(OrganizationMembershipRow, UserRow, last.c.at)
        .join(UserRow, UserRow.id == OrganizationMembershipRow.user_id)
        .outerjoin(last, last.c.user_id == UserRow.id)
        .where(
            OrganizationMembershipRow.org_id == scope.organization_id, OrganizationMembershipRow.role != Role.NONE.value
        )
        .order_by(UserRow.email)
    )
    return [
        Member(user.id, user.email, user.name, Role(membership.role), membership.created_at, seen_at)
        for membership, user, seen_at in found
    ]


async def add(session: AsyncSession, scope: OrganizationScope, user_id: str, role: Role, change: Change) -> None:
    """Give a person a role. ConflictError when they have one."""
    await _hold(session, scope)
    row = await _find(session, scope, user_id)
    if row is not None and row.role != Role.NONE:
        raise errors.ConflictError("This person is a member already")
    if row is None:
        row = OrganizationMembershipRow(
            id=ids.new_id(),
            org_id=scope.organization_id,
            user_id=user_id,
            created_at=change.at,
        )
        session.add(row)
    row.role, row.updated_at = role, change.at
    await _record(session, scope, user_id, change, "create")


async def role_of(session: AsyncSession, scope: OrganizationScope, user_id: str) -> Role:
    """What a person is in the organization. NotFoundError for who has no part in it."""
    row = await _find(session, scope, user_id)
    if row is None or row.role == Role.NONE:
        raise errors.NotFoundError("The organization has no such member")
    return Role(row.role)


async def change_role(
    session: AsyncSession, scope: OrganizationScope, user_id: str, role: Role, change: Change
) -> None:
    """Make a member something else. NotFoundError for strangers; ConflictError for the only owner."""
    await _hold(session, scope)
    row = await _member(session, scope, user_id)
    if role is not Role.OWNER:
        await _require_another_owner(session, scope, row)
    row.role, row.updated_at = role, change.at
    await _record(session, scope, user_id, change, "update")


async def remove(session: AsyncSession, scope: OrganizationScope, user_id: str, change: Change) -> None:
    """Take a member's role away. NotFoundError for strangers; ConflictError for the only owner."""
    await _hold(session, scope)
    row = await _member(session, scope, user_id)
    await _require_another_owner(session, scope, row)
    await session.delete(row)
    await _record(session, scope, user_id, change, "delete")


async def _hold(session: AsyncSession, scope: OrganizationScope) -> None:
    # Two owners who step down at once would each see the other.
    await locks.hold(session, "members of organization", scope.organization_id)


async def _find(session: AsyncSession, scope: OrganizationScope, user_id: str) -> OrganizationMembershipRow | None:
    return await session.scalar(
        select(OrganizationMembershipRow).where(
            OrganizationMembershipRow.org_id == scope.organization_id, OrganizationMembershipRow.user_id == user_id
        )
    )


async def _member(session: AsyncSession, scope: OrganizationScope, user_id: str) -> OrganizationMembershipRow:
    row = await _find(session, scope, user_id)
    if row is None or row.role == Role.NONE:
        raise errors.NotFoundError("The organization has no such member")
    return row


async def _require_another_owner(
    session: AsyncSession, scope: OrganizationScope, row: OrganizationMembershipRow
) -> None:
    if row.role != Role.OWNER:
        return
    others = select(func.count()).where(
        OrganizationMembershipRow.org_id == scope.organization_id,
        OrganizationMembershipRow.role == Role.OWNER.value,
        OrganizationMembershipRow.user_id != row.user_id,
    )
    if not await session.scalar(others):
        raise errors.ConflictError("An organization needs an owner: make somebody else one first")


async def _record(
    session: AsyncSession, scope: OrganizationScope, user_id: str, change: Change, action: Action
) -> None:
    await session.flush()
    await audit.record(
        session,
        change,
        action=action,
        resource_type="member",
        resource_id=user_id,
        project_id=None,
        organization_id=scope.organization_id,
    )
