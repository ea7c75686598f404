"""Time buckets of the metrics API: where they begin, and that none is missing."""

from typing import Any

import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from support.metrics import query, rows
from support.records import SECOND_US, START_US, make_observation, store

HOUR_US = 3600 * SECOND_US
DAY_US = 24 * HOUR_US


@pytest.mark.parametrize(
    ("granularity", "bucket"),
    [
        ("minute", "2026-03-04T05:06:00.000Z"),
        ("hour", "2026-03-04T05:00:00.000Z"),
        ("day", "2026-03-04T00:00:00.000Z"),
        ("week", "2026-03-02T00:00:00.000Z"),
        ("month", "2026-03-01T00:00:00.000Z"),
    ],
)
@pytest.mark.parametrize("path", ["/metrics", "/v2/metrics"])
async def test_buckets_begin_in_utc(
    clickhouse: ClickHouse, scope: ProjectScope, path: str, granularity: str, bucket: str
) -> None:
    await store(clickhouse, scope, [], [make_observation()])
    bounds = {"fromTimestamp": "2026-03-04T05:06:00Z", "toTimestamp": "2026-03-04T05:06:59Z"}
    asked = query("observations", "count_count", timeDimension={"granularity": granularity}) | bounds

    answer = await rows(clickhouse, scope, asked, path)

    assert answer == [{"time_dimension": bucket, "count_count": "1"}]


async def test_empty_buckets_are_filled_in_place(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    observations = [
        make_observation("a", end_time_us=START_US + 250_000),
        make_observation("b", start_time_us=START_US + 2 * DAY_US, name="other"),
    ]
    await store(clickhouse, scope, [], observations)
    metrics = ["count_count", "sum_totalCost", "avg_latency", "uniq_traceId", "histogram_latency"]
    asked = query("observations", *metrics, by=["name"], timeDimension={"granularity": "day"})

    answer = await rows(clickhouse, scope, asked)

    nothing = {
        "name": None,
        "count_count": "0",
        "sum_totalCost": 0,
        "avg_latency": None,
        "uniq_traceId": "0",
        "histogram_latency": [],
    }
    full = {**nothing, "count_count": "1", "uniq_traceId": "1"}
    assert answer == [
        {
            "time_dimension": "2026-03-04T00:00:00.000Z",
            **full,
            "name": "step",
            "avg_latency": 250,
            "histogram_latency": [[250, 250, 1]],
        },
        {"time_dimension": "2026-03-05T00:00:00.000Z", **nothing},
        {"time_dimension": "2026-03-06T00:00:00.000Z", **full, "name": "other"},
        {"time_dimension": "2026-03-07T00:00:00.000Z", **nothing},
        {"time_dimension": "2026-03-08T00:00:00.000Z", **nothing},
    ]


async def test_months_of_every_length_are_filled(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    bounds = {"fromTimestamp": "2023-12-31T23:59:59Z", "toTimestamp": "2024-04-01T00:00:00Z"}
    asked = query("observations", "count_count", timeDimension={"granularity": "month"}) | bounds

    answer = await rows(clickhouse, scope, asked)

    assert [row["time_dimension"][:10] for row in answer] == [
        "2023-12-01",
        "2024-01-01",
        "2024-02-01",
        "2024-03-01",
        "2024-04-01",
    ]


async def test_ordered_rows_are_not_filled(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    observations = [make_observation(str(n), start_time_us=START_US + (n > 0) * DAY_US) for n in range(3)]
    await store(clickhouse, scope, [], observations)
    order = [{"field": "count_count", "direction": "desc"}]
    asked = query("observations", "count_count", timeDimension={"granularity": "day"}, orderBy=order)

    answer = await rows(clickhouse, scope, asked)

    assert [(row["time_dimension"][:10], row["count_count"]) for row in answer] == [
        ("2026-03-05", "2"),
        ("2026-03-04", "1"),
    ]


async def test_rows_can_be_ordered_by_time(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    observations = [make_observation(str(n), start_time_us=START_US + n * DAY_US) for n in range(3)]
    await store(clickhouse, scope, [], observations)
    order = [{"field": "time_dimension", "direction": "desc"}]
    asked = query("observations", "count_count", timeDimension={"granularity": "day"}, orderBy=order)

    answer = await rows(clickhouse, scope, asked)

    assert [row["time_dimension"][8:10] for row in answer] == ["06", "05", "04"]


async def test_filled_rows_count_towards_the_limit(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    bounds = {"fromTimestamp": "0001-01-01T00:00:00Z", "toTimestamp": "9999-12-31T00:00:00Z"}
    asked = query("observations", "count_count", timeDimension={"granularity": "minute"}) | bounds

    assert len(await rows(clickhouse, scope, asked)) == 100
    assert len(await rows(clickhouse, scope, asked | {"config": {"row_limit": 7}})) == 7
    assert len(await rows(clickhouse, scope, asked, "/metrics")) == 10_000


@pytest.mark.parametrize(
    ("to", "second_bucket"),
    [
        ("2026-03-01T01:59:59Z", "2026-03-01T00:01"),
        ("2026-03-01T02:00:00Z", "2026-03-01T01:00"),
        ("2026-03-03T23:59:59Z", "2026-03-01T01:00"),
        ("2026-03-04T00:00:00Z", "2026-03-02T00:00"),
        ("2026-04-29T23:59:59Z", "2026-03-02T00:00"),
        ("2026-04-30T00:00:00Z", "2026-03-02T00:00"),
        ("2027-02-28T23:59:59Z", "2026-03-02T00:00"),
        ("2027-03-01T00:00:00Z", "2026-04-01T00:00"),
    ],
)
async def test_auto_fits_the_range(clickhouse: ClickHouse, scope: ProjectScope, to: str, second_bucket: str) -> None:
    bounds: dict[str, Any] = {"fromTimestamp": "2026-03-01T00:00:00Z", "toTimestamp": to}
    asked = query("observations", "count_count", timeDimension={"granularity": "auto"}) | bounds

    answer = await rows(clickhouse, scope, asked)

    assert answer[1]["time_dimension"].startswith(second_bucket)
