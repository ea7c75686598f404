"""What is in annotation queues: traces, observations and sessions that people judge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import annotation_queues
from elasticdash.shared.postgres.models.annotation_queues import AnnotationQueueItemRow

_PER_STATEMENT = 500


class ItemStatus(StrEnum):
    """Whether somebody has judged an item."""

    PENDING = "PENDING"
    COMPLETED = "COMPLETED"


class ItemType(StrEnum):
    """What an item is."""

    TRACE = "TRACE"
    OBSERVATION = "OBSERVATION"
    SESSION = "SESSION"


@dataclass(frozen=True, slots=True)
class QueuedObject:
    """What is to be judged. `trace_id` is the trace the item goes with, where it is known."""

    type: ItemType
    id: str
    trace_id: str | None


async def list_page(
    session: AsyncSession, scope: ProjectScope, queue_id: str, status: ItemStatus | None, *, offset: int, limit: int
) -> tuple[Sequence[AnnotationQueueItemRow], int]:
    """Items of a queue, newest first, and how many there are in all. NotFoundError for an unknown queue."""
    await annotation_queues.get(session, scope, queue_id)
    conditions = [AnnotationQueueItemRow.queue_id == queue_id]
    if status is not None:
        conditions.append(AnnotationQueueItemRow.status == status)
    total = await session.scalar(select(func.count()).select_from(AnnotationQueueItemRow).where(*conditions))
    newest_first = (AnnotationQueueItemRow.created_at.desc(), AnnotationQueueItemRow.id)
    rows = await session.scalars(
        select(AnnotationQueueItemRow).where(*conditions).order_by(*newest_first).offset(offset).limit(limit)
    )
    return rows.all(), total or 0


async def get(session: AsyncSession, scope: ProjectScope, queue_id: str, item_id: str) -> AnnotationQueueItemRow:
    """One item. NotFoundError when the queue has none with this id, or the project no such queue."""
    row = await session.get(AnnotationQueueItemRow, item_id)
    if row is None or row.project_id != scope.project_id or row.queue_id != queue_id:
        raise errors.NotFoundError("Annotation queue item not found within authorized project")
    return row


async def add(
    session: AsyncSession, scope: ProjectScope, queue_id: str, wanted: QueuedObject, status: ItemStatus, now: datetime
) -> AnnotationQueueItemRow:
    """A new item; the same thing may be queued again. NotFoundError for an unknown queue."""
    await annotation_queues.get(session, scope, queue_id)
    row = AnnotationQueueItemRow(
        id=ids.new_id(),
        project_id=scope.project_id,
        queue_id=queue_id,
        object_type=wanted.type,
        object_id=wanted.id,
        trace_id=wanted.trace_id,
        status=status,
        completed_at=now if status is ItemStatus.COMPLETED else None,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def set_status(
    session: AsyncSession, scope: ProjectScope, queue_id: str, item_id: str, status: ItemStatus, now: datetime
) -> AnnotationQueueItemRow:
    """The item with a status; one that is completed again keeps its time. NotFoundError as for `get`."""
    row = await get(session, scope, queue_id, item_id)
    if row.status != status:
        row.status, row.updated_at = status, now
        row.completed_at = now if status is ItemStatus.COMPLETED else None
        await session.flush()
    return row


async def remove(session: AsyncSession, scope: ProjectScope, queue_id: str, item_id: str) -> None:
    """Take an item out of its queue. NotFoundError as for `get`."""
    await session.delete(await get(session, scope, queue_id, item_id))


async def delete_of_traces(session: AsyncSession, scope: ProjectScope, trace_ids: Sequence[str]) -> None:
    """Take traces and their observations out of all queues."""
    for start in range(0, len(trace_ids), _PER_STATEMENT):
        some = AnnotationQueueItemRow.trace_id.in_(trace_ids[start : start + _PER_STATEMENT])
        await _delete(session, scope, some)


async def delete_before(session: AsyncSession, scope: ProjectScope, before: datetime) -> None:
    """Take traces and observations that were queued before a time out of all queues."""
    is_old = AnnotationQueueItemRow.trace_id.is_not(None) & (AnnotationQueueItemRow.created_at < before)
    await _delete(session, scope, is_old)


async def _delete(session: AsyncSession, scope: ProjectScope, is_meant: ColumnElement[bool]) -> None:
    of_project = AnnotationQueueItemRow.project_id == scope.project_id
    await session.execute(delete(AnnotationQueueItemRow).where(of_project, is_meant))
