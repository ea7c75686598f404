"""Work that was given up, wherever it lies, and giving it another try."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from elasticdash.shared import errors
from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.queue import configuration, connection, dead_letters
from elasticdash.shared.queue.connection import UNREACHABLE, Client
from elasticdash.shared.queue.dead_letters import DeadLetter
from elasticdash.shared.queue.lanes import QueueKeys
from elasticdash.shared.schemas import quarantine
from elasticdash.shared.settings.redis import RedisSettings

_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Failed:
    """A job in the dead letters, or a note about a raw object or some of its rows."""

    id: str
    kind: str
    subject: str
    reason: str
    source: DeadLetter | str


class Replaying:
    """Looks through both places; without a queue there is only the quarantine."""

    def __init__(self, blobs: BlobStore, queue: tuple[Client, QueueKeys] | None) -> None:
        self._blobs = blobs
        self._queue = queue

    async def find(self, limit: int) -> Sequence[Failed]:
        """What was given up, dead letters before notes, the oldest of each first. UnavailableError without a store."""
        found: list[Failed] = []
        if self._queue:
            redis, keys = self._queue
            try:
                letters = await dead_letters.list_letters(redis, keys, limit=limit)
            except UNREACHABLE as error:
                raise errors.UnavailableError("The queue's Redis does not answer") from error
            found = [Failed(letter.id, "job", letter.subject, letter.reason, letter) for letter in letters]
        notes = sorted(await self._blobs.list_keys(quarantine.FOLDER), key=quarantine.id_of)
        return found + [await self._noted(key) for key in notes[: limit - len(found)]]

    async def replay(self, failed: Failed) -> bool:
        """Give it another try; False when it can't have one, as a dead letter that is no job."""
        if isinstance(failed.source, str):
            await self._blobs.put(quarantine.replay_key(failed.source), await self._blobs.get(failed.source))
            await self._blobs.delete([failed.source])
            return True
        if self._queue is None or not failed.subject:
            return False
        redis, keys = self._queue
        try:
            await dead_letters.replay(redis, keys, failed.source)
        except UNREACHABLE as error:
            raise errors.UnavailableError("The queue's Redis does not answer") from error
        return True

    async def _noted(self, key: str) -> Failed:
        note = quarantine.decode(await self._blobs.get(key))
        rows = [*(note.observations or ()), *(note.events or ())]
        reason = f"{note.error}: {note.message}"
        kind = "object" if note.observations is None else f"{len(rows)} row" + "s" * (len(rows) != 1)
        return Failed(quarantine.id_of(key), kind, note.key, reason, key)


@asynccontextmanager
async def opened(blobs: BlobStore, settings: RedisSettings) -> AsyncGenerator[Replaying]:
    """Both places, until the block ends."""
    if not configuration.is_configured(settings):
        yield Replaying(blobs, None)
        return
    redis = connection.connect(configuration.redis_config(settings), _TIMEOUT_SECONDS)
    try:
        yield Replaying(blobs, (redis, configuration.queue_keys(settings)))
    finally:
        await redis.aclose()
