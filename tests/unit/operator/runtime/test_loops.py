"""One task per resource: marks are gathered, never lost, and failures never end it."""

import asyncio
from collections.abc import Callable

from elasticdash.operator.runtime.health import Progress
from elasticdash.operator.runtime.loops import GoneError, Loops
from elasticdash.shared import errors

KEY = ("ElasticDashLogger", "default", "obs")
FOR_EVER = 3_600.0


async def eventually(holds: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.01)


class Looks:
    """Counts looks; each ends as the next entry of `endings` says, in the end well."""

    def __init__(self, *endings: Exception) -> None:
        self.count = 0
        self.running = 0
        self.endings = list(endings)
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, namespace: str, name: str) -> float | None:
        assert (namespace, name) == KEY[1:]
        self.count += 1
        self.running += 1
        assert self.running == 1
        await self.gate.wait()
        self.running -= 1
        if self.endings:
            raise self.endings.pop(0)
        return None


async def test_whatever_a_look_runs_into_another_follows():
    looks = Looks(errors.ConflictError("changed"), errors.NotFoundError("a child"), RuntimeError("a bug"))
    progress = Progress()
    loops = Loops({KEY[0]: looks}, progress, FOR_EVER)

    loops.mark(KEY)

    await eventually(lambda: looks.count == 4, 10)
    await eventually(lambda: progress.lateness_seconds() < 0)
    await loops.close()


async def test_a_mark_during_a_look_leads_to_another():
    looks = Looks()
    looks.gate.clear()
    loops = Loops({KEY[0]: looks}, Progress(), FOR_EVER)
    loops.mark(KEY)
    await eventually(lambda: looks.running == 1)

    loops.mark(KEY)
    looks.gate.set()

    await eventually(lambda: looks.count == 2)
    await loops.close()


async def test_marks_that_come_together_lead_to_one_look():
    looks = Looks()
    loops = Loops({KEY[0]: looks}, Progress(), FOR_EVER)

    for _ in range(50):
        loops.mark(KEY)
        await asyncio.sleep(0.001)
    await eventually(lambda: looks.count == 1)
    await asyncio.sleep(0.5)

    assert looks.count == 1
    await loops.close()


async def test_without_marks_it_looks_again_in_time():
    looks = Looks()
    loops = Loops({KEY[0]: looks}, Progress(), resync_seconds=0.01)

    loops.mark(KEY)

    await eventually(lambda: looks.count >= 3)
    await loops.close()


async def test_what_is_gone_has_no_task_and_is_never_late():
    looks = Looks(GoneError("gone"))
    progress = Progress()
    loops = Loops({KEY[0]: looks}, progress, FOR_EVER)
    loops.mark(KEY)
    await eventually(lambda: not loops.knows(KEY))

    loops.mark(KEY)  # made again under the same name

    await eventually(lambda: looks.count == 2)
    await eventually(lambda: progress.lateness_seconds() < 0)
    await loops.close()
