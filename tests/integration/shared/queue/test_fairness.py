"""A project over its budget waits in the overflow lane and does not starve the others."""

from elasticdash.shared.queue.lanes import Lane
from support.queue import TestQueue, Work, names, until, with_limits


async def test_a_noisy_project_does_not_delay_a_quiet_one(queue: TestQueue):
    work = Work()
    await queue.enqueue(*names(300, "noisy"), lane=Lane.OVERFLOW)
    await queue.enqueue(*names(20, "quiet"))

    async with queue.working(work.run, with_limits(max_in_flight=4)):
        await until(lambda: len(work.finished) == 320, "all done")

    last_quiet = max(place for place, name in enumerate(work.finished) if name.startswith("quiet"))
    assert last_quiet < 60


async def test_a_busy_main_lane_does_not_starve_the_overflow(queue: TestQueue):
    work = Work()
    await queue.enqueue(*names(400, "main"))
    await queue.enqueue(*names(8, "over"), lane=Lane.OVERFLOW)

    async with queue.working(work.run, with_limits(max_in_flight=4)):
        await until(lambda: len(work.finished) == 408, "all done")

    last_overflow = max(place for place, name in enumerate(work.finished) if name.startswith("over"))
    assert last_overflow < 200
