"""Entries a consumer has read and not settled yet: never more than it can work on."""

import asyncio
from collections.abc import Iterable

from elasticdash.shared.queue.entries import Entry
from elasticdash.shared.queue.lanes import Lane


class HeldEntries:
    """Holds up to `capacity` entries; what is in here is renewed, and handed back at a stop."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: dict[tuple[Lane, str], Entry] = {}
        self._has_room = asyncio.Event()
        self._has_room.set()

    @property
    def room(self) -> int:
        """How many more entries may be read."""
        return self._capacity - len(self._entries)

    def all(self) -> list[Entry]:
        """Every held entry."""
        return list(self._entries.values())

    def add(self, entries: Iterable[Entry]) -> None:
        """Hold entries that were just read."""
        self._entries.update({(entry.lane, entry.id): entry for entry in entries})
        self._note_room()

    def drop(self, entries: Iterable[Entry]) -> None:
        """Hold them no more; nothing happens to those that are not held, or were read again since."""
        for entry in entries:
            if self._entries.get((entry.lane, entry.id)) is entry:
                del self._entries[entry.lane, entry.id]
        self._note_room()

    async def wait_for_room(self, timeout_seconds: float) -> bool:
        """True once there is room, False when the time is over."""
        try:
            await asyncio.wait_for(self._has_room.wait(), timeout_seconds)
        except TimeoutError:
            return False
        return True

    def _note_room(self) -> None:
        if self.room > 0:
            self._has_room.set()
        else:
            self._has_room.clear()
