"""What people of a project saved to look at again: narrowed lists of traces, charts of the dashboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import audit, locks
from elasticdash.shared.postgres.audit import Action, Change
from elasticdash.shared.postgres.models.saved_views import SavedViewRow

MAX_PER_KIND = 100


class ViewKind(StrEnum):
    """Which page a view is of."""

    TRACES = "traces"
    WIDGET = "widget"


@dataclass(frozen=True, slots=True)
class SavedView:
    """One saved view; only its page reads `content`."""

    id: str
    kind: ViewKind
    name: str
    content: Any


async def list_all(session: AsyncSession, scope: ProjectScope, kind: ViewKind) -> Sequence[SavedView]:
    """All of a kind, oldest first."""
    rows = await session.scalars(
        select(SavedViewRow)
        .where(SavedViewRow.project_id == scope.project_id, SavedViewRow.kind == kind)
        .order_by(SavedViewRow.created_at, SavedViewRow.id)
    )
    return [_view_of(row) for row in rows]


async def create(
    session: AsyncSession, scope: ProjectScope, kind: ViewKind, name: str, content: Any, change: Change
) -> SavedView:
    """A new view. ConflictError beyond MAX_PER_KIND."""
    await locks.hold(session, "saved views", scope.project_id)
    count = select(func.count()).where(SavedViewRow.project_id == scope.project_id, SavedViewRow.kind == kind)
    if (await session.scalar(count) or 0) >= MAX_PER_KIND:
        raise errors.ConflictError(f"The project has {MAX_PER_KIND} of these already: delete one first")
    row = SavedViewRow(
        id=ids.new_id(),
        project_id=scope.project_id,
        kind=kind,
        name=name,
        content=content,
        created_at=change.at,
        updated_at=change.at,
    )
    session.add(row)
    await _record(session, scope, row, change, "create")
    return _view_of(row)


async def replace(
    session: AsyncSession, scope: ProjectScope, view_id: str, name: str, content: Any, change: Change
) -> SavedView:
    """The view with its new name and content. NotFoundError when the project has none with this id."""
    row = await _row(session, scope, view_id)
    row.name, row.content, row.updated_at = name, content, change.at
    await _record(session, scope, row, change, "update")
    return _view_of(row)


async def delete(session: AsyncSession, scope: ProjectScope, view_id: str, change: Change) -> None:
    """Remove a view. NotFoundError when the project has none with this id."""
    row = await _row(session, scope, view_id)
    await session.delete(row)
    await _record(session, scope, row, change, "delete")


async def _row(session: AsyncSession, scope: ProjectScope, view_id: str) -> SavedViewRow:
    row = await session.get(SavedViewRow, view_id)
    if row is None or row.project_id != scope.project_id:
        raise errors.NotFoundError("The project has no such view")
    return row


async def _record(
    session: AsyncSession, scope: ProjectScope, row: SavedViewRow, change: Change, action: Action
) -> None:
    await session.flush()
    await audit.record(
        session, change, action=action, resource_type="savedView", resource_id=row.id, project_id=scope.project_id
    )


def _view_of(row: SavedViewRow) -> SavedView:
    return SavedView(row.id, ViewKind(row.kind), row.name, row.content)
