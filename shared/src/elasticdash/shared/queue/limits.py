"""Bounds and intervals of the queue."""

from dataclasses import dataclass

# An answer waits for the queue no longer than this: the sweeper finds what did not get there.
ENQUEUE_TIMEOUT_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """What a worker may hold, and when work passes from one to another.

    A worker renews what it holds every `renew_interval_seconds`; work not renewed for `reclaim_after_seconds` goes to
    another worker. After `max_attempts` it goes to the dead letters. Tasks that no worker knows get there after
    `unknown_task_seconds`, or when one worker has seen `max_unknown_tasks` of them lately.
    """

    max_in_flight: int = 64
    max_attempts: int = 5
    reclaim_after_seconds: float = 20.0
    reclaim_interval_seconds: float = 2.0
    renew_interval_seconds: float = 4.0
    upkeep_interval_seconds: float = 60.0
    ghost_after_seconds: float = 3600.0
    unknown_retry_seconds: float = 5.0
    unknown_task_seconds: float = 24 * 3600.0
    max_unknown_tasks: int = 10_000
    wait_seconds: float = 1.0
    first_retry_seconds: float = 1.0
    longest_retry_seconds: float = 30.0
    command_timeout_seconds: float = 5.0
    enqueue_timeout_seconds: float = ENQUEUE_TIMEOUT_SECONDS
