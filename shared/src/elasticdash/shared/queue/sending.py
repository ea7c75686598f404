"""How a job gets onto the queue: at once or not at all, as the sweeper finds what did not get there."""

import asyncio

from taskiq import AsyncBroker
from taskiq.exceptions import SendTaskError
from taskiq.kicker import AsyncKicker

from elasticdash.shared import errors
from elasticdash.shared.queue.breaker import Breaker
from elasticdash.shared.queue.lanes import Lane
from elasticdash.shared.queue.limits import ENQUEUE_TIMEOUT_SECONDS
from elasticdash.shared.queue.stream_broker import LANE_LABEL
from elasticdash.shared.schemas import jobs


class Sender:
    """Hands jobs to workers. A queue that keeps failing is left alone for a while: nobody waits for it then."""

    def __init__(
        self, broker: AsyncBroker, breaker: Breaker | None = None, *, timeout_seconds: float = ENQUEUE_TIMEOUT_SECONDS
    ) -> None:
        self._broker = broker
        self._breaker = breaker or Breaker()
        self._timeout_seconds = timeout_seconds

    async def enqueue(self, job: jobs.ProcessRawBatch, lane: Lane = Lane.MAIN) -> None:
        """Hand a job over within the time-out; UnavailableError when the queue does not take it."""
        if not self._breaker.allows():
            raise errors.UnavailableError("The queue is left alone after repeated failures")
        kicker: AsyncKicker[[str], None] = AsyncKicker(job.task_name, self._broker, {LANE_LABEL: lane.value})
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await kicker.kiq(job.key)
        except (SendTaskError, TimeoutError) as error:
            self._breaker.failed()
            raise errors.UnavailableError("The queue did not take the job") from error
        self._breaker.succeeded()
