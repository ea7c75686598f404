"""Creates the first organization, project, keys and admin."""

import asyncio
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import ids
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import api_keys, audit, locks
from elasticdash.shared.postgres.api_keys import NewApiKey
from elasticdash.shared.postgres.audit import Change
from elasticdash.shared.postgres.models.api_keys import ApiKeyRow
from elasticdash.shared.postgres.models.organization_memberships import OrganizationMembershipRow
from elasticdash.shared.postgres.models.organizations import OrganizationRow
from elasticdash.shared.postgres.models.projects import ProjectRow
from elasticdash.shared.postgres.models.users import UserRow
from elasticdash.shared.security import SecretHasher, hash_password, shown_secret

_DEFAULT = "default"
_NOTE = "Provisioned at start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioning:
    """What must exist. Ids and names not given are "default"; without keys or user none is made."""

    public_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    org_id: str | None = None
    org_name: str | None = None
    project_id: str | None = None
    project_name: str | None = None
    retention_days: int | None = None
    user_email: str | None = None
    user_name: str | None = None
    user_password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What exists now. `user_id` is None when no user was asked for."""

    org_id: str
    project_id: ProjectId
    user_id: str | None


async def provision(session: AsyncSession, hasher: SecretHasher, wanted: Provisioning, change: Change) -> Provisioned:
    """Create what is missing; running it again changes nothing.

    What exists keeps its name, retention and password. A key that belonged to another project moves to this one,
    and the given secret always works afterwards. The user becomes an owner of the organization.
    """
    # Processes that start together would all find everything missing.
    await locks.hold(session, "provisioning")
    org_id = await _ensure_organization(session, wanted, change)
    scope = await _ensure_project(session, org_id, wanted, change)
    if wanted.public_key and wanted.secret_key:
        await _ensure_key(session, scope, hasher, NewApiKey(wanted.public_key, wanted.secret_key, _NOTE), change)
    user_id = None
    if wanted.user_email and wanted.user_password:
        user_id = await _ensure_user(session, wanted.user_email, wanted.user_password, wanted.user_name, change)
        await _ensure_owner(session, org_id, user_id, change)
    return Provisioned(org_id, scope.project_id, user_id)


async def _ensure_organization(session: AsyncSession, wanted: Provisioning, change: Change) -> str:
    org_id = wanted.org_id or _DEFAULT
    if await session.get(OrganizationRow, org_id) is None:
        name = wanted.org_name or _DEFAULT
        session.add(OrganizationRow(id=org_id, name=name, created_at=change.at, updated_at=change.at))
        await _record(session, change, "organization", org_id, None)
    return org_id


async def _ensure_project(session: AsyncSession, org_id: str, wanted: Provisioning, change: Change) -> ProjectScope:
    project_id = ProjectId(wanted.project_id or _DEFAULT)
    if await session.get(ProjectRow, project_id) is None:
        row = ProjectRow(
            id=project_id,
            org_id=org_id,
            name=wanted.project_name or _DEFAULT,
            retention_days=wanted.retention_days,
            details={},
            created_at=change.at,
            updated_at=change.at,
        )
        session.add(row)
        await _record(session, change, "project", project_id, project_id)
    return ProjectScope(project_id)


async def _ensure_key(
    session: AsyncSession, scope: ProjectScope, hasher: SecretHasher, wanted: NewApiKey, change: Change
) -> None:
    row = await session.scalar(select(ApiKeyRow).where(ApiKeyRow.public_key == wanted.public_key))
    if row is None:
        await api_keys.create(session, scope, hasher, wanted, change)
        return
    if row.project_id == scope.project_id and hasher.is_current(wanted.secret_key, row.secret_hash):
        return
    row.project_id, row.organization_id = scope.project_id, None
    row.secret_hash, row.fast_hashed_secret_key = hasher.hash(wanted.secret_key), None
    row.pepper_id = hasher.pepper_id
    row.display_secret_key = shown_secret(wanted.secret_key)
    await audit.record(
        session, change, action="update", resource_type="apiKey", resource_id=row.id, project_id=scope.project_id
    )


async def _ensure_user(session: AsyncSession, email: str, password: str, name: str | None, change: Change) -> str:
    address = email.strip().lower()
    found = await session.scalar(select(UserRow).where(UserRow.email == address))
    if found is not None:
        return found.id
    row = UserRow(
        id=ids.new_id(),
        email=address,
        name=name,
        password_hash=await asyncio.to_thread(hash_password, password),
        created_at=change.at,
        updated_at=change.at,
    )
    session.add(row)
    await _record(session, change, "user", row.id, None)
    return row.id


async def _ensure_owner(session: AsyncSession, org_id: str, user_id: str, change: Change) -> None:
    found = await session.scalar(
        select(OrganizationMembershipRow).where(
            OrganizationMembershipRow.org_id == org_id, OrganizationMembershipRow.user_id == user_id
        )
    )
    if found is None:
        row = OrganizationMembershipRow(
            id=ids.new_id(), org_id=org_id, user_id=user_id, role="OWNER", created_at=change.at, updated_at=change.at
        )
        session.add(row)
        await _record(session, change, "membership", row.id, None)


async def _record(
    session: AsyncSession, change: Change, resource_type: str, resource_id: str, project_id: str | None
) -> None:
    # Rows refer to each other by id only, so each is written before the next needs it.
    await session.flush()
    await audit.record(
        session, change, action="create", resource_type=resource_type, resource_id=resource_id, project_id=project_id
    )
