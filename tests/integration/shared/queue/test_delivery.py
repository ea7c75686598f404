"""What was enqueued is done exactly once per delivery that ended well, whatever happens to workers."""

import asyncio

from elasticdash.shared.queue.consumer import Consumer
from elasticdash.shared.queue.lanes import GROUP, Lane
from support.queue import QUICK, TestQueue, Work, names, register, until, with_limits


async def is_empty(queue: TestQueue) -> bool:
    return await queue.length() == 0


async def test_entries_added_before_the_first_worker_are_done(queue: TestQueue):
    work = Work()
    await queue.enqueue(*names(5))

    async with queue.working(work.run):
        await until(lambda: len(work.finished) == 5, "all done")

    assert sorted(work.finished) == list(names(5))


async def test_work_of_a_crashed_worker_is_done_although_nothing_new_comes(queue: TestQueue):
    work = Work()
    async with queue.working(Work().run):
        pass
    await queue.enqueue(*names(5))
    await queue.crash_with(5)

    async with queue.working(work.run):
        await until(lambda: len(work.finished) == 5, "reclaimed")
        await until(lambda: is_empty(queue), "acknowledged")


async def test_two_workers_never_reclaim_the_same_entry(queue: TestQueue):
    work = Work()
    async with queue.working(Work().run):
        pass
    await queue.enqueue(*names(30))
    await queue.crash_with(30)

    async with queue.working(work.run), queue.working(work.run):
        await until(lambda: is_empty(queue), "all acknowledged")

    assert sorted(work.started) == list(names(30))


async def test_a_task_longer_than_the_reclaim_time_runs_once(queue: TestQueue):
    work = Work(is_open=False)
    await queue.enqueue("long")

    async with queue.working(work.run), queue.working(work.run):
        await until(lambda: bool(work.started), "started")
        await asyncio.sleep(QUICK.reclaim_after_seconds * 1.5)
        work.gate.set()
        await until(lambda: is_empty(queue), "acknowledged")

    assert work.started == ["long"]


async def test_a_worker_reads_no_more_than_it_can_work_on(queue: TestQueue):
    work = Work(is_open=False)
    await queue.enqueue(*names(20))
    await queue.enqueue(*names(20, "o"), lane=Lane.OVERFLOW)

    async with queue.working(work.run, with_limits(max_in_flight=4)):
        await until(lambda: len(work.started) == 4, "four started")
        await asyncio.sleep(QUICK.wait_seconds * 3)
        stats = await queue.stats()

    assert (stats.pending, stats.lag) == (4, 36)


async def test_a_worker_with_room_for_one_waits_on_every_lane_in_turn(queue: TestQueue):
    work = Work()

    async with queue.working(work.run, with_limits(max_in_flight=1)) as broker:
        for name, lane in [("m", Lane.MAIN), ("o", Lane.OVERFLOW)] * 3:
            await queue.enqueue(name, lane=lane)
            assert broker.held.room >= 0
        await until(lambda: len(work.finished) == 6, "all done")

    assert broker.held.room == 1


async def test_a_stopped_worker_hands_back_what_it_read_and_leaves(queue: TestQueue):
    work = Work(is_open=False)
    await queue.enqueue(*names(10))
    async with queue.working(work.run, with_limits(max_in_flight=6)):
        await until(lambda: len(work.started) == 6, "six started")

    stats = await queue.stats()
    assert (stats.pending, stats.lag, stats.consumers) == (0, 10, 0)


async def test_what_came_in_a_lost_reply_is_handed_back_too(queue: TestQueue):
    async with queue.working(Work().run, with_limits(max_in_flight=1)) as broker:
        broker.stop_listening()
        await queue.enqueue(*names(5))
        await queue.crash_with(5, consumer=broker.consumer)

    stats = await queue.stats()
    assert (stats.pending, stats.lag, stats.consumers) == (0, 5, 0)


async def test_handing_back_is_no_attempt(queue: TestQueue):
    for _ in range(QUICK.max_attempts + 1):
        interrupted = Work(is_open=False)
        if not await queue.length():
            await queue.enqueue("k")
        async with queue.working(interrupted.run):
            await until(lambda interrupted=interrupted: bool(interrupted.started), "started")
    work = Work()

    async with queue.working(work.run):
        await until(lambda: work.finished == ["k"], "done at last")

    assert (await queue.stats()).dead_letters == 0


async def test_a_stopping_worker_finishes_what_it_can(queue: TestQueue):
    work = Work(is_open=False)
    await queue.enqueue(*names(3))
    broker = queue.broker()
    register(broker, work.run)
    consumer = Consumer(broker)
    await consumer.start()
    await until(lambda: len(work.started) == 3, "started")

    stopping = asyncio.create_task(consumer.stop(grace_seconds=20))
    await asyncio.sleep(0.05)
    work.gate.set()

    assert await stopping
    assert await queue.length() == 0
    await broker.shutdown()


async def test_acknowledged_entries_are_deleted(queue: TestQueue):
    work = Work()
    await queue.enqueue(*names(50))

    async with queue.working(work.run):
        await until(lambda: len(work.finished) == 50, "all done")
        await until(lambda: is_empty(queue), "nothing left in the stream")


async def test_what_others_acknowledged_without_deleting_is_trimmed_and_nothing_else(queue: TestQueue):
    async with queue.working(Work().run):
        pass
    await queue.enqueue(*names(10))
    stream = queue.keys.stream(Lane.MAIN)
    read = await queue.crash_with(4, consumer="foreign")
    await queue.redis.xack(stream, GROUP, *read[:3])
    broker = queue.broker()

    await broker.streams.trim()

    await broker.shutdown()
    stats = await queue.stats()
    assert (await queue.length(), stats.pending, stats.lag) == (7, 1, 6)


async def test_consumers_that_died_without_work_are_removed(queue: TestQueue):
    async with queue.working(Work().run):
        pass
    await queue.enqueue("k")
    await queue.crash_with(1, consumer="with-work")
    await queue.redis.xgroup_createconsumer(queue.keys.stream(Lane.MAIN), GROUP, "ghost")
    broker = queue.broker()

    await broker.streams.remove_ghosts(idle_ms=0)

    await broker.shutdown()
    consumers = await queue.redis.xinfo_consumers(queue.keys.stream(Lane.MAIN), GROUP)
    assert [consumer["name"] for consumer in consumers] == [b"with-work"]


async def test_a_worker_does_not_take_back_what_another_one_claimed(queue: TestQueue):
    async with queue.working(Work().run):
        pass
    await queue.enqueue("k")
    zombie, successor = queue.broker(), queue.broker()
    (held,) = await zombie.streams.read(Lane.MAIN, 1)

    (claimed,) = await successor.streams.claim_idle(Lane.MAIN, 0, 1)
    kept_by_zombie = await zombie.streams.keep([held])
    kept_by_successor = await successor.streams.keep([claimed])

    await zombie.shutdown()
    await successor.shutdown()
    assert (kept_by_zombie, kept_by_successor) == ([], [claimed])
