"""Comments of a project, on traces, observations, sessions and prompts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import audit
from elasticdash.shared.postgres.audit import Change
from elasticdash.shared.postgres.models.comments import CommentRow

_PER_STATEMENT = 500


class CommentedType(StrEnum):
    """What can be commented on."""

    TRACE = "TRACE"
    OBSERVATION = "OBSERVATION"
    SESSION = "SESSION"
    PROMPT = "PROMPT"


@dataclass(frozen=True, slots=True)
class CommentedObject:
    """What a comment is about. `trace_id` is the trace the comment goes with, if any."""

    type: CommentedType
    id: str
    trace_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentFilter:
    """Which comments a list holds: those that pass all of it."""

    object_type: CommentedType | None = None
    object_id: str | None = None
    author_user_id: str | None = None
    trace_id: str | None = None


async def create(
    session: AsyncSession,
    scope: ProjectScope,
    about: CommentedObject,
    content: str,
    author_user_id: str | None,
    change: Change,
) -> CommentRow:
    """A new comment; who asks has made sure that the object is there and the author belongs here."""
    row = CommentRow(
        id=ids.new_id(),
        project_id=scope.project_id,
        object_type=about.type,
        object_id=about.id,
        trace_id=about.trace_id,
        content=content,
        author_user_id=author_user_id,
        created_at=change.at,
        updated_at=change.at,
    )
    session.add(row)
    await session.flush()
    await audit.record(
        session,
        change,
        action="create",
        resource_type="comment",
        resource_id=row.id,
        project_id=scope.project_id,
    )
    return row


async def get(session: AsyncSession, scope: ProjectScope, comment_id: str) -> CommentRow:
    """One comment. NotFoundError when the project has none with this id."""
    row = await session.get(CommentRow, comment_id)
    if row is None or row.project_id != scope.project_id:
        raise errors.NotFoundError("Comment not found within authorized project")
    return row


async def list_page(
    session: AsyncSession, scope: ProjectScope, wanted: CommentFilter, *, offset: int, limit: int
) -> tuple[Sequence[CommentRow], int]:
    """Comments, newest first, and how many there are in all."""
    conditions = [CommentRow.project_id == scope.project_id]
    if wanted.object_type is not None:
        conditions.append(CommentRow.object_type == wanted.object_type)
    if wanted.object_id is not None:
        conditions.append(CommentRow.object_id == wanted.object_id)
    if wanted.author_user_id is not None:
        conditions.append(CommentRow.author_user_id == wanted.author_user_id)
    if wanted.trace_id is not None:
        conditions.append(CommentRow.trace_id == wanted.trace_id)
    total = await session.scalar(select(func.count()).select_from(CommentRow).where(*conditions))
    newest_first = (CommentRow.created_at.desc(), CommentRow.id)
    rows = await session.scalars(
        select(CommentRow).where(*conditions).order_by(*newest_first).offset(offset).limit(limit)
    )
    return rows.all(), total or 0


async def delete_one(session: AsyncSession, scope: ProjectScope, row: CommentRow, change: Change) -> None:
    """Take away one comment."""
    await session.delete(row)
    await session.flush()
    await audit.record(
        session, change, action="delete", resource_type="comment", resource_id=row.id, project_id=scope.project_id
    )


async def delete_of_traces(session: AsyncSession, scope: ProjectScope, trace_ids: Sequence[str]) -> None:
    """Take away what was said about traces and their observations."""
    for start in range(0, len(trace_ids), _PER_STATEMENT):
        some = CommentRow.trace_id.in_(trace_ids[start : start + _PER_STATEMENT])
        await session.execute(delete(CommentRow).where(CommentRow.project_id == scope.project_id, some))


async def delete_before(session: AsyncSession, scope: ProjectScope, before: datetime) -> None:
    """Take away what was said about traces before a time."""
    is_old = CommentRow.trace_id.is_not(None) & (CommentRow.created_at < before)
    await session.execute(delete(CommentRow).where(CommentRow.project_id == scope.project_id, is_old))


async def delete_all(session: AsyncSession, scope: ProjectScope) -> None:
    """Take away every comment of a project."""
    await session.execute(delete(CommentRow).where(CommentRow.project_id == scope.project_id))
