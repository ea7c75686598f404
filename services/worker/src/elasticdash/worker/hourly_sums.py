"""Keeps the sums of past hours true, so that metrics over weeks need not read every observation."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from elasticdash.shared.clickhouse import hourly_usage
from elasticdash.shared.clickhouse.client import ClickHouse

# Of one project in one round: the next round goes on, and others need not wait.
_MOST_HOURS = 1000
_ROWS_PER_STATEMENT = 1_000_000
_HOURS_PER_STATEMENT = 200


async def make(clickhouse: ClickHouse, now: datetime) -> int:
    """Make the sums that are missing or no longer true, newest hours first; returns of how many hours.

    The running hour is left out: its rows are still being written, and reading them is cheap.
    """
    made = 0
    for changed in await hourly_usage.fetch_changed(clickhouse, int(now.timestamp()) // 3600):
        for hours in statements(changed.hours[-_MOST_HOURS:]):
            await hourly_usage.make(clickhouse, changed.scope, hours)
            made += len(hours)
    return made


def statements(hours: Sequence[tuple[int, int]]) -> Iterator[Sequence[int]]:
    """Hours that are made together, from (hour, number of rows) ascending: newest first, each part ascending."""
    part: list[int] = []
    rows = 0
    for hour, row_count in reversed(hours):
        if part and (len(part) == _HOURS_PER_STATEMENT or rows + row_count > _ROWS_PER_STATEMENT):
            yield part[::-1]
            part, rows = [], 0
        part.append(hour)
        rows += row_count
    if part:
        yield part[::-1]
