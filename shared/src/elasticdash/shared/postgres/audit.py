"""Records who changed what, in the transaction of the change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import ids
from elasticdash.shared.postgres.models.audit_logs import AuditLogRow

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
) -> None:
    """Add one entry; it is kept exactly if the change is."""
    session.add(
        AuditLogRow(
            id=ids.new_id(),
            created_at=change.at,
            project_id=project_id,
            actor_type=change.actor.type,
            actor_id=change.actor.id,
            action=action,
            resource_type=resource_type,
            resource_id=resource_id,
        )
    )
    await session.flush()
