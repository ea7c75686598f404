"""The brokers there are: in this process, or over Redis streams."""

from typing import TypeAlias

from taskiq import AsyncBroker, InMemoryBroker

from elasticdash.shared.queue import configuration
from elasticdash.shared.queue.limits import QueueLimits
from elasticdash.shared.queue.stream_broker import StreamBroker
from elasticdash.shared.settings.redis import RedisSettings
from elasticdash.shared.settings.worker import WorkerSettings

Broker: TypeAlias = AsyncBroker


def in_memory_broker() -> InMemoryBroker:
    """A broker inside this process. What it forgets at a crash, the sweeper finds among the raw objects."""
    return InMemoryBroker(max_async_tasks=256, max_stored_results=1)


def stream_broker(redis: RedisSettings, worker: WorkerSettings) -> StreamBroker:
    """A broker over the Redis that the settings name; connects when it is used. Close it with `shutdown`."""
    limits = QueueLimits(max_in_flight=worker.max_objects_in_flight, max_attempts=worker.max_attempts)
    return StreamBroker(configuration.redis_config(redis), configuration.queue_keys(redis), limits)
