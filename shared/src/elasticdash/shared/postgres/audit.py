"""Records who changed what, in the transaction of the change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import ids
from elasticdash.shared.postgres.models.api_keys import ApiKeyRow
from elasticdash.shared.postgres.models.audit_logs import AuditLogRow
from elasticdash.shared.postgres.models.users import UserRow

Action = Literal["create", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something: an API key by its id, a user by theirs, or the Logger at its start."""

    type: Literal["api_key", "user", "system"]
    id: str


@dataclass(frozen=True, slots=True)
class Change:
    """Who acts, and when: passed to every function that changes something."""

    actor: Actor
    at: datetime


async def record(
    session: AsyncSession,
    change: Change,
    *,
    action: Action,
    resource_type: str,
    resource_id: str,
    project_id: str | None,
    organization_id: str | None = None,
) -> None:
    """Add one entry; it is kept exactly if the change is. What concerns no one project may name its organization."""
    session.add(
        AuditLogRow(
            id=ids.new_id(),
            created_at=change.at,
            project_id=project_id,
            organization_id=organization_id,
            actor_type=change.actor.type,
            actor_id=change.actor.id,
            action=action,
            resource_type=resource_type,
            resource_id=resource_id,
        )
    )
    await session.flush()


class Entry(NamedTuple):
    """One change with who made it: an address, the public half of a key, or the bare id of who is gone."""

    id: str
    at: datetime
    actor_type: str
    actor: str
    action: str
    resource_type: str
    resource_id: str


class EntryPosition(NamedTuple):
    """The last entry of a page: the next page begins after it, newest first."""

    at: datetime
    id: str


async def list_of_project(
    session: AsyncSession, project_id: str, organization_id: str, position: EntryPosition | None, limit: int
) -> Sequence[Entry]:
    """Changes of a project, and of its organization where they concern no one project, newest first."""
    of_both = or_(AuditLogRow.project_id == project_id, AuditLogRow.organization_id == organization_id)
    statement = (
        select(AuditLogRow, UserRow.email, ApiKeyRow.public_key)
        .outerjoin(UserRow, (AuditLogRow.actor_type == "user") & (UserRow.id == AuditLogRow.actor_id))
        .outerjoin(ApiKeyRow, (AuditLogRow.actor_type == "api_key") & (ApiKeyRow.id == AuditLogRow.actor_id))
        .where(of_both)
        .order_by(AuditLogRow.created_at.desc(), AuditLogRow.id.desc())
        .limit(limit)
    )
    if position is not None:
        statement = statement.where(
            or_(
                AuditLogRow.created_at < position.at,
                (AuditLogRow.created_at == position.at) & (AuditLogRow.id < position.id),
            )
        )
    return [
        Entry(
            row.id,
            row.created_at,
            row.actor_type,
            email or public_key or row.actor_id,
            row.action,
            row.resource_type,
            row.resource_id,
        )
        for row, email, public_key in await session.execute(statement)
    ]
