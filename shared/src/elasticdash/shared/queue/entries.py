"""What an entry of the queue's streams holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from elasticdash.shared.queue.lanes import Lane

DATA = b"data"
_ENQUEUED_MS = b"enqueued_ms"
_ATTEMPTS = b"attempts"

Fields = Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One delivery of an entry. `deliveries` is Redis's count, this one included."""

    lane: Lane
    id: str
    fields: Fields
    deliveries: int = 1

    @property
    def enqueued_ms(self) -> int:
        """When its job was first enqueued, milliseconds since the epoch."""
        return enqueued_ms(self.id, self.fields)

    @property
    def attempts(self) -> int:
        """How often its job was tried, this delivery and those before it was handed back included."""
        return _number(self.fields.get(_ATTEMPTS), 0) + self.deliveries

    def fields_after(self, attempts: int) -> dict[bytes, bytes]:
        """Fields of the entry that takes its place, when so many attempts count."""
        return {**self.fields, _ENQUEUED_MS: b"%d" % self.enqueued_ms, _ATTEMPTS: b"%d" % attempts}


def rows(found: Any) -> list[tuple[str, Fields]]:
    """`(id, fields)` of the entries in a reply of the server."""
    reply: Iterable[tuple[bytes, Fields]] = found or ()
    return [(entry_id.decode(), fields) for entry_id, fields in reply]


def enqueued_ms(entry_id: str, fields: Fields) -> int:
    """When the job of an entry was first enqueued: an entry that took another's place says so."""
    return _number(fields.get(_ENQUEUED_MS), int(entry_id.partition("-")[0]))


def _number(text: bytes | None, default: int) -> int:
    return int(text) if text is not None and text.isdigit() else default
