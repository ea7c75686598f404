"""What a project sends beyond its share waits in the overflow lane, once anything has to wait at all."""

import pytest

from elasticdash.shared.backlog import Backlog
from elasticdash.shared.queue.lanes import Lane
from elasticdash.web.admission.lanes import LaneChooser

BUSY, IDLE = Backlog(lag=500, pending=10, oldest_age_seconds=3.0), Backlog(lag=3, pending=64, oldest_age_seconds=0.1)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def chooser(backlog: Backlog | None, clock: Clock | None = None) -> LaneChooser:
    return LaneChooser(0.5, lambda: backlog, clock or Clock())


def test_a_noisy_project_waits_in_the_overflow_and_a_quiet_one_does_not():
    lanes = chooser(BUSY)

    chosen = [(lanes.lane_of("noisy", 1000), lanes.lane_of("quiet", 10)) for _ in range(5)]

    assert chosen == [(Lane.OVERFLOW, Lane.MAIN)] * 5


@pytest.mark.parametrize("backlog", [None, IDLE], ids=["unknown", "idle"])
def test_nobody_waits_behind_others_where_nothing_waits(backlog: Backlog | None):
    assert chooser(backlog).lane_of("noisy", 1000) is Lane.MAIN


def test_projects_within_their_shares_are_equals():
    lanes = chooser(BUSY)
    for project in ("a", "b", "c"):
        lanes.lane_of(project, 1000)

    assert [lanes.lane_of(project, 10) for project in ("a", "b", "c")] == [Lane.MAIN] * 3


def test_what_was_sent_a_while_ago_is_forgotten():
    clock = Clock()
    lanes = chooser(BUSY, clock)
    lanes.lane_of("once noisy", 1_000_000)
    lanes.lane_of("other", 1_000)

    assert lanes.lane_of("once noisy", 10) is Lane.OVERFLOW

    clock.now = 120.0
    lanes.lane_of("other", 1_000)

    assert lanes.lane_of("once noisy", 10) is Lane.MAIN
