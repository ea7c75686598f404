"""Makes accepted requests durable, several per raw object when they arrive together."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from elasticdash.shared import errors
from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.schemas import raw_batch
from elasticdash.shared.schemas.raw_batch import RawBatch
from elasticdash.shared.telemetry import metrics

log = structlog.get_logger()

# The sweeper takes it that nothing is written into hours that are long over: then it is refused, not acknowledged.
_LATEST_WRITE_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A raw object that is durable, and whose it is."""

    key: str
    project_id: str
    size_bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    batch: RawBatch
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class GroupCommit:
    """While one group is being written, the next one gathers: the busier, the larger the groups.

    `enqueue` must bound its time itself; when it fails, the sweeper finds the object.
    """

    def __init__(self, blobs: BlobStore, enqueue: Callable[[StoredObject], Awaitable[None]]) -> None:
        self._blobs = blobs
        self._enqueue = enqueue
        self._waiting: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._writer = asyncio.create_task(self._write_groups())

    async def commit(self, batch: RawBatch) -> None:
        """Returns once the batch is durable. UnavailableError: it is not, try again."""
        entry = _Waiting(batch)
        self._waiting.append(entry)
        self._wake.set()
        await asyncio.shield(entry.done)

    async def close(self) -> None:
        """Write what is waiting, then stop."""
        while self._waiting:
            await asyncio.sleep(0.01)
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)

    async def _write_groups(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            group, self._waiting = self._waiting, []
            by_project: dict[str, list[_Waiting]] = defaultdict(list)
            for entry in group:
                by_project[entry.batch.header.project_id].append(entry)
            await asyncio.gather(*(self._write_object(entries) for entries in by_project.values()))

    async def _write_object(self, entries: Sequence[_Waiting]) -> None:
        header = entries[0].batch.header
        key = raw_batch.object_key(header.project_id, header.received_us)
        started = time.perf_counter()
        try:
            body = raw_batch.encode([entry.batch for entry in entries])
            await self._blobs.put(key, body)
            _refuse_late(header.received_us)
        except Exception as error:  # noqa: BLE001 whatever it is, who waits must hear of it, and the next group be written
            for entry in entries:
                entry.done.set_exception(error)
            return
        metrics.INGEST_STORE_SECONDS.observe(time.perf_counter() - started)
        metrics.INGEST_GROUP_REQUESTS.observe(len(entries))
        for entry in entries:
            entry.done.set_result(None)
        await self._hand_over(StoredObject(key, header.project_id, len(body)))

    async def _hand_over(self, stored: StoredObject) -> None:
        try:
            await self._enqueue(stored)
        except Exception as error:  # noqa: BLE001 the object is durable: the sweeper will find it
            metrics.ENQUEUE_FAILURES.inc()
            log.warning("enqueue_failed", key=stored.key, error=type(error).__name__)


def _refuse_late(received_us: int) -> None:
    """UnavailableError when a process slept since it took the request: the object may never be found."""
    if time.time() - received_us / 1e6 > _LATEST_WRITE_SECONDS:
        raise errors.UnavailableError("The request waited too long to be kept")
