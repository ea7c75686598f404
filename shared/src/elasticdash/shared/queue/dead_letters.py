"""Jobs that were given up, and giving them another try."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from taskiq.message import TaskiqMessage

from elasticdash.shared.queue import entries, streams
from elasticdash.shared.queue.connection import Client
from elasticdash.shared.queue.entries import DATA, Fields
from elasticdash.shared.queue.lanes import Lane, QueueKeys


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that was given up: why, after how many attempts, and the entry as it was."""

    id: str
    reason: str
    attempts: int
    lane: Lane
    enqueued_ms: int
    fields: Fields

    @property
    def subject(self) -> str:
        """What the job was about, such as the key of a raw object; empty when the entry is no job."""
        return subject_of(self.fields)


async def list_letters(redis: Client, keys: QueueKeys, *, limit: int, after: str = "-") -> Sequence[DeadLetter]:
    """Dead letters, the oldest first; `after` is the id of the last one seen."""
    start = after if after == "-" else f"({after}"
    found = await redis.xrange(keys.dead_letters, min=start, count=limit)
    return [_letter(entry_id, fields) for entry_id, fields in entries.rows(found)]


async def replay(redis: Client, keys: QueueKeys, letter: DeadLetter) -> None:
    """Put a dead letter's job back into its lane, as if it had never been tried."""
    fields: dict[Any, Any] = {DATA: letter.fields[DATA]}
    async with redis.pipeline(transaction=True) as pipe:
        pipe.xadd(keys.stream(letter.lane), fields)
        pipe.xdel(keys.dead_letters, letter.id)
        await pipe.execute()


def subject_of(fields: Fields) -> str:
    """The first argument of the job that an entry of any stream holds; empty when it holds none."""
    original = streams.original_fields(fields) or fields
    try:
        message = TaskiqMessage.model_validate_json(original[DATA])
    except (KeyError, ValueError):
        return ""
    return str(message.args[0]) if message.args else ""


def _letter(letter_id: str, fields: Fields) -> DeadLetter:
    return DeadLetter(
        id=letter_id,
        reason=fields[b"reason"].decode(),
        attempts=int(fields[b"attempts"]),
        lane=Lane(fields[b"lane"].decode()),
        enqueued_ms=int(fields[b"enqueued_ms"]),
        fields=streams.original_fields(fields),
    )
