"""The real engine, except that at a chosen statement something else happens first: a crash, or another worker."""

from collections.abc import Awaitable, Callable
from typing import Any

from elasticdash.shared.clickhouse.client import ClickHouse


class CrashError(Exception):
    """Stands for the end of the process: whoever sees it does nothing more."""


class InterruptedEngine(ClickHouse):
    """Shares the handles of a running engine. The statement number `at` (from 0) waits for `interrupt`."""

    def __init__(self, engine: ClickHouse, at: int, interrupt: Callable[[], Awaitable[None]]) -> None:
        # The same pool: only one engine can have the folder open.
        vars(self).update(vars(engine))
        self._left = at
        self._interrupt = interrupt

    async def _call(self, run: Callable[[Any], Any]) -> Any:
        if self._left == 0:
            await self._interrupt()
        self._left -= 1
        return await super()._call(run)


async def crash() -> None:
    """The process ends here."""
    raise CrashError
