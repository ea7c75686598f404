"""When calls are let through."""

from elasticdash.shared.queue.breaker import Breaker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(max_failures=3, pause_seconds=5, now=clock)
    for _ in range(3):
        breaker.failed()
    return breaker


def test_calls_are_refused_after_so_many_failures_in_a_row():
    breaker = opened(Clock())

    assert not breaker.allows()


def test_a_success_in_between_starts_the_count_again():
    breaker = Breaker(max_failures=2, pause_seconds=5, now=Clock())
    breaker.failed()
    breaker.succeeded()
    breaker.failed()

    assert breaker.allows()


def test_one_call_is_let_through_after_the_pause():
    clock = Clock()
    breaker = opened(clock)
    clock.now += 5

    assert [breaker.allows(), breaker.allows()] == [True, False]


def test_a_success_after_the_pause_closes_it():
    clock = Clock()
    breaker = opened(clock)
    clock.now += 5
    breaker.allows()
    breaker.succeeded()

    assert [breaker.allows(), breaker.allows()] == [True, True]
