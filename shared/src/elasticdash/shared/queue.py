"""The task queue: taskiq brokers, and how a job gets onto one."""

from typing import TypeAlias

from taskiq import AsyncBroker, InMemoryBroker
from taskiq.kicker import AsyncKicker

from elasticdash.shared.schemas import jobs

Broker: TypeAlias = AsyncBroker


def in_memory_broker() -> InMemoryBroker:
    """A broker inside this process. What it forgets at a crash, the sweeper finds among the raw objects."""
    return InMemoryBroker(max_async_tasks=256, max_stored_results=1)


async def enqueue(broker: AsyncBroker, job: jobs.ProcessRawBatch) -> None:
    """Hand a job to a worker. Raises what the broker raises when it can't take it."""
    kicker: AsyncKicker[[str], None] = AsyncKicker(job.task_name, broker, {})
    await kicker.kiq(job.key)
