"""What is done is acknowledged in the end, whatever the connection does meanwhile."""

import asyncio
from collections.abc import Sequence

import pytest
from redis.exceptions import ConnectionError as LostError

from elasticdash.shared.queue import acknowledger
from elasticdash.shared.queue.acknowledger import Acknowledger
from elasticdash.shared.queue.entries import Entry
from elasticdash.shared.queue.lanes import Lane

# What uvloop raises where asyncio's own loop raises an OSError.
CLOSED = RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")


@pytest.mark.parametrize("error", [LostError("lost"), OSError("reset"), CLOSED], ids=lambda error: type(error).__name__)
async def test_an_error_of_any_kind_is_tried_again(monkeypatch: pytest.MonkeyPatch, error: Exception):
    monkeypatch.setattr(acknowledger, "_RETRY_SECONDS", 0)
    failures, sent = [error, error], list[Entry]()

    async def send(entries: Sequence[Entry]) -> None:
        if failures:
            raise failures.pop()
        sent.extend(entries)

    acknowledging = Acknowledger(send)
    entries = [Entry(Lane.MAIN, f"{number}-0", {}, 1) for number in (1, 2)]
    try:
        for entry in entries:
            await asyncio.wait_for(acknowledging.acknowledge(entry), 30)
    finally:
        await acknowledging.close()

    assert sent == entries
