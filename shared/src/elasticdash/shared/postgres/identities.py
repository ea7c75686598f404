"""People who sign in with a provider: who they are here, and what they become at their first sign-in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors
from elasticdash.shared.domain.roles import Role
from elasticdash.shared.domain.scope import OrganizationScope
from elasticdash.shared.ids import OrganizationId
from elasticdash.shared.postgres import audit, locks, members, users
from elasticdash.shared.postgres.audit import Actor, Change
from elasticdash.shared.postgres.models.organizations import OrganizationRow
from elasticdash.shared.postgres.models.user_identities import UserIdentityRow
from elasticdash.shared.postgres.models.users import UserRow
from elasticdash.shared.postgres.users import User


@dataclass(frozen=True, slots=True)
class Identity:
    """What a provider vouches for. `email` is None unless the provider verified it."""

    issuer: str
    subject: str
    email: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Admission:
    """Who is let in at their first sign-in: links to people with passwords, new people, and what these become."""

    links_passwords: bool
    creates: bool
    organization_id: str | None
    role: Role


class IdentityRefusedError(errors.AccessDeniedError):
    """Who signs in is nobody here, and may not become somebody; `reason` is one of a few words."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Signing in was refused: {reason}")
        self.reason = reason


async def admitted(session: AsyncSession, identity: Identity, admission: Admission, at: datetime) -> User:
    """The person behind an identity, linked by verified address or created at the first time.

    IdentityRefusedError with "unverified", "linking" or "unknown".
    """
    await locks.hold(session, "identity", identity.issuer, identity.subject)
    known = await _linked(session, identity)
    if known is not None:
        return known
    if identity.email is None:
        raise IdentityRefusedError("unverified")
    found = await users.find_by_email(session, identity.email)
    if found is not None and found.password_hash is not None and not admission.links_passwords:
        raise IdentityRefusedError("linking")
    if found is None and not admission.creates:
        raise IdentityRefusedError("unknown")
    user = found or await _created(session, identity.email, identity.name, admission, at)
    await _link(session, identity, user, at)
    return user


async def _linked(session: AsyncSession, identity: Identity) -> User | None:
    row = await session.scalar(
        select(UserRow)
        .join(UserIdentityRow, UserIdentityRow.user_id == UserRow.id)
        .where(UserIdentityRow.issuer == identity.issuer, UserIdentityRow.subject == identity.subject)
    )
    return None if row is None else users.user_of(row)


async def _created(session: AsyncSession, email: str, name: str | None, admission: Admission, at: datetime) -> User:
    change = Change(Actor("system", "single sign-on"), at)
    user = await users.create(session, email, name, None, change)
    if admission.organization_id is not None:
        row = await session.get(OrganizationRow, admission.organization_id)
        # A setting may name what was deleted, or is not there yet: the person then belongs nowhere.
        if row is not None and row.deleted_at is None:
            scope = OrganizationScope(OrganizationId(row.id))
            await members.add(session, scope, user.id, admission.role, change)
    return user


async def _link(session: AsyncSession, identity: Identity, user: User, at: datetime) -> None:
    session.add(UserIdentityRow(issuer=identity.issuer, subject=identity.subject, user_id=user.id, created_at=at))
    await session.flush()
    change = Change(Actor("user", user.id), at)
    await audit.record(session, change, action="create", resource_type="identity", resource_id=user.id, project_id=None)
