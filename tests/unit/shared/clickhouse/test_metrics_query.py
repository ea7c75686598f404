"""Time buckets of metrics queries, as Python counts them."""

from datetime import UTC, datetime

import pytest

from elasticdash.shared.clickhouse import metrics_query
from elasticdash.shared.clickhouse.metrics_query import Granularity

SECOND_US = 1_000_000


def us(text: str) -> int:
    """Microseconds of a UTC time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * SECOND_US)


def starts(granularity: Granularity, from_: str, to: str) -> list[str]:
    """Starts of the buckets, as text."""
    found = metrics_query.buckets(granularity, us(from_), us(to))
    return [f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}" for seconds in found]


@pytest.mark.parametrize(
    ("granularity", "expected"),
    [
        (Granularity.MINUTE, ["2024-02-28T23:59:00", "2024-02-29T00:00:00", "2024-02-29T00:01:00"]),
        (Granularity.HOUR, ["2024-02-28T23:00:00", "2024-02-29T00:00:00"]),
        (Granularity.DAY, ["2024-02-28T00:00:00", "2024-02-29T00:00:00"]),
        (Granularity.WEEK, ["2024-02-26T00:00:00"]),
        (Granularity.MONTH, ["2024-02-01T00:00:00"]),
    ],
)
def test_buckets_touch_the_whole_range(granularity: Granularity, expected: list[str]) -> None:
    assert starts(granularity, "2024-02-28T23:59:59.999999", "2024-02-29T00:01:00") == expected


def test_weeks_begin_on_monday_before_the_epoch_too() -> None:
    assert starts(Granularity.WEEK, "1969-12-28T23:59:59", "1970-01-05T00:00:00") == [
        "1969-12-22T00:00:00",
        "1969-12-29T00:00:00",
        "1970-01-05T00:00:00",
    ]


def test_months_follow_each_other_over_a_year() -> None:
    found = starts(Granularity.MONTH, "2023-11-30T00:00:00", "2024-03-01T00:00:00")

    assert [text[:7] for text in found] == ["2023-11", "2023-12", "2024-01", "2024-02", "2024-03"]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (2 * 3600 - 1, Granularity.MINUTE),
        (2 * 3600, Granularity.HOUR),
        (72 * 3600 - 1, Granularity.HOUR),
        (72 * 3600, Granularity.DAY),
        (60 * 86_400, Granularity.WEEK),
        (365 * 86_400, Granularity.MONTH),
    ],
)
def test_auto_changes_at_the_stated_lengths(seconds: int, expected: Granularity) -> None:
    assert metrics_query.auto_granularity(0, seconds * SECOND_US) is expected
