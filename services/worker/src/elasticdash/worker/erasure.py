"""Takes away for good what deleted projects and traces leave behind."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

import structlog

from elasticdash.shared import errors
from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.clickhouse import deletion, merging
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.pricing import Pricer
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.schemas import quarantine
from elasticdash.shared.schemas.raw_batch import CorruptRawBatchError
from elasticdash.worker.ingestion import decode
from elasticdash.worker.ingestion.decoded import DecodedObject
from elasticdash.worker.ingestion.flush import Flush

log = structlog.get_logger()

_RAW = "raw/"
_KEYS_PER_DELETION = 1000
_OBJECTS_PER_ROUND = 100


class Erasure:
    """Repeatable: where there is nothing left, nothing happens."""

    def __init__(
        self, blobs: BlobStore, clickhouse: ClickHouse, pricer_of: Callable[[ProjectScope], Awaitable[Pricer]]
    ) -> None:
        self._blobs = blobs
        self._clickhouse = clickhouse
        self._pricer_of = pricer_of

    async def erase_project(self, scope: ProjectScope) -> None:
        """Delete the project's objects, then its rows.

        In this order, so that what a worker still reads from the objects is found among the rows, now or next time.
        """
        for folder in (_RAW, quarantine.FOLDER + _RAW, quarantine.REPLAY_FOLDER + _RAW):
            prefix = f"{folder}{scope.project_id}/"
            while keys := await self._blobs.list_keys(prefix, limit=_KEYS_PER_DELETION):
                await self._blobs.delete(keys)
                for parent in sorted({key.rsplit("/", 1)[0] + "/" for key in keys}):
                    await self._blobs.forget_folder(parent)
        await deletion.delete_project(self._clickhouse, scope)

    async def erase_quarantined(self) -> int:
        """Delete quarantined objects that speak of a deleted trace, with the notes about them; returns how many.

        What can't be decoded can't be searched: it stays until somebody replays it or deletes the project.
        """
        notes: dict[str, list[str]] = defaultdict(list)
        for folder in (quarantine.FOLDER, quarantine.REPLAY_FOLDER):
            for note in await self._blobs.list_keys(folder):
                notes[quarantine.raw_key_of(note)].append(note)
        erased = 0
        for key in sorted(notes)[:_OBJECTS_PER_ROUND]:
            if await self._speaks_of_a_deleted_trace(key):
                await self._blobs.delete([*notes[key], key])
                log.warning("quarantined_object_erased", key=key)
                erased += 1
        return erased

    async def _speaks_of_a_deleted_trace(self, key: str) -> bool:
        try:
            data = await self._blobs.get(key)
            scope = decode.project_of(data)
            price = await self._pricer_of(scope)
            decoded = await asyncio.to_thread(decode.decode_object, key, data, price)
        except (errors.NotFoundError, errors.InvalidRequestError, CorruptRawBatchError):
            return False
        live = await merging.fetch_live_traces(self._clickhouse, scope, _mentioned(scope, [decoded]))
        return any(trace.revision == merging.TOMBSTONE_REVISION for trace in live.values())


def _mentioned(scope: ProjectScope, objects: Sequence[DecodedObject]) -> Sequence[str]:
    return sorted(Flush(scope, objects).mentioned)
