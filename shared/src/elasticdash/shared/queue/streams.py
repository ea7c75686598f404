"""What one consumer does to the queue's streams, each step a single atomic command or transaction."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeVar

from redis.exceptions import ResponseError

from elasticdash.shared.queue import entries
from elasticdash.shared.queue.connection import Client
from elasticdash.shared.queue.entries import Entry, Fields
from elasticdash.shared.queue.lanes import GROUP, Lane, QueueKeys

Result = TypeVar("Result")

# Renews only what is still this consumer's: what another one claimed meanwhile stays with it.
_KEEP = """
local kept = {}
for i = 3, #ARGV do
  if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2]) > 0 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
    kept[#kept + 1] = ARGV[i]
  end
end
return kept
"""
# A consumer's pending entries would go with it, so it goes only without any.
_REMOVE_CONSUMER = """
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) == 0 then
  redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
end
"""
_ORIGINAL = b"field:"
_NEW = ">"
_MOST_OWN = 10_000


class Streams:
    """The lanes and the dead letters, as one consumer of the group sees them."""

    def __init__(self, redis: Client, keys: QueueKeys, consumer: str) -> None:
        self._redis = redis
        self._keys = keys
        self._consumer = consumer

    async def create_groups(self) -> None:
        """Make sure of the group on every lane. It begins at the first entry: what came before any worker counts."""
        for lane in Lane:
            try:
                await self._redis.xgroup_create(self._keys.stream(lane), GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise

    async def read(self, lane: Lane, count: int) -> list[Entry]:
        """New entries of a lane that are there now."""
        return await self._healing(lambda: self._read_from([lane], _NEW, count, None))

    async def wait_for_any(self, lanes: Sequence[Lane], count: int, wait_ms: int) -> list[Entry]:
        """New entries of the first lanes that get any, up to `count` of each; empty when none came in that time."""
        return await self._healing(lambda: self._read_from(lanes, _NEW, count, wait_ms))

    async def own(self, lane: Lane) -> list[Entry]:
        """Everything of a lane that is pending with this consumer, also what came in a reply that was lost."""
        return await self._healing(lambda: self._read_from([lane], "0", _MOST_OWN, None))

    async def claim_idle(self, lane: Lane, idle_ms: int, count: int) -> list[Entry]:
        """Take over entries that their consumer has not renewed for so long. No other consumer gets the same ones."""

        async def claim() -> list[Entry]:
            stream = self._keys.stream(lane)
            found = await self._redis.xpending_range(stream, GROUP, "-", "+", count, idle=idle_ms)
            deliveries = {_text(row["message_id"]): int(row["times_delivered"]) + 1 for row in found}
            if not deliveries:
                return []
            claimed: Any = await self._redis.xclaim(stream, GROUP, self._consumer, idle_ms, list(deliveries))
            # What was deleted without an acknowledgement comes without fields.
            whole = entries.rows(row for row in claimed if row[0] is not None and row[1] is not None)
            return [Entry(lane, entry_id, fields, deliveries[entry_id]) for entry_id, fields in whole]

        return await self._healing(claim)

    async def keep(self, held: Iterable[Entry]) -> list[Entry]:
        """Renew the claim on entries; returns those that are still this consumer's."""

        async def renew(lane: Lane, same_lane: Sequence[Entry]) -> list[Entry]:
            ids = [entry.id for entry in same_lane]
            kept = await self._evaluate(_KEEP, lane, GROUP, self._consumer, *ids)
            return [entry for entry in same_lane if entry.id.encode() in kept]

        renewed: list[Entry] = []
        for lane, same_lane in _by_lane(held):
            renewed += await self._healing(lambda lane=lane, same_lane=same_lane: renew(lane, same_lane))
        return renewed

    async def set_aside(self, entry: Entry, idle_ms: int) -> None:
        """Leave an entry to whoever claims it next, as if it had been idle so long and never delivered."""
        await self._redis.xclaim(
            self._keys.stream(entry.lane),
            GROUP,
            self._consumer,
            0,
            [entry.id],
            idle=idle_ms,
            retrycount=0,
            justid=True,
        )

    async def acknowledge(self, done: Iterable[Entry]) -> None:
        """Forget entries whose work is done: acknowledged ones are deleted, so that a lane holds what is left to do."""
        async with self._redis.pipeline(transaction=True) as pipe:
            for lane, same_lane in _by_lane(done):
                ids = [entry.id for entry in same_lane]
                pipe.xack(self._keys.stream(lane), GROUP, *ids)
                pipe.xdel(self._keys.stream(lane), *ids)
            await pipe.execute()

    async def hand_back(self, attempts_of: Mapping[Entry, int]) -> None:
        """Put entries back into their lanes as new ones that have had so many attempts."""
        async with self._redis.pipeline(transaction=True) as pipe:
            for entry, attempts in attempts_of.items():
                stream = self._keys.stream(entry.lane)
                pipe.xadd(stream, _fields(entry.fields_after(attempts)))
                pipe.xack(stream, GROUP, entry.id)
                pipe.xdel(stream, entry.id)
            await pipe.execute()

    async def release(self, held: Iterable[Entry], idle_ms: int) -> None:
        """Let others claim entries at once: what is possible when a full server takes no new entries."""
        for entry in held:
            await self._redis.xclaim(
                self._keys.stream(entry.lane), GROUP, self._consumer, 0, [entry.id], idle=idle_ms, justid=True
            )

    async def bury(self, entry: Entry, reason: str, attempts: int) -> None:
        """Move an entry to the dead letters, with everything it held."""
        letter = {
            b"reason": reason.encode(),
            b"attempts": b"%d" % attempts,
            b"lane": entry.lane.encode(),
            b"enqueued_ms": b"%d" % entry.enqueued_ms,
            **{_ORIGINAL + name: value for name, value in entry.fields.items()},
        }
        stream = self._keys.stream(entry.lane)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.xadd(self._keys.dead_letters, _fields(letter))
            pipe.xack(stream, GROUP, entry.id)
            pipe.xdel(stream, entry.id)
            await pipe.execute()

    async def remove_ghosts(self, idle_ms: int) -> None:
        """Remove consumers that have not been seen for so long and hold nothing."""
        for lane in Lane:
            consumers = await self._redis.xinfo_consumers(self._keys.stream(lane), GROUP)
            for consumer in consumers:
                name = _text(consumer["name"])
                if int(consumer["pending"]) == 0 and int(consumer["idle"]) >= idle_ms and name != self._consumer:
                    await self._evaluate(_REMOVE_CONSUMER, lane, GROUP, name)

    async def leave(self) -> None:
        """Remove this consumer where it holds nothing."""
        for lane in Lane:
            await self._evaluate(_REMOVE_CONSUMER, lane, GROUP, self._consumer)

    async def trim(self) -> None:
        """Delete entries that every group has acknowledged: never by length, which would take unread ones."""
        for lane in Lane:
            stream = self._keys.stream(lane)
            groups = await self._redis.xinfo_groups(stream)
            needed = [await self._oldest_needed(stream, group) for group in groups]
            if needed:
                oldest = min(needed, key=_position)
                await self._redis.xtrim(stream, minid=oldest, approximate=False)

    async def _oldest_needed(self, stream: str, group: Mapping[str, Any]) -> str:
        pending = await self._redis.xpending_range(stream, _text(group["name"]), "-", "+", 1)
        return _text(pending[0]["message_id"] if pending else group["last-delivered-id"])

    async def _read_from(self, lanes: Sequence[Lane], start: str, count: int, wait_ms: int | None) -> list[Entry]:
        by_stream = {self._keys.stream(lane).encode(): lane for lane in lanes}
        reply: Any = await self._redis.xreadgroup(
            GROUP, self._consumer, dict.fromkeys(by_stream, start), count=count, block=wait_ms
        )
        found: Iterable[tuple[bytes, Any]] = reply or ()
        return [
            Entry(by_stream[stream], entry_id, fields)
            for stream, new in found
            for entry_id, fields in entries.rows(new)
            # Of what was deleted meanwhile only the id is left.
            if fields
        ]

    async def _healing(self, run: Callable[[], Awaitable[list[Entry]]]) -> list[Entry]:
        """Runs it; when the group is gone (flushed, deleted), creates it again and returns nothing for now."""
        try:
            return await run()
        except ResponseError as error:
            if not str(error).startswith(("NOGROUP", "UNBLOCKED")):
                raise
            await self.create_groups()
            return []

    async def _evaluate(self, script: str, lane: Lane, *arguments: str) -> Any:
        return await self._redis.eval(script, 1, self._keys.stream(lane), *arguments)


def original_fields(letter: Fields) -> dict[bytes, bytes]:
    """What the entry behind a dead letter held."""
    return {name.removeprefix(_ORIGINAL): value for name, value in letter.items() if name.startswith(_ORIGINAL)}


def _by_lane(held: Iterable[Entry]) -> list[tuple[Lane, list[Entry]]]:
    ordered = sorted(held, key=_lane)
    return [(lane, list(same_lane)) for lane, same_lane in groupby(ordered, key=_lane)]


def _lane(entry: Entry) -> Lane:
    return entry.lane


def _position(entry_id: str) -> tuple[int, int]:
    time_ms, _, number = entry_id.partition("-")
    return int(time_ms), int(number or 0)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _fields(fields: Mapping[bytes, bytes]) -> dict[Any, Any]:
    return dict(fields)
