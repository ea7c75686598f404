"""A Redis that restarts, forgets, hangs, fills up or cuts connections: the worker goes on, web never waits for it."""

import asyncio
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from elasticdash.shared import errors
from elasticdash.shared.queue import stats
from elasticdash.shared.queue.breaker import Breaker
from elasticdash.shared.queue.connection import RedisConfig
from elasticdash.shared.queue.lanes import QueueKeys
from elasticdash.shared.queue.limits import QueueLimits
from elasticdash.shared.queue.sending import Sender
from elasticdash.shared.schemas import jobs
from support.queue import TestQueue, Work, names, until, with_limits
from support.servers.redis import RedisServer

IMPATIENT = with_limits(command_timeout_seconds=0.5)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[RedisServer]:
    """A server of the test's own, that forgets everything when it restarts."""
    running = RedisServer(tmp_path / "redis")
    running.start()
    yield running
    running.resume()
    running.kill()


@pytest.fixture
async def own_queue(server: RedisServer) -> AsyncGenerator[TestQueue]:
    """A queue on it."""
    async with Redis.from_url(server.url, protocol=2) as redis:
        yield TestQueue(RedisConfig(url=server.url), QueueKeys(), redis)


async def test_a_lost_connection_aborts_no_task(own_queue: TestQueue):
    work = Work(is_open=False)
    await own_queue.enqueue(*names(5))

    async with own_queue.working(work.run):
        await until(lambda: len(work.started) == 5, "started")
        await own_queue.redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        work.gate.set()
        await own_queue.enqueue("later")
        await until(lambda: len(work.finished) == 6, "all done, and the next too")

    assert sorted(work.started) == [*names(5), "later"]


async def test_a_flushed_queue_loses_nothing_that_comes_after(own_queue: TestQueue):
    work = Work()
    async with own_queue.working(work.run):
        await own_queue.redis.flushall()
        await own_queue.enqueue(*names(50))
        await until(lambda: len(work.finished) == 50, "all done")

    assert sorted(work.finished) == list(names(50))


async def test_a_server_that_forgot_everything_is_used_again(own_queue: TestQueue, server: RedisServer):
    work = Work(is_open=False)
    await own_queue.enqueue("before")

    async with own_queue.working(work.run, IMPATIENT) as broker:
        await until(lambda: work.started == ["before"], "started")
        server.kill()
        await until(lambda: broker.problem is not None, "noticed")
        server.start()
        work.gate.set()
        await own_queue.enqueue(*names(5))
        await until(lambda: len(work.finished) == 6, "all done")
        await until(lambda: broker.problem is None, "well again")


async def test_a_worker_starts_before_its_server(own_queue: TestQueue, server: RedisServer):
    work = Work()
    server.kill()

    async with own_queue.working(work.run, IMPATIENT):
        server.start()
        await own_queue.enqueue("k")
        await until(lambda: work.finished == ["k"], "done")


async def test_a_worker_stops_although_its_server_is_gone(own_queue: TestQueue, server: RedisServer):
    work = Work(is_open=False)
    await own_queue.enqueue("k")

    async with own_queue.working(work.run, IMPATIENT):
        await until(lambda: bool(work.started), "started")
        server.kill()
        started = time.monotonic()

    assert time.monotonic() - started < 10


async def test_done_work_is_acknowledged_once_the_server_answers_again(own_queue: TestQueue, server: RedisServer):
    work = Work(is_open=False)
    await own_queue.enqueue("k")

    async with own_queue.working(work.run, IMPATIENT):
        await until(lambda: bool(work.started), "started")
        server.pause()
        work.gate.set()
        await until(lambda: bool(work.finished), "finished")
        await asyncio.sleep(1)
        server.resume()

        async def is_acknowledged() -> bool:
            return await own_queue.length() == 0

        await until(is_acknowledged, "acknowledged")

    assert work.started == ["k"]


async def test_a_server_that_is_set_up_anew_to_throw_work_away_is_a_problem(own_queue: TestQueue):
    async with own_queue.working(Work().run) as broker:
        await own_queue.redis.config_set("maxmemory-policy", "allkeys-lru")
        await until(lambda: "maxmemory-policy" in (broker.problem or ""), "noticed")
        await own_queue.redis.config_set("maxmemory-policy", "noeviction")
        await until(lambda: broker.problem is None, "well again")


async def test_a_server_that_hangs_costs_an_enqueue_its_time_out_and_then_nothing(
    own_queue: TestQueue, server: RedisServer
):
    broker = own_queue.broker(QueueLimits())
    sender = Sender(broker, Breaker(max_failures=5))
    await broker.sending.ping()
    server.pause()

    took: list[float] = []
    for _ in range(8):
        started = time.monotonic()
        with pytest.raises(errors.UnavailableError):
            await sender.enqueue(jobs.ProcessRawBatch("k"))
        took.append(time.monotonic() - started)

    server.resume()
    await broker.shutdown()
    assert all(0.2 < seconds < 10 for seconds in took[:5])
    assert min(took[5:]) < 0.1


async def test_a_server_that_is_away_is_an_error_to_the_statistics(own_queue: TestQueue, server: RedisServer):
    server.kill()

    with pytest.raises(errors.UnavailableError):
        await stats.read_stats(own_queue.redis, own_queue.keys)


async def test_a_full_server_refuses_new_jobs_and_still_gives_out_the_old_ones(own_queue: TestQueue):
    work = Work()
    async with own_queue.working(Work().run):
        pass
    await own_queue.enqueue(*names(20))
    await _fill(own_queue)

    with pytest.raises(errors.UnavailableError):
        await own_queue.enqueue("one more")
    async with own_queue.working(work.run):
        await until(lambda: len(work.finished) == 20, "all done")


async def test_a_full_server_takes_work_back_too(own_queue: TestQueue):
    interrupted, work = Work(is_open=False), Work()
    await own_queue.enqueue("k")
    async with own_queue.working(interrupted.run, with_limits(reclaim_after_seconds=3600)):
        await until(lambda: bool(interrupted.started), "started")
        await _fill(own_queue)

    async with own_queue.working(work.run, with_limits(reclaim_after_seconds=3600)):
        await until(lambda: work.finished == ["k"], "another worker has it at once")


async def _fill(queue: TestQueue) -> None:
    """Make the server be over its memory limit with what it holds."""
    await queue.redis.config_set("maxmemory", 1)
