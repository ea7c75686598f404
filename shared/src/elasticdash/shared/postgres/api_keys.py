"""API keys of projects and organizations: looked up at every request, created at provisioning and by people."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.scope import OrganizationScope, ProjectScope
from elasticdash.shared.ids import OrganizationId, ProjectId
from elasticdash.shared.postgres import audit
from elasticdash.shared.postgres.audit import Change
from elasticdash.shared.postgres.models.api_keys import ApiKeyRow
from elasticdash.shared.postgres.models.projects import ProjectRow
from elasticdash.shared.security import SecretHasher, shown_secret

# Finer would turn every request into a write.
_LAST_USED_PRECISION = timedelta(minutes=5)

Owner = ProjectScope | OrganizationScope


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What checking a credential needs."""

    id: str
    public_key: str
    owner: Owner
    secret_hash: str | None = field(repr=False)
    imported_hash: str | None = field(repr=False)
    expires_at: datetime | None
    last_used_at: datetime | None

    def is_expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now

    def is_use_unrecorded(self, now: datetime) -> bool:
        """Whether its last use is unknown, or recorded too long ago."""
        return self.last_used_at is None or now - self.last_used_at > _LAST_USED_PRECISION


async def find(session: AsyncSession, public_key: str) -> ApiKey | None:
    """The key with this public half, expired or not; None when unknown or when its project was deleted."""
    statement = (
        select(ApiKeyRow)
        .outerjoin(ProjectRow, ProjectRow.id == ApiKeyRow.project_id)
        .where(ApiKeyRow.public_key == public_key, ProjectRow.deleted_at.is_(None))
    )
    row = (await session.scalars(statement)).one_or_none()
    if row is None:
        return None
    return ApiKey(
        id=row.id,
        public_key=row.public_key,
        owner=_owner_of(row),
        secret_hash=row.secret_hash,
        imported_hash=row.fast_hashed_secret_key,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )


async def record_use(session: AsyncSession, api_key_id: str, now: datetime) -> None:
    """Note when a key was last used."""
    await session.execute(update(ApiKeyRow).where(ApiKeyRow.id == api_key_id).values(last_used_at=now))


async def rehash(session: AsyncSession, api_key_id: str, hasher: SecretHasher, secret_key: str) -> None:
    """Keep a key's secret under the current pepper; an imported hash goes."""
    values = {
        "secret_hash": hasher.hash(secret_key),
        "pepper_id": hasher.pepper_id,
        "fast_hashed_secret_key": None,
    }
    await session.execute(update(ApiKeyRow).where(ApiKeyRow.id == api_key_id).values(values))


@dataclass(frozen=True, slots=True)
class ListedApiKey:
    """A key as people manage it: of its secret only what tells it from others."""

    id: str
    public_key: str
    display_secret_key: str
    note: str | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


async def list_all(session: AsyncSession, owner: Owner) -> list[ListedApiKey]:
    """The owner's keys, newest first."""
    rows = await session.scalars(
        select(ApiKeyRow).where(_is_of(owner)).order_by(ApiKeyRow.created_at.desc(), ApiKeyRow.id)
    )
    return [
        ListedApiKey(
            id=row.id,
            public_key=row.public_key,
            display_secret_key=row.display_secret_key,
            note=row.note,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            expires_at=row.expires_at,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key pair to store. The secret itself is not kept."""

    public_key: str
    secret_key: str = field(repr=False)
    note: str | None = None
    expires_at: datetime | None = None


async def create(session: AsyncSession, owner: Owner, hasher: SecretHasher, new: NewApiKey, change: Change) -> str:
    """Store a key; returns its id. ConflictError when the public half is taken."""
    if await session.scalar(select(ApiKeyRow.id).where(ApiKeyRow.public_key == new.public_key)) is not None:
        raise errors.ConflictError("An API key with this public key already exists")
    row = ApiKeyRow(
        id=ids.new_id(),
        created_at=change.at,
        note=new.note,
        public_key=new.public_key,
        secret_hash=hasher.hash(new.secret_key),
        pepper_id=hasher.pepper_id,
        display_secret_key=shown_secret(new.secret_key),
        expires_at=new.expires_at,
        project_id=owner.project_id if isinstance(owner, ProjectScope) else None,
        organization_id=owner.organization_id if isinstance(owner, OrganizationScope) else None,
    )
    session.add(row)
    await session.flush()
    await audit.record(
        session, change, action="create", resource_type="apiKey", resource_id=row.id, project_id=row.project_id
    )
    return row.id


async def delete(session: AsyncSession, owner: Owner, api_key_id: str, change: Change) -> str | None:
    """Revoke a key; returns its public half, None when the owner has no such key."""
    row = await session.get(ApiKeyRow, api_key_id)
    if row is None or _owner_of(row) != owner:
        return None
    await session.delete(row)
    await session.flush()
    await audit.record(
        session, change, action="delete", resource_type="apiKey", resource_id=row.id, project_id=row.project_id
    )
    return row.public_key


async def delete_all(session: AsyncSession, owner: Owner, change: Change) -> None:
    """Revoke every key of an owner that goes away."""
    for api_key_id in await session.scalars(select(ApiKeyRow.id).where(_is_of(owner))):
        await delete(session, owner, api_key_id, change)


def _is_of(owner: Owner) -> ColumnElement[bool]:
    if isinstance(owner, ProjectScope):
        return ApiKeyRow.project_id == owner.project_id
    return ApiKeyRow.organization_id == owner.organization_id


def _owner_of(row: ApiKeyRow) -> Owner:
    if row.project_id is not None:
        return ProjectScope(ProjectId(row.project_id))
    # A rule of the table: a key has exactly one owner.
    return OrganizationScope(OrganizationId(row.organization_id or ""))
