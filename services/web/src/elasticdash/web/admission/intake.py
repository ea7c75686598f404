"""What ingest requests may hold in memory at the same time, in all and each project."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from elasticdash.shared import errors
from elasticdash.shared.telemetry import metrics
from elasticdash.web.admission.rates import with_jitter


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """Bytes and requests in flight; one project gets `project_share` of each, so that others always get in."""

    max_bytes: int = 256 * 1024 * 1024
    max_requests: int = 256
    project_share: float = 0.5


class Hold:
    """What one request holds."""

    def __init__(self, intake: "Intake", project_id: str) -> None:
        self._intake = intake
        self._project_id = project_id
        self.size_bytes = 0

    def add(self, size_bytes: int) -> None:
        """Hold this much more; OverloadedError when it would break a bound."""
        self._intake.take(self._project_id, size_bytes, held_bytes=self.size_bytes)
        self.size_bytes += size_bytes


class Intake:
    """Counts from the first byte of a body until the request is answered."""

    def __init__(self, limits: IntakeLimits | None = None) -> None:
        self._limits = limits or IntakeLimits()
        self._bytes = 0
        self._requests = 0
        self._bytes_of: Counter[str] = Counter()
        self._requests_of: Counter[str] = Counter()

    @contextmanager
    def entered(self, project_id: str) -> Generator[Hold]:
        """A request of a project until the block ends; OverloadedError when there are too many."""
        limits = self._limits
        if self._requests >= limits.max_requests:
            raise _refused("ingest_requests")
        if self._requests_of[project_id] >= max(limits.max_requests * limits.project_share, 1):
            raise _refused("project_ingest_requests")
        self._requests += 1
        self._requests_of[project_id] += 1
        hold = Hold(self, project_id)
        try:
            yield hold
        finally:
            self._requests -= 1
            self._give_back(project_id, hold.size_bytes)

    def take(self, project_id: str, size_bytes: int, held_bytes: int) -> None:
        """Count bytes of a request that holds `held_bytes` already."""
        limits = self._limits
        if self._bytes + size_bytes > limits.max_bytes:
            raise _refused("ingest_bytes")
        # A request alone may be larger than the share; together they may not.
        others_bytes = self._bytes_of[project_id] - held_bytes
        if others_bytes and self._bytes_of[project_id] + size_bytes > limits.max_bytes * limits.project_share:
            raise _refused("project_ingest_bytes")
        self._bytes += size_bytes
        self._bytes_of[project_id] += size_bytes
        metrics.INGEST_IN_FLIGHT_BYTES.set(self._bytes)

    def _give_back(self, project_id: str, size_bytes: int) -> None:
        self._bytes -= size_bytes
        self._bytes_of[project_id] -= size_bytes
        self._requests_of[project_id] -= 1
        if not self._requests_of[project_id]:
            del self._requests_of[project_id], self._bytes_of[project_id]
        metrics.INGEST_IN_FLIGHT_BYTES.set(self._bytes)


def _refused(reason: str) -> errors.OverloadedError:
    metrics.REFUSALS.labels(reason).inc()
    return errors.OverloadedError("Too many events are being accepted right now", retry_after_seconds=with_jitter(1))
