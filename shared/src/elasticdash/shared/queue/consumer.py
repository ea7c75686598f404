"""Runs the tasks of a stream broker: so many at a time, each acknowledged only when it succeeded."""

import asyncio
import logging

import structlog
from taskiq.receiver import Receiver

from elasticdash.shared import errors
from elasticdash.shared.queue import cancelling
from elasticdash.shared.queue.stream_broker import Delivery, StreamBroker
from elasticdash.shared.telemetry import logs

log = structlog.get_logger()
# It prints a traceback of every failed attempt; the line here says which job and which attempt.
logging.getLogger("taskiq.receiver.receiver").setLevel(logging.CRITICAL)


class Consumer:
    """Works from `start` until `stop`."""

    def __init__(self, broker: StreamBroker) -> None:
        self._broker = broker
        # Of taskiq's own loop only the part that runs a task: the rest acknowledges failures and drops unknown tasks.
        self._receiver = Receiver(broker, max_async_tasks=broker.limits.max_in_flight, run_startup=False)
        self._running: set[asyncio.Task[None]] = set()
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to read; ConfigurationError when the queue's server is not fit for it."""
        await self._broker.startup()
        self._reading = asyncio.create_task(self._read())

    async def stop(self, grace_seconds: float) -> bool:
        """Read no more, finish what is possible in that time, hand back the rest; True when there was none."""
        self._broker.stop_listening()
        finished = True
        if self._reading:
            _, unfinished = await asyncio.wait({self._reading, *self._running}, timeout=grace_seconds)
            await cancelling.end(unfinished)
            finished = not unfinished
        await self._broker.hand_back()
        return finished

    async def _read(self) -> None:
        async for delivery in self._broker.listen():
            task = asyncio.create_task(self._run(delivery))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self, delivery: Delivery) -> None:
        """Runs it until it succeeds or has failed too often; meanwhile its place is taken, so failures slow reading."""
        entry, message = delivery.job.entry, delivery.job.message
        task = self._broker.find_task(message.task_name)
        if task is None:
            return
        limits = self._broker.limits
        attempts, pause_seconds = entry.attempts, limits.first_retry_seconds
        while True:
            result = await self._receiver.run_task(task.original_func, message)
            if not result.is_err:
                await self._broker.acknowledge(entry)
                return
            if isinstance(result.error, asyncio.CancelledError):
                raise result.error
            # A store that is away says nothing about the job.
            if isinstance(result.error, errors.UnavailableError):
                log.warning("job_postponed", entry=entry.id, error=type(result.error).__name__)
            else:
                said = logs.describe_error(result.error) if result.error else {}
                log.warning("job_failed", entry=entry.id, attempt=attempts, **said)
                if attempts >= limits.max_attempts:
                    await self._broker.give_up(entry, f"failed: {type(result.error).__name__}", attempts)
                    return
                attempts += 1
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, limits.longest_retry_seconds)
