"""Processes raw objects again that somebody asked for with `elasticdash replay`."""

from collections.abc import Awaitable, Callable

from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.schemas import quarantine


class Replays:
    """Requests are objects, so that they reach a worker in every mode and survive its end."""

    def __init__(self, blobs: BlobStore, process: Callable[[str], Awaitable[None]]) -> None:
        self._blobs = blobs
        self._process = process

    async def run(self) -> int:
        """Process what was asked for, one after the other; returns how many."""
        keys = await self._blobs.list_keys(quarantine.REPLAY_FOLDER)
        for key in keys:
            await self._process(quarantine.raw_key_of(key))
            await self._blobs.delete([key])
        return len(keys)
