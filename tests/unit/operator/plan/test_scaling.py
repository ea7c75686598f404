"""Builtin scaling of workers: on what waits and how long, damped, bounded, never blind."""

from typing import Any

import pytest

from elasticdash.operator.api.enums import Reason
from elasticdash.operator.api.logger import LoggerSpec
from elasticdash.operator.plan import scaling
from elasticdash.operator.plan.observed import QueueSignal
from elasticdash.operator.plan.scaling import Memory

# Watching began long ago.
WATCHED = Memory(since=-1_000)


def spec(*, stores: dict[str, Any] | None = None, **autoscaling: Any) -> LoggerSpec:
    return LoggerSpec.model_validate({"worker": {"autoscaling": autoscaling}, "stores": stores or {}})


SPEC = spec()


def signal(lag: int = 0, pending: int = 0, age: float = 0) -> QueueSignal:
    return QueueSignal(lag, pending, age)


@pytest.mark.parametrize("current", [1, 2, 7, 20, 30])
def test_without_a_signal_nothing_moves_but_into_the_bounds(current: int) -> None:
    decided = scaling.decide(current, None, SPEC, WATCHED, 0)

    assert decided.replicas == max(2, min(current, 20))
    assert decided.reason is Reason.METRIC_UNAVAILABLE


def test_without_a_signal_for_long_the_fallback_is_the_least() -> None:
    rules = spec(fallback={"replicas": 6, "failureThreshold": 2})

    first = scaling.decide(3, None, rules, WATCHED, 0)
    second = scaling.decide(3, None, rules, first.memory, 15)

    assert [first.replicas, second.replicas] == [3, 6]
    assert scaling.decide(9, None, rules, first.memory, 15).replicas == 9


def test_only_an_empty_queue_that_is_seen_leads_to_zero() -> None:
    rules = spec(scaleToZero=True)

    assert scaling.decide(1, None, rules, WATCHED, 0).replicas == 1
    assert scaling.decide(1, signal(pending=1), rules, WATCHED, 0).replicas == 1
    assert scaling.decide(1, signal(), rules, WATCHED, 0).replicas == 0
    assert scaling.decide(0, signal(lag=1), rules, WATCHED, 0).replicas == 1
    assert scaling.decide(1, signal(), SPEC, WATCHED, 0).replicas == 2


def test_the_databases_connections_bound_the_workers_and_are_named() -> None:
    rules = spec(stores={"postgres": {"poolSize": 10, "maxConnections": 160}})

    decided = scaling.decide(5, signal(lag=50_000), rules, WATCHED, 0)

    assert decided.replicas == 6
    assert decided.reason is Reason.CONNECTIONS_EXHAUSTED


def test_a_database_that_web_alone_can_fill_still_leaves_one_worker() -> None:
    rules = spec(stores={"postgres": {"poolSize": 10, "maxConnections": 50}})

    assert scaling.decide(5, signal(lag=9_000), rules, WATCHED, 0).replicas == 1


def test_the_maximum_holds_and_is_named() -> None:
    decided = scaling.decide(19, signal(lag=50_000), SPEC, WATCHED, 0)

    assert (decided.replicas, decided.reason) == (20, Reason.AT_MAX)


def test_what_a_worker_prefetched_counts_as_waiting() -> None:
    assert scaling.decide(2, signal(lag=0, pending=2_500), SPEC, WATCHED, 0).replicas == 5


def test_few_batches_that_are_late_add_a_worker() -> None:
    assert scaling.decide(2, signal(pending=1, age=61), SPEC, WATCHED, 0).replicas == 3
    assert scaling.decide(2, signal(pending=1, age=59), SPEC, WATCHED, 0).replicas == 2


def test_growth_is_at_most_double_or_four_more_per_half_minute() -> None:
    first = scaling.decide(2, signal(lag=10_000), SPEC, WATCHED, 0)
    too_soon = scaling.decide(first.replicas, signal(lag=10_000), SPEC, first.memory, 15)
    second = scaling.decide(first.replicas, signal(lag=10_000), SPEC, too_soon.memory, 30)
    third = scaling.decide(second.replicas, signal(lag=10_000), SPEC, second.memory, 60)

    assert [first.replicas, too_soon.replicas, second.replicas, third.replicas] == [6, 6, 12, 20]


def test_a_window_for_growth_ignores_a_peak_that_passes() -> None:
    rules = spec(behavior={"scaleUp": {"window": "1m"}})
    calm = scaling.decide(2, signal(lag=900), rules, WATCHED, 0)

    peak = scaling.decide(2, signal(lag=9_000), rules, calm.memory, 15)
    lasting = scaling.decide(2, signal(lag=9_000), rules, peak.memory, 76)

    assert [peak.replicas, lasting.replicas] == [2, 6]


def test_a_new_process_does_not_shrink_before_it_watched_a_whole_window() -> None:
    memory = Memory(since=0)
    replicas = 8
    for now in range(0, 300, 15):
        decided = scaling.decide(replicas, signal(), SPEC, memory, now)
        replicas, memory = decided.replicas, decided.memory

    assert replicas == 8
    assert scaling.decide(replicas, signal(), SPEC, memory, 300).replicas == 6


def test_a_burst_within_the_window_keeps_what_it_needed() -> None:
    burst = scaling.decide(8, signal(lag=3_500), SPEC, WATCHED, 0)

    assert scaling.decide(8, signal(), SPEC, burst.memory, 290).replicas == 7
    assert scaling.decide(8, signal(), SPEC, burst.memory, 301).replicas == 6


def test_shrinking_takes_a_quarter_a_minute_down_to_the_minimum() -> None:
    memory, replicas, seen = WATCHED, 12, list[int]()
    for now in range(0, 600, 60):
        decided = scaling.decide(replicas, signal(), SPEC, memory, now)
        replicas, memory = decided.replicas, decided.memory
        seen.append(replicas)

    assert seen[:6] == [9, 7, 6, 5, 4, 3]
    assert seen[-1] == 2


def test_memory_stays_bounded() -> None:
    memory = WATCHED
    for now in range(0, 3_000, 15):
        memory = scaling.decide(2, signal(), SPEC, memory, now).memory

    assert len(memory.wishes) == 21
