"""Which projects keep their traces for a limited time, or no longer at all."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres.models.projects import ProjectRow


async def list_retentions(session: AsyncSession) -> Sequence[tuple[ProjectScope, int]]:
    """(project, days) of every project with a retention, deleted ones left out, by project id."""
    rows = await session.execute(
        select(ProjectRow.id, ProjectRow.retention_days)
        .where(ProjectRow.retention_days.is_not(None), ProjectRow.deleted_at.is_(None))
        .order_by(ProjectRow.id)
    )
    return [(ProjectScope(ProjectId(id_)), days) for id_, days in rows.tuples() if days is not None]


async def list_deleted(session: AsyncSession, since: datetime) -> Sequence[ProjectScope]:
    """Projects deleted at or after a time, by project id."""
    rows = await session.execute(select(ProjectRow.id).where(ProjectRow.deleted_at >= since).order_by(ProjectRow.id))
    return [ProjectScope(ProjectId(id_)) for id_ in rows.scalars()]
