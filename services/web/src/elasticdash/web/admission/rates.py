"""How often a project may call: a bucket of tokens for each kind of call, in this process."""

import math
import random
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from elasticdash.shared import errors
from elasticdash.shared.settings.rate_limits import Resource
from elasticdash.shared.telemetry import metrics

Limits = Mapping[Resource, int]

_MINUTE_SECONDS = 60.0
_MAX_BUCKETS = 50_000


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a limit, and when all of it is back, in epoch seconds."""

    limit: int
    remaining: int
    reset_at: int

    def headers(self) -> dict[str, str]:
        """As the answer tells it."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset_at),
        }


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class RateLimiter:
    """Grants each project `limit` calls a minute of each kind: at once or spread out. Other processes grant their own.

    A project's own limits stand in place of the defaults; 0 is no limit.
    """

    def __init__(
        self,
        defaults: Limits | None = None,
        by_project: Mapping[str, Limits] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._defaults = defaults or {}
        self._by_project = by_project or {}
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, Resource], _Bucket] = OrderedDict()

    def admit(self, project_id: str, resource: Resource, cost: int = 1) -> Standing | None:
        """What is left once `cost` is taken, or None without a limit; RateLimitedError when it isn't there.

        A cost above the limit is granted from a full bucket, which then owes it.
        """
        own = self._by_project.get(project_id, {})
        limit = own.get(resource, self._defaults.get(resource, 0))
        if limit <= 0:
            return None
        now, per_second = self._clock(), limit / _MINUTE_SECONDS
        bucket = self._filled(project_id, resource, limit, now)
        needed = min(cost, limit)
        is_granted = bucket.tokens >= needed
        if is_granted:
            bucket.tokens -= cost
        reset_at = math.ceil(now + (limit - bucket.tokens) / per_second)
        standing = Standing(limit, max(math.floor(bucket.tokens), 0), reset_at)
        if is_granted:
            return standing
        metrics.REFUSALS.labels("rate_limit").inc()
        raise RateLimitedError(resource, standing, with_jitter(math.ceil((needed - bucket.tokens) / per_second)))

    def _filled(self, project_id: str, resource: Resource, limit: int, now: float) -> _Bucket:
        key = (project_id, resource)
        bucket = self._buckets.setdefault(key, _Bucket(limit, now))
        self._buckets.move_to_end(key)
        while len(self._buckets) > _MAX_BUCKETS:
            self._buckets.popitem(last=False)
        grown = bucket.tokens + max(now - bucket.filled_at, 0) * limit / _MINUTE_SECONDS
        bucket.tokens, bucket.filled_at = min(grown, limit), now
        return bucket


class RateLimitedError(errors.UnavailableError):
    """The project called too often; `standing` says what its limit is."""

    def __init__(self, resource: Resource, standing: Standing, retry_after_seconds: int) -> None:
        super().__init__(f"Rate limit exceeded for {resource}: {standing.limit} a minute", retry_after_seconds)
        self.standing = standing


def with_jitter(seconds: int) -> int:
    """A wait that differs between clients, so that they don't come back together; never shorter."""
    return seconds + random.randint(0, max(seconds // 2, 1))


def resource_of(path_template: str) -> Resource | None:
    """The kind of call a path of the public API is; None for those without a limit."""
    path = path_template.removeprefix("/api/public/").removeprefix("v2/").removeprefix("v3/")
    first = path.split("/")[0]
    if first in ("projects", "organizations", "health", "ready"):
        return None
    if first == "metrics":
        return "public-api-metrics"
    return "prompts" if first == "prompts" else "public-api"
