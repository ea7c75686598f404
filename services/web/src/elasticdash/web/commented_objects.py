"""Looks whether what is to be commented on is there, in whichever store it lives."""

from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import observations, sessions, traces
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import prompts
from elasticdash.shared.postgres.comments import CommentedObject, CommentedType


async def get(
    session: AsyncSession, clickhouse: ClickHouse, scope: ProjectScope, type_: CommentedType, object_id: str
) -> CommentedObject:
    """The object; NotFoundError when the project has none, or none yet: traces appear a moment after they were sent."""
    is_there, trace_id = False, None
    if type_ is CommentedType.TRACE:
        is_there = await traces.find(clickhouse, scope, object_id, with_text=False) is not None
        trace_id = object_id
    elif type_ is CommentedType.OBSERVATION:
        trace_id = await observations.find_trace_id(clickhouse, scope, object_id)
        is_there = trace_id is not None
    elif type_ is CommentedType.SESSION:
        is_there = await sessions.find(clickhouse, scope, object_id) is not None
    else:
        is_there = await prompts.has_id(session, scope, object_id)
    if not is_there:
        raise errors.NotFoundError(f"No {type_.lower()} with this id within authorized project")
    return CommentedObject(type_, object_id, trace_id)
