"""Ends tasks that talk to Redis."""

import asyncio
from collections.abc import Iterable
from typing import Any

_AGAIN_AFTER_SECONDS = 0.2


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Returns once all have ended. Asks again: a client may take the cancellation for a lost connection."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_AGAIN_AFTER_SECONDS)
