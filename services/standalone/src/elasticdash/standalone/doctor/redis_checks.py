"""Looks whether the queue's Redis is there, new enough, and keeps what it is given."""

import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from redis.exceptions import NoPermissionError

from elasticdash.shared import errors
from elasticdash.shared.queue import configuration, connection
from elasticdash.shared.queue.connection import Client
from elasticdash.shared.settings.redis import RedisSettings
from elasticdash.standalone.doctor import findings
from elasticdash.standalone.doctor.examination import Check
from elasticdash.standalone.doctor.findings import Judgement

_TIMEOUT_SECONDS = 5.0
_CONNECTION_REMEDY = (
    "Check REDIS_HOST, REDIS_PORT, REDIS_USERNAME, REDIS_AUTH, or REDIS_CONNECTION_STRING, and the REDIS_TLS_"
    " variables; is the server up?"
)
_GRANT_REMEDY = "Let the user of REDIS_USERNAME do everything with keys below REDIS_KEY_PREFIX"
_INFO_REMEDY = "Let the user of REDIS_USERNAME run INFO and TIME"
_MEMORY_REMEDY = "Raise maxmemory, or add workers: a full Redis takes no more jobs"


@asynccontextmanager
async def opened(settings: RedisSettings) -> AsyncGenerator[Sequence[Check]]:
    """The checks of Redis, until the block ends. ConfigurationError when the settings contradict each other."""
    redis = connection.connect(configuration.redis_config(settings), _TIMEOUT_SECONDS)

    def check(name: str, look: Callable[[], Awaitable[Judgement]], remedy: str, *, is_base: bool = False) -> Check:
        return Check(name, lambda: _translated(look), remedy, is_base)

    try:
        yield [
            check("connection", lambda: _connection(redis), _CONNECTION_REMEDY, is_base=True),
            check("version", lambda: _version(redis), _INFO_REMEDY),
            check("privileges", lambda: _privileges(redis, settings.key_prefix), _GRANT_REMEDY),
            check("eviction", lambda: _eviction(redis), "Set maxmemory-policy noeviction"),
            check("clock", lambda: _clock(redis), _INFO_REMEDY),
            check("memory", lambda: _memory(redis), _INFO_REMEDY),
        ]
    finally:
        await redis.aclose()


async def _translated(look: Callable[[], Awaitable[Judgement]]) -> Judgement:
    try:
        return await look()
    except NoPermissionError as error:
        return Judgement("warn", f"can't be known: {error}", _INFO_REMEDY)
    except connection.UNREACHABLE as error:
        raise errors.UnavailableError(f"Redis refused or didn't answer: {error}") from error


async def _connection(redis: Client) -> Judgement:
    await redis.ping()  # pyright: ignore[reportUnknownMemberType] untyped options
    return findings.ok("answers")


async def _version(redis: Client) -> Judgement:
    info = await connection.server_info(redis)
    return findings.version("Redis", str(info.get("redis_version", "")), (connection.OLDEST_MAJOR_VERSION,))


async def _privileges(redis: Client, prefix: str) -> Judgement:
    key = f"{prefix}elasticdash:{{doctor}}:{secrets.token_hex(6)}"
    try:
        await redis.xadd(key, {"probe": "1"})
        await redis.xgroup_create(key, "doctor", id="0")
        await redis.xreadgroup("doctor", "doctor", {key: ">"}, count=1)
        await redis.delete(key)
    except NoPermissionError as error:
        raise errors.StoreMismatchError(f"may not use streams: {error}") from error
    return findings.ok("may write, read and delete streams")


async def _eviction(redis: Client) -> Judgement:
    info = await connection.server_info(redis)
    connection.check_eviction(info)
    policy = str(info.get("maxmemory_policy", "unknown"))
    if policy == "noeviction":
        return findings.ok(f"maxmemory-policy is {policy}")
    message = f"maxmemory-policy is {policy}: a full Redis throws away locks of workers"
    return Judgement("warn", message, "Set maxmemory-policy noeviction")


async def _clock(redis: Client) -> Judgement:
    asked_at = time.time()
    theirs = await connection.server_time(redis)
    return findings.clock(theirs, asked_at, time.time())


async def _memory(redis: Client) -> Judgement:
    info = await connection.server_info(redis)
    used, most = float(info.get("used_memory", 0)), float(info.get("maxmemory", 0))
    if most == 0:
        return findings.ok("no maxmemory is set: the machine's memory is the limit")
    return findings.room("maxmemory", most - used, most, _MEMORY_REMEDY)
