"""Reads entries for one worker and sorts out those that are not for it."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from taskiq.message import TaskiqMessage

from elasticdash.shared.queue.entries import DATA, Entry
from elasticdash.shared.queue.held import HeldEntries
from elasticdash.shared.queue.lanes import Lane, LaneTurns
from elasticdash.shared.queue.limits import QueueLimits
from elasticdash.shared.queue.streams import Streams

log = structlog.get_logger()

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """An entry with the task it asks for."""

    entry: Entry
    message: TaskiqMessage


@dataclass(frozen=True, slots=True)
class Tasks:
    """What this worker makes of an entry: `parse` raises whatever it likes for what is no task, `knows` is by name."""

    parse: Callable[[bytes], TaskiqMessage]
    knows: Callable[[str], bool]


class Reader:
    """Never reads more than can be held, and outlives every loss of the server and every entry."""

    def __init__(self, streams: Streams, held: HeldEntries, tasks: Tasks, limits: QueueLimits) -> None:
        self._streams = streams
        self._held = held
        self._tasks = tasks
        self._limits = limits
        self._turns = LaneTurns()
        self._claim_due = time.monotonic()
        self._failures = 0
        self._aside: dict[tuple[Lane, str], float] = {}
        self.problem: str | None = None

    async def next_jobs(self) -> list[Job]:
        """Jobs to start now; empty when there is no room, nothing came for a moment, or the server is away."""
        if not await self._held.wait_for_room(self._limits.wait_seconds):
            return []
        try:
            entries = await self._claimed() or await self._read()
            jobs = [job for entry in entries if (job := await self._sorted_out(entry))]
        except Exception as error:  # noqa: BLE001 whatever it is, a worker that no longer reads is worth nothing
            await self._pause(error)
            return []
        self._failures, self.problem = 0, None
        return jobs

    async def _claimed(self) -> list[Entry]:
        """What crashed workers left; looked for on a timer, whether or not anything new comes."""
        if time.monotonic() < self._claim_due:
            return []
        entries: list[Entry] = []
        for lane in Lane:
            if self._held.room > 0:
                idle_ms = int(self._limits.reclaim_after_seconds * 1000)
                entries += self._hold(await self._streams.claim_idle(lane, idle_ms, self._held.room))
        self._claim_due = time.monotonic() + self._limits.reclaim_interval_seconds
        return entries

    async def _read(self) -> list[Entry]:
        entries: list[Entry] = []
        for _ in Lane:
            lane, count = self._turns.current, self._turns.allowance(self._held.room)
            if count < 1:
                break
            found = self._hold(await self._streams.read(lane, count))
            self._turns.took(len(found), asked=count)
            entries += found
        if not entries:
            # Every lane may give as many as it is asked for, and there may be room for less than one of each.
            lanes = list(Lane) if self._held.room >= len(Lane) else [self._turns.current]
            count, wait_ms = self._held.room // len(lanes), int(self._limits.wait_seconds * 1000)
            entries = self._hold(await self._streams.wait_for_any(lanes, count, wait_ms))
        return entries

    def _hold(self, entries: list[Entry]) -> list[Entry]:
        self._held.add(entries)
        return entries

    async def _sorted_out(self, entry: Entry) -> Job | None:
        """The entry's job when it is for this worker; other entries are no longer held."""
        try:
            message = self._tasks.parse(entry.fields[DATA])
        except Exception:  # noqa: BLE001 whatever parsing runs into, the entry is nothing a worker could run
            return await self._bury(entry, "not a job", entry.attempts)
        if not self._tasks.knows(message.task_name):
            return await self._leave_to_others(entry, message.task_name)
        if entry.attempts > self._limits.max_attempts:
            return await self._bury(entry, "workers that tried it did not survive", entry.attempts - 1)
        return Job(entry, message)

    async def _leave_to_others(self, entry: Entry, task_name: str) -> None:
        """A newer web may enqueue what only newer workers know: they come soon, during a deployment."""
        now = time.time()
        forget_before = now - self._limits.reclaim_after_seconds
        self._aside = {key: since for key, since in self._aside.items() if since > forget_before}
        too_old = now - entry.enqueued_ms / 1000 > self._limits.unknown_task_seconds
        key = (entry.lane, entry.id)
        if too_old or (key not in self._aside and len(self._aside) >= self._limits.max_unknown_tasks):
            await self._bury(entry, f"no worker knows the task {task_name!r}", entry.attempts)
            return
        self._held.drop([entry])
        self._aside[key] = now
        retry_ms = int((self._limits.reclaim_after_seconds - self._limits.unknown_retry_seconds) * 1000)
        await self._streams.set_aside(entry, max(0, retry_ms))

    async def _bury(self, entry: Entry, reason: str, attempts: int) -> None:
        # Not held before it is gone: if that fails, it is claimed again later.
        self._held.drop([entry])
        await self._streams.bury(entry, reason, attempts)
        log.error("job_given_up", entry=entry.id, lane=entry.lane, reason=reason, attempts=attempts)

    async def _pause(self, error: Exception) -> None:
        self.problem = f"The queue's Redis can't be used: {type(error).__name__}"
        log.warning("queue_unavailable", error=type(error).__name__, failures=self._failures)
        longest = min(_FIRST_PAUSE_SECONDS * 2**self._failures, _LONGEST_PAUSE_SECONDS)
        self._failures = min(self._failures + 1, 10)
        # Workers that lost the same server don't come back in the same moment.
        await asyncio.sleep(random.uniform(longest / 2, longest))
