"""What a metrics query asks for, and the time buckets it is answered in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from elasticdash.shared.clickhouse.filter_conditions import Condition

_SECOND_US = 1_000_000
_HOUR_US = 3600 * _SECOND_US
_DAY_US = 24 * _HOUR_US
# The first Monday after the epoch.
_MONDAY_SECONDS = 4 * 86_400


class Aggregation(StrEnum):
    """How the values of a group become one."""

    SUM = "sum"
    AVG = "avg"
    COUNT = "count"
    MAX = "max"
    MIN = "min"
    P50 = "p50"
    P75 = "p75"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"
    HISTOGRAM = "histogram"
    UNIQ = "uniq"


class Granularity(StrEnum):
    """The length of a time bucket; buckets are of UTC, weeks begin on Monday."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Metric:
    """One number per row of the answer, under the key `<aggregation>_<measure>`."""

    measure: str
    aggregation: Aggregation

    @property
    def key(self) -> str:
        """Its name in the answer."""
        return f"{self.aggregation}_{self.measure}"


@dataclass(frozen=True, slots=True)
class OrderBy:
    """A key of the answer to sort by."""

    key: str
    is_descending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsQuery:
    """A query whose names are known to its view. Both time bounds (µs since the epoch) are inclusive."""

    view: str
    dimensions: Sequence[str]
    metrics: Sequence[Metric]
    conditions: Sequence[Condition]
    granularity: Granularity | None
    from_us: int
    to_us: int
    order: Sequence[OrderBy]
    bins: int
    row_limit: int


_STEP_SECONDS = {
    Granularity.MINUTE: 60,
    Granularity.HOUR: 3600,
    Granularity.DAY: 86_400,
    Granularity.WEEK: 7 * 86_400,
}
# The first that is longer than the range, from the shortest; months beyond.
_AUTO = (
    (2 * _HOUR_US, Granularity.MINUTE),
    (72 * _HOUR_US, Granularity.HOUR),
    (60 * _DAY_US, Granularity.DAY),
    (365 * _DAY_US, Granularity.WEEK),
)


def auto_granularity(from_us: int, to_us: int) -> Granularity:
    """A granularity that cuts a range into a readable number of buckets. Source: API contract research, §7.3."""
    length_us = to_us - from_us
    return next((granularity for bound, granularity in _AUTO if length_us < bound), Granularity.MONTH)


def bucket_sql(granularity: Granularity, time_column: str) -> str:
    """The start of the bucket of a DateTime64(6) column, in seconds since the epoch."""
    if granularity is Granularity.MONTH:
        return f"toInt64(toUnixTimestamp(toDateTime(toStartOfMonth({time_column}, 'UTC'), 'UTC')))"
    seconds = f"toUnixTimestamp64Second({time_column})"
    step = _STEP_SECONDS[granularity]
    if granularity is Granularity.WEEK:
        return f"{seconds} - positiveModulo({seconds} - {_MONDAY_SECONDS}, {step})"
    return f"{seconds} - positiveModulo({seconds}, {step})"


def buckets(granularity: Granularity, from_us: int, to_us: int) -> Iterator[int]:
    """Starts of all buckets that touch a range, in seconds since the epoch, ascending."""
    last = to_us // _SECOND_US
    current = _bucket_of(granularity, from_us // _SECOND_US)
    while current <= last:
        yield current
        current = _next(granularity, current)


def _bucket_of(granularity: Granularity, seconds: int) -> int:
    if granularity is Granularity.MONTH:
        return int(_moment(seconds).replace(day=1, hour=0, minute=0, second=0).timestamp())
    offset = _MONDAY_SECONDS if granularity is Granularity.WEEK else 0
    return seconds - (seconds - offset) % _STEP_SECONDS[granularity]


def _next(granularity: Granularity, seconds: int) -> int:
    if granularity is not Granularity.MONTH:
        return seconds + _STEP_SECONDS[granularity]
    # 31 days after the first of a month is always in the next one.
    return _bucket_of(granularity, seconds + 31 * 86_400)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
