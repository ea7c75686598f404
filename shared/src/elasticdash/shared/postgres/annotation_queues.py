"""Annotation queues of a project, and who judges what is in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.roles import Role
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import audit, locks, score_configs, users
from elasticdash.shared.postgres.audit import Action, Change
from elasticdash.shared.postgres.models.annotation_queues import AnnotationQueueAssignmentRow, AnnotationQueueRow


@dataclass(frozen=True, slots=True)
class QueueFields:
    """What a sender decides about a new queue."""

    name: str
    description: str | None
    score_config_ids: Sequence[str]


async def list_page(
    session: AsyncSession, scope: ProjectScope, *, offset: int, limit: int
) -> tuple[Sequence[AnnotationQueueRow], int]:
    """Queues, newest first, and how many there are in all."""
    of_project = AnnotationQueueRow.project_id == scope.project_id
    total = await session.scalar(select(func.count()).select_from(AnnotationQueueRow).where(of_project))
    newest_first = (AnnotationQueueRow.created_at.desc(), AnnotationQueueRow.id)
    rows = await session.scalars(
        select(AnnotationQueueRow).where(of_project).order_by(*newest_first).offset(offset).limit(limit)
    )
    return rows.all(), total or 0


async def get(session: AsyncSession, scope: ProjectScope, queue_id: str) -> AnnotationQueueRow:
    """One queue. NotFoundError when the project has none with this id."""
    row = await session.get(AnnotationQueueRow, queue_id)
    if row is None or row.project_id != scope.project_id:
        raise errors.NotFoundError("Annotation queue not found within authorized project")
    return row


async def create(session: AsyncSession, scope: ProjectScope, fields: QueueFields, change: Change) -> AnnotationQueueRow:
    """A new queue. InvalidRequestError when its name is taken or the project has not all of the score configs."""
    await locks.hold(session, "annotation queues", scope.project_id)
    has_name = AnnotationQueueRow.name == fields.name
    taken = select(AnnotationQueueRow.id).where(AnnotationQueueRow.project_id == scope.project_id, has_name)
    if await session.scalar(taken) is not None:
        raise _broken("name", "a queue of this name exists already")
    config_ids = list(dict.fromkeys(fields.score_config_ids))
    known = await score_configs.find_rules(session, scope, config_ids)
    if len(known) < len(config_ids):
        raise _broken("scoreConfigIds", "must be ids of score configs of the project")
    row = AnnotationQueueRow(
        id=ids.new_id(),
        project_id=scope.project_id,
        name=fields.name,
        description=fields.description,
        score_config_ids=config_ids,
        created_at=change.at,
        updated_at=change.at,
    )
    session.add(row)
    await _record(session, scope, row.id, change, "create")
    return row


async def assign(session: AsyncSession, scope: ProjectScope, queue_id: str, user_id: str, change: Change) -> None:
    """Let someone judge what is in a queue; they may already. NotFoundError for who is not in the project."""
    await get(session, scope, queue_id)
    if await users.role_in_project(session, user_id, scope) is Role.NONE:
        raise errors.NotFoundError("No such user in the project")
    await locks.hold(session, "annotation queue", queue_id)
    if await session.get(AnnotationQueueAssignmentRow, (queue_id, user_id)) is None:
        session.add(AnnotationQueueAssignmentRow(queue_id=queue_id, user_id=user_id, created_at=change.at))
        await _record(session, scope, queue_id, change, "update")


async def unassign(session: AsyncSession, scope: ProjectScope, queue_id: str, user_id: str, change: Change) -> None:
    """Take someone off a queue; no error when they are not on it."""
    await get(session, scope, queue_id)
    of_user = AnnotationQueueAssignmentRow.user_id == user_id
    gone = await session.execute(
        delete(AnnotationQueueAssignmentRow)
        .where(AnnotationQueueAssignmentRow.queue_id == queue_id, of_user)
        .returning(AnnotationQueueAssignmentRow.user_id)
    )
    if gone.first() is not None:
        await _record(session, scope, queue_id, change, "update")


async def delete_all(session: AsyncSession, scope: ProjectScope) -> None:
    """Take away every queue of a project with what is in it."""
    await session.execute(delete(AnnotationQueueRow).where(AnnotationQueueRow.project_id == scope.project_id))


async def _record(session: AsyncSession, scope: ProjectScope, queue_id: str, change: Change, action: Action) -> None:
    await session.flush()
    await audit.record(
        session,
        change,
        action=action,
        resource_type="annotationQueue",
        resource_id=queue_id,
        project_id=scope.project_id,
    )


def _broken(field: str, rule: str) -> errors.InvalidRequestError:
    return errors.InvalidRequestError("Invalid request data", [errors.FieldIssue((field,), rule)])
