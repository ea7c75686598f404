"""Fixtures of the queue's tests."""

import secrets
from collections.abc import AsyncGenerator

import pytest
from redis.asyncio import Redis

from elasticdash.shared.queue.connection import RedisConfig
from elasticdash.shared.queue.lanes import QueueKeys
from support.queue import TestQueue
from support.servers.redis import redis_url

__all__ = ["redis_url"]


@pytest.fixture
async def queue(redis_url: str) -> AsyncGenerator[TestQueue]:
    """A queue no other test uses."""
    async with Redis.from_url(redis_url, protocol=2) as redis:
        yield TestQueue(RedisConfig(url=redis_url), QueueKeys(f"test-{secrets.token_hex(6)}:"), redis)
