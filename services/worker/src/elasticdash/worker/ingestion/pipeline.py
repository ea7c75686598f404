"""From a reference to stored rows: reads, decodes and writes raw objects, many per insert."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from elasticdash.shared import errors, ids
from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.domain.pricing import Pricer
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.schemas import quarantine
from elasticdash.shared.schemas.quarantine import Quarantined
from elasticdash.shared.telemetry import metrics
from elasticdash.worker.ingestion import decode
from elasticdash.worker.ingestion.decoded import DecodedObject
from elasticdash.worker.ingestion.refusals import RefusalBudget
from elasticdash.worker.ingestion.store import ObjectStore

log = structlog.get_logger()

_MIN_ROWS_TO_SPLIT = 2
_TOO_HEAVY_ATTEMPTS = 5

PricerOf = Callable[[ProjectScope], Awaitable[Pricer]]


@dataclass(frozen=True, slots=True)
class PipelineLimits:
    """Bounds of one insert, of what may be decoded at the same time, and of what may go to quarantine."""

    max_rows_per_insert: int = 10_000
    max_bytes_per_insert: int = 64 * 1024 * 1024
    max_wait_seconds: float = 0.2
    max_objects_in_memory: int = 64
    decode_threads: int = 1
    first_retry_seconds: float = 0.5
    longest_retry_seconds: float = 30.0
    refused_share: float = 0.05
    most_refused_in_a_row: int = 50


@dataclass(frozen=True, slots=True, eq=False)
class _Pending:
    decoded: DecodedObject
    price: Pricer
    stored: asyncio.Future[None]


class Pipeline:
    """Groups decoded objects into large inserts: the busier, the larger; flushes at once when idle."""

    def __init__(self, blobs: BlobStore, store: ObjectStore, pricer_of: PricerOf, limits: PipelineLimits) -> None:
        self._blobs = blobs
        self._store = store
        self._pricer_of = pricer_of
        self._limits = limits
        self._threads = ThreadPoolExecutor(limits.decode_threads, thread_name_prefix="decode")
        self._slots = asyncio.Semaphore(limits.max_objects_in_memory)
        self._pending: list[_Pending] = []
        self._decoding = 0
        self._turns = asyncio.Semaphore(limits.decode_threads)
        self._room = asyncio.Event()
        self._room.set()
        self._refusals = RefusalBudget(limits.refused_share, limits.most_refused_in_a_row)
        # Why nothing is stored although the store answers: an operator must act. None while all is well.
        self.paused_because: str | None = None
        self._changed = asyncio.Event()
        self._writer = asyncio.create_task(self._write_groups())

    async def process(self, key: str) -> None:
        """Returns once every row of the raw object is stored or in quarantine.

        UnavailableError when what was refused could not be noted: try again.
        """
        async with self._slots:
            pending = await self._decoded(key)
            if pending is not None:
                self._pending.append(pending)
                self._see_room()
                self._changed.set()
                await pending.stored

    async def close(self) -> None:
        """Stop; what is not stored yet stays a raw object without a completion mark."""
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
        self._threads.shutdown(wait=True)

    async def _decoded(self, key: str) -> _Pending | None:
        self._decoding += 1
        try:
            data = await self._blobs.get(key)
            price = await self._pricer_of(decode.project_of(data))
            loop = asyncio.get_running_loop()
            async with self._turns:
                await self._room.wait()
                decoded = await loop.run_in_executor(self._threads, decode.decode_object, key, data, price)
            return _Pending(decoded, price, loop.create_future())
        except errors.NotFoundError:
            metrics.RAW_OBJECTS.labels("gone").inc()
            log.warning("raw_object_gone", key=key)
            return None
        except (errors.UnavailableError, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 one damaged object must not stop the others
            await self._quarantine(key, error)
            await self._store.mark_done([key])
            return None
        finally:
            self._decoding -= 1
            self._changed.set()

    async def _write_groups(self) -> None:
        while True:
            group = await self._next_group()
            try:
                await self._stored_or_split(group)
            except Exception as error:  # noqa: BLE001 whoever waits tries again; the next group must be written
                _answer(group, error)
            else:
                metrics.RAW_OBJECTS.labels("processed").inc(len(group))
                _answer(group, None)

    async def _next_group(self) -> list[_Pending]:
        """Waits for something to write; then, while more is being decoded, for a full insert or the time bound."""
        while not self._pending:
            await self._wait_for_change(None)
        deadline = time.monotonic() + self._limits.max_wait_seconds
        while self._decoding and not self._is_full(self._pending):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            await self._wait_for_change(left)
        return self._take()

    def _take(self) -> list[_Pending]:
        taken: list[_Pending] = []
        while self._pending and not self._is_full(taken):
            taken.append(self._pending.pop(0))
        self._see_room()
        return taken

    def _is_full(self, group: Sequence[_Pending]) -> bool:
        """Whether a group is as large as one insert may be."""
        rows = sum(pending.decoded.row_count for pending in group)
        size_bytes = sum(pending.decoded.size_bytes for pending in group)
        return rows >= self._limits.max_rows_per_insert or size_bytes >= self._limits.max_bytes_per_insert

    def _see_room(self) -> None:
        """While the next insert is full already, nothing more is decoded: unpacked it takes ten times the memory."""
        if self._is_full(self._pending):
            self._room.clear()
        else:
            self._room.set()

    async def _wait_for_change(self, timeout_seconds: float | None) -> None:
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), timeout_seconds)
        except TimeoutError:
            return

    async def _stored_or_split(self, group: Sequence[_Pending]) -> None:
        """Stores the group. When the engine refuses it, halves find the rows at fault: only these are quarantined."""
        objects = [pending.decoded for pending in group]
        prices = {pending.decoded.scope: pending.price for pending in group}
        try:
            await self._retrying(lambda: self._store.store(objects, prices))
        except Exception as error:  # noqa: BLE001 whatever a row does to the store, its neighbours must get in
            if len(group) == 1:
                await self._store_parts(objects[0], prices, error)
                await self._retrying(lambda: self._store.mark_done([objects[0].key]))
            else:
                middle = len(group) // 2
                await self._stored_or_split(group[:middle])
                await self._stored_or_split(group[middle:])
        else:
            self._refusals.stored(sum(decoded.row_count for decoded in objects))

    async def _store_parts(self, refused: DecodedObject, prices: dict[ProjectScope, Pricer], error: Exception) -> None:
        if refused.row_count < _MIN_ROWS_TO_SPLIT:
            await self._give_up(refused, prices, error)
            return
        for half in refused.halves():
            try:
                await self._retrying(lambda half=half: self._store.store_rows([half], prices))
            except Exception as refusal:  # noqa: BLE001 as for whole objects
                await self._store_parts(half, prices, refusal)
            else:
                self._refusals.stored(half.row_count)

    async def _give_up(self, row: DecodedObject, prices: dict[ProjectScope, Pricer], error: Exception) -> None:
        """Quarantine a row; while too many are refused, rather wait until it can be stored."""
        retry_seconds = self._limits.first_retry_seconds
        # Others may have used up the server's memory: that passes.
        patience = _TOO_HEAVY_ATTEMPTS if isinstance(error, errors.QueryTooHeavyError) else 0
        while patience or not self._refusals.take():
            if not patience:
                self._paused(f"too many rows are refused, last with {type(error).__name__}", retry_seconds)
            patience = max(0, patience - 1)
            await asyncio.sleep(retry_seconds)
            retry_seconds = min(retry_seconds * 2, self._limits.longest_retry_seconds)
            try:
                await self._retrying(lambda: self._store.store_rows([row], prices))
            except Exception as refusal:  # noqa: BLE001 as for whole objects
                error = refusal
            else:
                self._resumed(row.row_count)
                return
        await self._retrying(lambda: self._store.forget(row))
        await self._quarantine(row.key, error, row)

    async def _retrying(self, run: Callable[[], Awaitable[None]]) -> None:
        """Runs it until the store answers; raises what the store refuses."""
        retry_seconds = self._limits.first_retry_seconds
        while True:
            try:
                await run()
            except errors.UnavailableError as error:
                log.warning("store_unavailable", error=str(error), retry_seconds=retry_seconds)
            except errors.StoreMismatchError as error:
                self._paused(str(error), retry_seconds)
            else:
                self.paused_because = None
                return
            await asyncio.sleep(retry_seconds)
            retry_seconds = min(retry_seconds * 2, self._limits.longest_retry_seconds)

    def _paused(self, reason: str, retry_seconds: float) -> None:
        log.error("ingestion_paused", reason=reason, retry_seconds=retry_seconds)
        self.paused_because = reason

    def _resumed(self, rows: int) -> None:
        self.paused_because = None
        self._refusals.stored(rows)

    async def _quarantine(self, key: str, error: Exception, part: DecodedObject | None = None) -> None:
        """Says which rows of a raw object were not stored, and why; without a part it is the whole object."""
        note = Quarantined(
            key=key,
            observations=[row.position for row in part.observations] if part else None,
            events=[row.position for row in part.events] if part else None,
            error=type(error).__name__,
            message=str(error),
        )
        await self._blobs.put(quarantine.note_key(key, ids.new_ulid()), quarantine.encode(note))
        metrics.RAW_OBJECTS.labels("quarantined").inc()
        log.error("raw_object_quarantined", key=key, error=type(error).__name__)


def _answer(group: Sequence[_Pending], error: Exception | None) -> None:
    # A worker that stops no longer waits for some.
    for stored in (pending.stored for pending in group if not pending.stored.done()):
        if error:
            stored.set_exception(error)
        else:
            stored.set_result(None)
