"""Whether there is room for more accepted work behind the web service."""

from collections.abc import Callable
from dataclasses import dataclass

from elasticdash.shared import errors
from elasticdash.shared.backlog import Backlog
from elasticdash.shared.telemetry import metrics
from elasticdash.web.admission.rates import with_jitter

_RETRY_AFTER_SECONDS = 10


@dataclass(frozen=True, slots=True)
class PressureLimits:
    """Beyond these nothing is accepted."""

    max_backlog_age_seconds: float = 3600.0
    max_backlog_batches: int = 1_000_000
    min_free_disk_percent: float = 5.0


class Pressure:
    """Asks what is known; a queue that can't be read refuses nothing, since it is only a hint."""

    def __init__(
        self,
        limits: PressureLimits | None = None,
        backlog: Callable[[], Backlog | None] = lambda: None,
        free_disk_percent: Callable[[], float] | None = None,
    ) -> None:
        self._limits = limits or PressureLimits()
        self._backlog = backlog
        self._free_disk_percent = free_disk_percent

    def check(self) -> None:
        """Nothing when there is room; OverloadedError when there is none."""
        backlog = self._backlog()
        if backlog is not None:
            if backlog.oldest_age_seconds > self._limits.max_backlog_age_seconds:
                raise _refused("backlog_age", "Accepted events wait too long to be stored")
            if backlog.lag + backlog.pending > self._limits.max_backlog_batches:
                raise _refused("backlog_size", "Too many accepted events wait to be stored")
        if self._free_disk_percent and self._free_disk_percent() < self._limits.min_free_disk_percent:
            raise _refused("disk", "The disk is nearly full")


def _refused(reason: str, message: str) -> errors.OverloadedError:
    metrics.REFUSALS.labels(reason).inc()
    return errors.OverloadedError(message, with_jitter(_RETRY_AFTER_SECONDS))
