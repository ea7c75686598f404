"""A project's calls: granted up to its limit, refused with what it needs to know, never at another's cost."""

import pytest

from elasticdash.web.admission import rates
from elasticdash.web.admission.rates import Limits, RateLimitedError, RateLimiter

START = 1_000_000.0


class Clock:
    """A time that moves when told to."""

    now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> RateLimiter:
    own: dict[str, Limits] = {"small": {"ingestion": 1}, "free": {"ingestion": 0}}
    return RateLimiter({"ingestion": 60, "ingestion-events": 100}, own, clock)


def test_calls_past_the_limit_are_refused_with_what_is_left_and_when(limiter: RateLimiter):
    for _ in range(60):
        limiter.admit("a", "ingestion")

    with pytest.raises(RateLimitedError) as refused:
        limiter.admit("a", "ingestion")

    assert refused.value.standing.headers() == {
        "X-RateLimit-Limit": "60",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(START) + 60),
    }
    assert refused.value.retry_after_seconds in (1, 2)


def test_one_project_spends_nothing_of_another(limiter: RateLimiter):
    for _ in range(60):
        limiter.admit("a", "ingestion")

    standing = limiter.admit("b", "ingestion")

    assert standing is not None
    assert standing.remaining == 59


def test_tokens_come_back_with_time(limiter: RateLimiter, clock: Clock):
    for _ in range(60):
        limiter.admit("a", "ingestion")
    clock.now += 2

    limiter.admit("a", "ingestion")
    limiter.admit("a", "ingestion")

    with pytest.raises(RateLimitedError):
        limiter.admit("a", "ingestion")


def test_clock_that_goes_back_takes_nothing(limiter: RateLimiter, clock: Clock):
    limiter.admit("a", "ingestion")
    clock.now -= 3600

    standing = limiter.admit("a", "ingestion")

    assert standing is not None
    assert standing.remaining == 58


def test_batch_larger_than_the_limit_is_granted_once_and_paid_back(limiter: RateLimiter, clock: Clock):
    limiter.admit("a", "ingestion-events", cost=250)
    clock.now += 60

    with pytest.raises(RateLimitedError) as refused:
        limiter.admit("a", "ingestion-events", cost=1)

    assert refused.value.retry_after_seconds >= 31
    clock.now += 60
    limiter.admit("a", "ingestion-events", cost=1)


def test_own_limit_goes_before_the_default(limiter: RateLimiter):
    limiter.admit("small", "ingestion")

    with pytest.raises(RateLimitedError):
        limiter.admit("small", "ingestion")
    assert limiter.admit("free", "ingestion") is None
    limiter.admit("small", "ingestion-events", cost=100)


def test_kinds_without_a_limit_are_not_counted(limiter: RateLimiter):
    assert limiter.admit("a", "public-api") is None


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/api/public/projects", None),
        ("/api/public/health", None),
        ("/api/public/traces/{trace_id:path}", "public-api"),
        ("/api/public/v2/prompts/{name}", "prompts"),
        ("/api/public/v2/metrics", "public-api-metrics"),
        ("/api/public/metrics/daily", "public-api-metrics"),
    ],
)
def test_path_belongs_to_a_kind(path: str, resource: str | None):
    assert rates.resource_of(path) == resource
