"""What is in flight is bounded in all and for each project, and given back whatever happens."""

from contextlib import ExitStack

import pytest

from elasticdash.shared import errors
from elasticdash.shared.backlog import Backlog
from elasticdash.web.admission.intake import Intake, IntakeLimits
from elasticdash.web.admission.pressure import Pressure, PressureLimits

LIMITS = IntakeLimits(max_bytes=1000, max_requests=4, project_share=0.5)


def hold_too_much(intake: Intake) -> None:
    """Enter, take all there is, then one byte more."""
    with intake.entered("a") as hold:
        hold.add(LIMITS.max_bytes)
        hold.add(1)


def test_bytes_past_the_bound_are_refused():
    intake = Intake(LIMITS)

    with intake.entered("a") as a, intake.entered("b") as b:
        a.add(600)
        with pytest.raises(errors.OverloadedError) as refused:
            b.add(401)

    assert refused.value.retry_after_seconds >= 1


def test_one_project_leaves_room_for_others():
    intake = Intake(LIMITS)

    with intake.entered("noisy") as first, intake.entered("noisy") as second, intake.entered("quiet") as quiet:
        first.add(300)
        second.add(200)
        with pytest.raises(errors.OverloadedError):
            second.add(1)
        with pytest.raises(errors.OverloadedError), intake.entered("noisy"):
            pass
        quiet.add(500)


def test_one_request_alone_may_be_larger_than_the_share():
    intake = Intake(LIMITS)

    with intake.entered("a") as hold:
        hold.add(500)
        hold.add(500)


def test_requests_past_the_bound_are_refused():
    intake = Intake(LIMITS)

    with ExitStack() as entered:
        for project in "aabb":
            entered.enter_context(intake.entered(project))
        with pytest.raises(errors.OverloadedError), intake.entered("c"):
            pass


def test_everything_is_given_back_after_an_error():
    intake = Intake(LIMITS)
    for _ in range(10):
        with pytest.raises(errors.OverloadedError):
            hold_too_much(intake)

    with intake.entered("b") as hold:
        hold.add(1000)


@pytest.mark.parametrize(
    ("backlog", "free_disk_percent", "is_refused"),
    [
        (Backlog(0, 0, 0.0), 50.0, False),
        (None, 50.0, False),
        (Backlog(5, 5, 59.0), 10.0, False),
        (Backlog(1, 0, 61.0), 50.0, True),
        (Backlog(90, 11, 1.0), 50.0, True),
        (Backlog(0, 0, 0.0), 9.9, True),
    ],
    ids=["idle", "queue unknown", "just within", "too old", "too many", "disk full"],
)
def test_nothing_is_accepted_without_room_behind(backlog: Backlog | None, free_disk_percent: float, is_refused: bool):
    limits = PressureLimits(max_backlog_age_seconds=60, max_backlog_batches=100, min_free_disk_percent=10)
    pressure = Pressure(limits, lambda: backlog, lambda: free_disk_percent)

    if not is_refused:
        pressure.check()
        return
    with pytest.raises(errors.OverloadedError) as refused:
        pressure.check()
    assert refused.value.retry_after_seconds >= 10
