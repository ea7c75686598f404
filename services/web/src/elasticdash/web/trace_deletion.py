"""Deletes traces with all that belongs to them, in every store."""

import time
from collections.abc import Collection
from datetime import UTC, datetime

from elasticdash.shared.clickhouse import deletion
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import annotation_queue_items, comments, media
from elasticdash.web.services import Services


async def delete_traces(services: Services, scope: ProjectScope, trace_ids: Collection[str]) -> None:
    """Nobody sees them afterwards; unknown ids are no error. The worker takes away files nothing else has."""
    ids = sorted(set(trace_ids))
    await deletion.delete_traces(services.clickhouse, scope, ids, time.time_ns() // 1_000_000)
    async with services.database.writing() as session:
        await media.unlink_traces(session, scope, ids, datetime.now(UTC))
        await comments.delete_of_traces(session, scope, ids)
        await annotation_queue_items.delete_of_traces(session, scope, ids)
