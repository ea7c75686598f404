"""Takes away files that belong to no trace and no dataset item any more."""

from datetime import UTC, datetime, timedelta

import structlog

from elasticdash.shared.blobs import media as media_objects
from elasticdash.shared.blobs.media import MediaStore
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import media
from elasticdash.shared.postgres.engine import Database

log = structlog.get_logger()

_FILES_PER_ROUND = 100
_KEYS_PER_DELETION = 1000


class MediaErasure:
    """Repeatable: where there is nothing left, nothing happens. `grace` is how long nobody must have named a file."""

    def __init__(self, store: MediaStore, database: Database, grace: timedelta) -> None:
        self._store = store
        self._database = database
        self._grace = grace

    async def expire(self, scope: ProjectScope, before: datetime) -> None:
        """Take files from traces that got them before a time."""
        async with self._database.writing() as session:
            await media.unlink_before(session, scope, before, datetime.now(UTC))

    async def erase_unlinked(self) -> int:
        """Delete some of the files that belong to nothing; returns how many."""
        async with self._database.writing() as session:
            taken = await media.take_unlinked(session, datetime.now(UTC) - self._grace, _FILES_PER_ROUND)
            # Inside the transaction: a file announced again meanwhile waits for it, and is then asked for anew.
            await self._store.delete([media_objects.key_of(scope.project_id, id_) for scope, id_ in taken])
        if taken:
            log.info("media_erased", files=len(taken))
        return len(taken)

    async def erase_project(self, scope: ProjectScope) -> None:
        """Delete all files of a project."""
        folder = media_objects.folder_of(scope.project_id)
        while keys := await self._store.list_keys(folder, limit=_KEYS_PER_DELETION):
            await self._store.delete(keys)
        async with self._database.writing() as session:
            await media.delete_all(session, scope)
