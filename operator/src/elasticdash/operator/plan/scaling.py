"""How many workers there may be, and how many the operator itself asks for: pure, with its memory passed in."""

import math
from dataclasses import dataclass, replace

from elasticdash.operator.api.enums import Reason, WebScaling
from elasticdash.operator.api.logger import LoggerSpec
from elasticdash.operator.api.scaling import WorkerAutoscaling
from elasticdash.operator.plan import profiles
from elasticdash.operator.plan.observed import QueueSignal


@dataclass(frozen=True, slots=True)
class Memory:
    """What scaling remembers between looks; times are in seconds of one clock. A new process starts with an empty one.

    `since` is when watching began: before a whole window was watched nothing is taken away.
    """

    since: float
    wishes: tuple[tuple[float, int], ...] = ()
    unread: int = 0
    scaled_up_at: float = float("-inf")
    scaled_down_at: float = float("-inf")


@dataclass(frozen=True, slots=True)
class Decision:
    """The replicas to have now, why, and what to remember."""

    replicas: int
    reason: Reason
    memory: Memory


def worker_ceiling(spec: LoggerSpec) -> int:
    """The most workers any autoscaler may make: what the database bears beside all web pods; at least one."""
    wanted = spec.worker.autoscaling.max_replicas
    postgres = spec.stores.postgres
    if postgres.max_connections is None:
        return wanted
    for_all = postgres.max_connections // postgres.pool_size
    return max(1, min(wanted, for_all - _most_web_pods(spec)))


def decide(current: int, signal: QueueSignal | None, spec: LoggerSpec, memory: Memory, now: float) -> Decision:
    """What to have now. Without a signal nothing is taken away, and 0 only ever comes from an empty queue."""
    rules = spec.worker.autoscaling
    ceiling = worker_ceiling(spec)
    if signal is None:
        return _blind(current, rules, ceiling, memory)
    wish = _wish(current, signal, rules)
    memory = replace(memory, unread=0, wishes=(*_recent(memory, rules, now), (now, wish)))
    floor = min(0 if rules.scale_to_zero else rules.min_replicas, ceiling)
    target = max(floor, min(wish, ceiling))
    if target > current:
        target, memory = _up(current, max(target, floor), rules, memory, now)
    elif current > ceiling:
        target = ceiling
    elif target < current:
        target, memory = _down(current, floor, rules, memory, now)
    return Decision(max(target, floor), _reason(wish, ceiling, rules), memory)


def _blind(current: int, rules: WorkerAutoscaling, ceiling: int, memory: Memory) -> Decision:
    memory = replace(memory, unread=memory.unread + 1)
    least = rules.min_replicas
    if memory.unread >= rules.fallback.failure_threshold:
        least = rules.fallback.replicas or least
    elif rules.scale_to_zero:
        least = 0
    return Decision(min(max(current, least), ceiling), Reason.METRIC_UNAVAILABLE, memory)


def _wish(current: int, signal: QueueSignal, rules: WorkerAutoscaling) -> int:
    wish = math.ceil(signal.items / rules.target_queue_items)
    if signal.items and signal.oldest_age_seconds > rules.max_oldest_age.total_seconds():
        # Few batches that are late are slow ones: they need hands too.
        wish = max(wish, current + 1)
    return wish


def _up(current: int, target: int, rules: WorkerAutoscaling, memory: Memory, now: float) -> tuple[int, Memory]:
    pace = rules.behavior.scale_up
    if now - memory.scaled_up_at < pace.period.total_seconds():
        return current, memory
    window = pace.window.total_seconds()
    # The lowest wish of the window counts, and a window that was not watched whole is no reason to add.
    target = min(target, *(count for at, count in memory.wishes if now - at <= window))
    if window and now - memory.since < window:
        target = current
    step = max(math.ceil(current * pace.percent / 100), pace.pods)
    target = min(target, current + step)
    if target <= current:
        return current, memory
    return target, replace(memory, scaled_up_at=now)


def _down(current: int, floor: int, rules: WorkerAutoscaling, memory: Memory, now: float) -> tuple[int, Memory]:
    pace = rules.behavior.scale_down
    window = pace.window.total_seconds()
    if now - memory.since < window or now - memory.scaled_down_at < pace.period.total_seconds():
        return current, memory
    highest = max(count for at, count in memory.wishes if now - at <= window)
    step = max(1, math.floor(current * pace.percent / 100))
    target = max(highest, floor, current - step)
    if target >= current:
        return current, memory
    return target, replace(memory, scaled_down_at=now)


def _recent(memory: Memory, rules: WorkerAutoscaling, now: float) -> tuple[tuple[float, int], ...]:
    behavior = rules.behavior
    longest = max(behavior.scale_up.window, behavior.scale_down.window).total_seconds()
    return tuple((at, count) for at, count in memory.wishes if now - at <= longest)


def _reason(wish: int, ceiling: int, rules: WorkerAutoscaling) -> Reason:
    if wish <= ceiling:
        return Reason.BUILTIN
    return Reason.CONNECTIONS_EXHAUSTED if ceiling < rules.max_replicas else Reason.AT_MAX


def _most_web_pods(spec: LoggerSpec) -> int:
    is_fixed = profiles.web_scaling(spec) is WebScaling.NONE
    return spec.web.replicas if is_fixed else spec.web.autoscaling.max_replicas
