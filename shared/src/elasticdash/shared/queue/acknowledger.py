"""Sends acknowledgements, many per transaction: while one is on its way, the next ones gather."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from elasticdash.shared.queue import cancelling
from elasticdash.shared.queue.entries import Entry

log = structlog.get_logger()

_RETRY_SECONDS = 0.2


class Acknowledger:
    """Keeps trying while the server is away: work that is done must not be done again."""

    def __init__(self, send: Callable[[Sequence[Entry]], Awaitable[None]]) -> None:
        self._send = send
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._sender = asyncio.create_task(self._send_groups())

    async def acknowledge(self, entry: Entry) -> None:
        """Returns once the server has forgotten the entry."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, done))
        self._wake.set()
        await done

    async def close(self) -> None:
        """Stop; what is not acknowledged by now will be delivered again."""
        await cancelling.end([self._sender])

    async def _send_groups(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            group, self._waiting = self._waiting, []
            await self._send_until_taken([entry for entry, _ in group])
            for _, done in group:
                if not done.done():
                    done.set_result(None)

    async def _send_until_taken(self, entries: Sequence[Entry]) -> None:
        while True:
            try:
                await self._send(entries)
                return
            except Exception as error:  # noqa: BLE001 whatever it is, a worker that acknowledges nothing soon reads nothing
                log.warning("acknowledge_failed", entries=len(entries), error=type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)
