"""The brokers there are: in this process, or over Redis streams."""

from typing import TypeAlias

from taskiq import AsyncBroker, InMemoryBroker

Broker: TypeAlias = AsyncBroker


def in_memory_broker() -> InMemoryBroker:
    """A broker inside this process. What it forgets at a crash, the sweeper finds among the raw objects."""
    return InMemoryBroker(max_async_tasks=256, max_stored_results=1)
