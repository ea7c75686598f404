"""Liveness: what is due and not done, whatever the process can still answer."""

from aiohttp.test_utils import TestClient, TestServer

from elasticdash.operator.runtime import health
from elasticdash.operator.runtime.health import Progress


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_mark_nothing_follows_makes_it_late():
    clock = Clock()
    progress = Progress(clock)
    progress.due("a")
    clock.now = 50
    progress.due("a")  # marked again: the first still waits
    clock.now = 301

    assert progress.lateness_seconds() == 301


def test_a_look_that_never_comes_again_makes_it_late_without_any_mark():
    clock = Clock()
    progress = Progress(clock)
    progress.done("a", next_in_seconds=60)
    clock.now = 100

    assert progress.lateness_seconds() == 40


def test_looks_in_time_and_what_is_gone_are_not_late():
    clock = Clock()
    progress = Progress(clock)
    progress.due("gone")
    progress.due("a")
    progress.forget("gone")
    progress.done("a", next_in_seconds=60)
    clock.now = 59

    assert progress.lateness_seconds() <= 0


async def test_the_probe_fails_when_a_look_is_too_late_and_metrics_say_how_late():
    clock = Clock()
    progress = Progress(clock)
    async with TestClient(TestServer(health.app(progress, stalled_seconds=300))) as client:
        fine = await client.get("/healthz")
        progress.due("a")
        clock.now = 301
        late = await client.get("/healthz")
        ready = await client.get("/readyz")
        shown = await (await client.get("/metrics")).text()

    assert (fine.status, late.status, ready.status) == (200, 500, 200)
    assert "elasticdash_operator_oldest_due_seconds 301.0" in shown
