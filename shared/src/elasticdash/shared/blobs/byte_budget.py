"""Bounds how many bytes are under way at once."""

import asyncio
from collections import deque


class ByteBudget:
    """Hands out bytes in the order they were asked for. One too large for the whole budget gets all of it, alone."""

    def __init__(self, capacity_bytes: int) -> None:
        self._capacity_bytes = capacity_bytes
        self._free_bytes = capacity_bytes
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, size_bytes: int) -> int:
        """Returns once there is room; what it gives back must be handed to `release`."""
        wanted = min(size_bytes, self._capacity_bytes)
        if not self._waiting and wanted <= self._free_bytes:
            self._free_bytes -= wanted
            return wanted
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release(wanted)
            else:
                self._waiting.remove((wanted, turn))
                self._admit()
            raise
        return wanted

    def release(self, taken_bytes: int) -> None:
        """Give bytes back and admit who waits for them."""
        self._free_bytes += taken_bytes
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._free_bytes:
            wanted, turn = self._waiting.popleft()
            self._free_bytes -= wanted
            turn.set_result(None)
