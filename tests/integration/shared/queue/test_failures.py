"""Tasks that fail, entries that are none, tasks that only other workers know: nothing is dropped, nothing loops."""

import time
from typing import Any

import pytest
from structlog.testing import capture_logs

from elasticdash.shared import errors
from elasticdash.shared.queue import dead_letters
from elasticdash.shared.queue.lanes import Lane
from support.queue import QUICK, TestQueue, Work, names, until, with_limits


async def letters(queue: TestQueue) -> list[dead_letters.DeadLetter]:
    return list(await dead_letters.list_letters(queue.redis, queue.keys, limit=100))


async def test_a_task_that_fails_is_tried_again(queue: TestQueue):
    tries: list[str] = []

    async def fails_twice(key: str) -> None:
        tries.append(key)
        if len(tries) < 3:
            raise RuntimeError("not yet")

    await queue.enqueue("k")
    async with queue.working(fails_twice):
        await until(lambda: len(tries) == 3, "three tries")

    assert (await queue.stats()).dead_letters == 0


async def test_a_task_that_always_fails_goes_to_the_dead_letters_with_its_reason(
    queue: TestQueue, caplog: pytest.LogCaptureFixture
):
    tries: list[str] = []
    work = Work()

    async def process(key: str) -> None:
        if key == "poison":
            tries.append(key)
            raise RuntimeError("secret text")
        await work.run(key)

    await queue.enqueue("poison", "good")
    with capture_logs() as logged:
        async with queue.working(process):
            await until(lambda: has_letters(queue, 1), "given up")
            await until(lambda: work.finished == ["good"], "its neighbour is done")

    failed = [line for line in logged if line["event"] == "job_failed"]
    assert [line["attempt"] for line in failed] == list(range(1, QUICK.max_attempts + 1))
    assert failed[0]["kind"] == "builtins.RuntimeError"
    assert "secret text" not in str(logged) + caplog.text
    assert not [record for record in caplog.records if record.exc_info]
    (letter,) = await letters(queue)
    assert (letter.subject, letter.attempts, letter.reason) == ("poison", QUICK.max_attempts, "failed: RuntimeError")
    assert (len(tries), await queue.length()) == (QUICK.max_attempts, 0)


async def test_a_store_that_is_away_never_counts_as_a_failure(queue: TestQueue):
    tries: list[str] = []

    async def process(key: str) -> None:
        tries.append(key)
        if len(tries) <= QUICK.max_attempts * 2:
            raise errors.UnavailableError("down")

    await queue.enqueue("k")
    async with queue.working(process):
        await until(lambda: len(tries) == QUICK.max_attempts * 2 + 1, "done at last")

    assert (await queue.stats()).dead_letters == 0


async def test_an_entry_that_kills_its_workers_goes_to_the_dead_letters(queue: TestQueue):
    work = Work()
    async with queue.working(Work().run):
        pass
    await queue.enqueue("killer")
    (entry_id,) = await queue.crash_with(1)
    broker = queue.broker()
    for _ in range(QUICK.max_attempts - 1):
        await broker.streams.claim_idle(Lane.MAIN, 0, 1)
    await broker.redis.aclose()
    await broker.sending.aclose()

    async with queue.working(work.run):
        await until(lambda: has_letters(queue, 1), "given up")

    (letter,) = await letters(queue)
    assert (letter.subject, letter.attempts, work.started) == ("killer", QUICK.max_attempts, [])
    assert letter.enqueued_ms == int(entry_id.partition("-")[0])


async def test_entries_that_are_no_job_go_to_the_dead_letters_as_they_were(queue: TestQueue):
    work = Work()
    stream = queue.keys.stream(Lane.MAIN)
    too_deep = b"[" * 100_000
    ill_typed = b'{"task_id":"a","task_name":"b","labels":{"x":{}},"labels_types":{"x":6},"args":[],"kwargs":{}}'
    foreign = [{b"foreign": b"entry"}, *({b"data": data} for data in (b"not json", b"{}", too_deep, ill_typed))]
    for fields in foreign:
        await queue.redis.xadd(stream, fields)
    await queue.enqueue("good")

    async with queue.working(work.run):
        await until(lambda: work.finished == ["good"], "the job among them is done")
        await until(lambda: has_letters(queue, len(foreign)), "the others are kept")

    found = await letters(queue)
    assert [letter.fields for letter in found] == foreign
    assert {letter.subject for letter in found} == {""}


async def test_a_task_only_newer_workers_know_waits_for_one(queue: TestQueue):
    old, new = Work(), Work()
    await queue.enqueue_task("new_task", "for the new one")
    await queue.enqueue("for the old one")

    async with queue.working(old.run):
        await until(lambda: old.finished == ["for the old one"], "the old worker goes on")
        # Long enough that the old worker would have given it up, if leaving it to others counted.
        await until(lambda: seen_again(queue, QUICK.max_attempts), "seen more often than it may be tried")
        async with queue.working(new.run, task_name="new_task"):
            await until(lambda: new.finished == ["for the new one"], "the new worker finds it")

    assert (await queue.stats()).dead_letters == 0


async def test_a_task_nobody_comes_to_know_goes_to_the_dead_letters(queue: TestQueue):
    await queue.enqueue_task("never_known", "k")

    async with queue.working(Work().run, with_limits(unknown_task_seconds=0.5)):
        await until(lambda: has_letters(queue, 1), "given up")

    (letter,) = await letters(queue)
    assert (letter.reason, letter.subject) == ("no worker knows the task 'never_known'", "k")


async def test_unknown_tasks_are_kept_waiting_only_up_to_a_bound(queue: TestQueue):
    for key in names(5):
        await queue.enqueue_task("never_known", key)

    async with queue.working(Work().run, with_limits(max_unknown_tasks=3)):
        await until(lambda: has_letters(queue, 2), "two over the bound")

    stats = await queue.stats()
    assert (stats.pending + stats.lag, stats.dead_letters) == (3, 2)


async def test_a_replayed_letter_is_a_new_job(queue: TestQueue):
    work, is_mended = Work(), False

    async def process(key: str) -> None:
        if not is_mended:
            raise RuntimeError("a bug")
        await work.run(key)

    await queue.enqueue("k")
    async with queue.working(process):
        await until(lambda: has_letters(queue, 1), "given up")
        is_mended = True
        (letter,) = await letters(queue)
        await dead_letters.replay(queue.redis, queue.keys, letter)
        await until(lambda: work.finished == ["k"], "done")

    assert await letters(queue) == []


async def has_letters(queue: TestQueue, count: int) -> bool:
    return len(await letters(queue)) >= count


async def seen_again(queue: TestQueue, times: int) -> bool:
    """Whether the oldest pending entry is old enough to have been claimed so often."""
    found: Any = await queue.redis.xrange(queue.keys.stream(Lane.MAIN), count=1)
    (row,) = found
    age_seconds = time.time() - int(row[0].partition(b"-")[0]) / 1000
    return age_seconds > times * (QUICK.unknown_retry_seconds + QUICK.reclaim_interval_seconds) * 1.5
