"""Brokers and workers on a real Redis, each test below a key prefix of its own, with intervals of a test's length."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from taskiq.kicker import AsyncKicker

from elasticdash.shared.queue import stats
from elasticdash.shared.queue.connection import RedisConfig
from elasticdash.shared.queue.consumer import Consumer
from elasticdash.shared.queue.lanes import GROUP, Lane, QueueKeys
from elasticdash.shared.queue.limits import QueueLimits
from elasticdash.shared.queue.sending import Sender
from elasticdash.shared.queue.stats import QueueStats
from elasticdash.shared.queue.stream_broker import StreamBroker
from elasticdash.shared.schemas import jobs

WAIT_SECONDS = 20.0
# A renewal may come late on a busy machine: what a worker holds is reclaimed only after many missed ones.
QUICK = QueueLimits(
    max_attempts=3,
    reclaim_after_seconds=2.0,
    reclaim_interval_seconds=0.2,
    renew_interval_seconds=0.2,
    upkeep_interval_seconds=0.2,
    wait_seconds=0.2,
    first_retry_seconds=0.02,
    longest_retry_seconds=0.1,
    unknown_retry_seconds=0.3,
    enqueue_timeout_seconds=WAIT_SECONDS,
)

Task = Callable[[str], Awaitable[None]]


class Work:
    """A task that records what it was called with, and waits for its gate."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.started: list[str] = []
        self.finished: list[str] = []
        self.gate = asyncio.Event()
        if is_open:
            self.gate.set()

    async def run(self, key: str) -> None:
        self.started.append(key)
        await self.gate.wait()
        self.finished.append(key)


@dataclasses.dataclass(frozen=True, slots=True)
class TestQueue:
    """A queue on a server: makes brokers and workers for it, and looks at its streams from outside."""

    __test__ = False

    config: RedisConfig
    keys: QueueKeys
    redis: Redis

    def broker(self, limits: QueueLimits = QUICK) -> StreamBroker:
        """A broker; a test that starts no worker on it closes it."""
        return StreamBroker(self.config, self.keys, limits)

    async def enqueue(self, *keys: str, lane: Lane = Lane.MAIN) -> None:
        """Enqueue a job for each raw object."""
        broker = self.broker()
        sender = Sender(broker, timeout_seconds=WAIT_SECONDS)
        for key in keys:
            await sender.enqueue(jobs.ProcessRawBatch(key), lane)
        await broker.shutdown()

    async def enqueue_task(self, task_name: str, *arguments: str) -> None:
        """Enqueue a task by any name, as a newer web might."""
        broker = self.broker()
        kicker: AsyncKicker[Any, None] = AsyncKicker(task_name, broker, {})
        await kicker.kiq(*arguments)
        await broker.shutdown()

    @asynccontextmanager
    async def working(
        self, task: Task, limits: QueueLimits = QUICK, task_name: str = jobs.ProcessRawBatch.task_name
    ) -> AsyncGenerator[StreamBroker]:
        """A worker until the block ends; it is given no time to finish then."""
        broker = self.broker(limits)
        register(broker, task, task_name)
        consumer = Consumer(broker)
        await consumer.start()
        try:
            yield broker
        finally:
            await consumer.stop(grace_seconds=0)
            await broker.shutdown()

    async def crash_with(self, count: int, consumer: str = "crashed") -> list[str]:
        """Read entries as a worker that then dies; returns their ids."""
        found: Any = await self.redis.xreadgroup(GROUP, consumer, {self.keys.stream(Lane.MAIN): ">"}, count=count)
        return [entry_id.decode() for _, rows in found for entry_id, _ in rows]

    async def stats(self) -> QueueStats:
        """What the queue holds now."""
        return await stats.read_stats(self.redis, self.keys)

    async def length(self) -> int:
        """Entries in the main lane, waiting or pending."""
        return int(await self.redis.xlen(self.keys.stream(Lane.MAIN)))


def register(broker: StreamBroker, task: Task, task_name: str = jobs.ProcessRawBatch.task_name) -> None:
    """Let the broker's worker know a task."""

    # taskiq renames what it registers, and a method has no name of its own.
    async def run(key: str) -> None:
        await task(key)

    broker.register_task(run, task_name=task_name)


async def until(is_true: Callable[[], bool] | Callable[[], Awaitable[bool]], what: str) -> None:
    """Returns once it is true; AssertionError when it does not become true."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        answer = is_true()
        if answer is True or (not isinstance(answer, bool) and await answer):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not in {WAIT_SECONDS} s: {what}")


def with_limits(**changes: Any) -> QueueLimits:
    """The quick limits with some of them changed."""
    return dataclasses.replace(QUICK, **changes)


def names(count: int, prefix: str = "k") -> Sequence[str]:
    """So many keys of raw objects."""
    return [f"{prefix}{number:03}" for number in range(count)]
