"""What the queue still holds, so that the sweeper does not add it a second time."""

from taskiq import AsyncBroker

from elasticdash.shared import errors
from elasticdash.shared.queue import dead_letters, entries
from elasticdash.shared.queue.connection import UNREACHABLE
from elasticdash.shared.queue.lanes import Lane
from elasticdash.shared.queue.stream_broker import StreamBroker

_PAGE = 1000
_MAX_ENTRIES = 200_000


async def subjects(broker: AsyncBroker) -> set[str]:
    """Keys of raw objects that wait, are being worked on, or were given up. An in-memory broker holds none it tells.

    UnavailableError when the server does not answer; OverloadedError when it holds too much to look through.
    """
    if not isinstance(broker, StreamBroker):
        return set()
    names = [*(broker.keys.stream(lane) for lane in Lane), broker.keys.dead_letters]
    found: set[str] = set()
    try:
        for name in names:
            found |= await _subjects_in(broker, name)
    except UNREACHABLE as error:
        raise errors.UnavailableError("The queue's Redis does not answer") from error
    return found


async def _subjects_in(broker: StreamBroker, stream: str) -> set[str]:
    found: set[str] = set()
    start = "-"
    for _ in range(_MAX_ENTRIES // _PAGE):
        rows = entries.rows(await broker.redis.xrange(stream, min=start, count=_PAGE))
        found |= {dead_letters.subject_of(fields) for _, fields in rows}
        if len(rows) < _PAGE:
            return found
        start = f"({rows[-1][0]}"
    raise errors.OverloadedError(f"The queue holds more than {_MAX_ENTRIES} entries")
