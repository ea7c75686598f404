"""Lag, pending, age, dead letters and consumers, as scaling and alarms need them."""

import time

from elasticdash.shared.queue import outstanding
from elasticdash.shared.queue.lanes import GROUP, Lane
from support.queue import TestQueue, Work, names, until, with_limits


async def test_an_unused_queue_is_empty(queue: TestQueue):
    stats = await queue.stats()

    assert (stats.lag, stats.pending, stats.oldest_age_seconds, stats.consumers, stats.dead_letters) == (0, 0, 0, 0, 0)


async def test_what_waits_before_any_worker_came_is_lag(queue: TestQueue):
    await queue.enqueue(*names(3))
    await queue.enqueue("o", lane=Lane.OVERFLOW)

    stats = await queue.stats()

    assert (stats.lag, stats.pending, stats.lanes["main"].lag, stats.lanes["overflow"].lag) == (4, 0, 3, 1)
    assert 0 <= stats.oldest_age_seconds < 60


async def test_what_a_worker_has_is_pending_and_counts_its_age_from_the_start(queue: TestQueue):
    work = Work(is_open=False)
    an_hour_ago_ms = int(time.time() - 3600) * 1000
    async with queue.working(Work().run):
        pass
    await queue.enqueue(*names(3))
    stream = queue.keys.stream(Lane.OVERFLOW)
    await queue.redis.xadd(stream, {"data": "x", "enqueued_ms": an_hour_ago_ms})

    async with queue.working(work.run, with_limits(max_in_flight=2)):
        await until(lambda: len(work.started) >= 1, "started")
        stats = await queue.stats()

    assert (stats.pending >= 1, stats.consumers) == (True, 1)
    assert stats.lanes["main"].oldest_age_seconds < 600


async def test_the_lag_is_known_after_entries_were_deleted(queue: TestQueue):
    await queue.enqueue(*names(5))
    stream = queue.keys.stream(Lane.MAIN)
    rows = await queue.redis.xrange(stream)
    await queue.redis.xdel(stream, rows[2][0])
    await queue.redis.xgroup_create(stream, GROUP, id="0")

    assert (await queue.stats()).lag == 4


async def test_the_sweeper_is_told_what_waits_is_worked_on_or_was_given_up(queue: TestQueue):
    work = Work(is_open=False)

    async def process(key: str) -> None:
        if key == "poison":
            raise RuntimeError("always")
        await work.run(key)

    await queue.enqueue("poison", "busy", "waiting")
    async with queue.working(process, with_limits(max_in_flight=1)) as broker:
        await until(lambda: work.started == ["busy"], "the first given up, the second started")
        held = await outstanding.subjects(broker)

    assert held == {"poison", "busy", "waiting"}
