"""Takes away what people noted about traces that are no longer kept."""

from datetime import datetime

from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import annotation_queue_items, annotation_queues, comments
from elasticdash.shared.postgres.engine import Database


class RemarksErasure:
    """Comments, and places in annotation queues."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def expire(self, scope: ProjectScope, before: datetime) -> None:
        """Delete what was noted before a time; the traces it is about are older still."""
        async with self._database.writing() as session:
            await comments.delete_before(session, scope, before)
            await annotation_queue_items.delete_before(session, scope, before)

    async def erase_project(self, scope: ProjectScope) -> None:
        """Delete all of a project."""
        async with self._database.writing() as session:
            await comments.delete_all(session, scope)
            await annotation_queues.delete_all(session, scope)
