"""`GET /api/public/metrics/daily`: what was used per UTC day and model."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest

from elasticdash.shared.clickhouse import deletion
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.public_api.metrics import routes
from support.clickhouse import new_scope
from support.metrics import Row, day_text, make_seed, store_seed
from support.reading import client_of
from support.records import make_observation, make_trace, store

SEED = make_seed()
TRACES = {trace.id: trace for trace in SEED.traces}


@pytest.fixture(scope="module")
def seeded(clickhouse: ClickHouse) -> ProjectScope:
    """A project with the seed in it; tests only read it."""
    scope = new_scope()
    asyncio.run(store_seed(clickhouse, scope, SEED))
    return scope


async def _get(clickhouse: ClickHouse, scope: ProjectScope, **params: Any) -> httpx.Response:
    async with client_of(routes.router, clickhouse, scope) as client:
        return await client.get("/metrics/daily", params=params)


def expected_days(kept: Callable[[Observation], bool] = lambda _: True) -> Sequence[Row]:
    """The days of the seed, newest first, as far as observations are kept; a trace counts with its first one."""
    days: defaultdict[str, list[Observation]] = defaultdict(list)
    for observation in filter(kept, SEED.observations):
        days[day_text(observation.start_time_us)[:10]].append(observation)
    return [
        {
            "date": date,
            "countTraces": sum(o.parent_observation_id is None for o in of_day),
            "countObservations": len(of_day),
            "totalCost": pytest.approx(sum(float(o.total_cost_usd or 0) for o in of_day)),
            "usage": [_usage(model, [o for o in of_day if o.model == model]) for model in ("claude", "gpt-4o", None)],
        }
        for date, of_day in sorted(days.items(), reverse=True)
    ]


def _usage(model: str | None, group: Sequence[Observation]) -> Row:
    return {
        "model": model,
        "inputUsage": sum(o.usage.get("input", 0) for o in group),
        "outputUsage": sum(o.usage.get("output", 0) for o in group),
        "totalUsage": sum(o.usage.get("total", 0) for o in group),
        "totalCost": pytest.approx(sum(float(o.total_cost_usd or 0) for o in group)),
        "countObservations": len(group),
        "countTraces": len({o.trace_id for o in group}),
    }


@pytest.mark.parametrize("params", [{"limit": 101}, {"page": 0}, {"fromTimestamp": "yesterday"}], ids=str)
async def test_broken_queries_are_refused(clickhouse: ClickHouse, seeded: ProjectScope, params: Row) -> None:
    assert (await _get(clickhouse, seeded, **params)).status_code == 400


async def test_other_projects_are_not_counted(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    body = (await _get(clickhouse, new_scope())).json()

    assert body == {"data": [], "meta": {"page": 1, "limit": 50, "totalItems": 0, "totalPages": 0}}


async def test_days_newest_first(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    body = (await _get(clickhouse, seeded)).json()

    assert [day["date"] for day in body["data"]] == ["2026-03-05", "2026-03-04"]
    assert body["data"] == expected_days()


async def test_pages_are_of_days(clickhouse: ClickHouse, seeded: ProjectScope) -> None:
    body = (await _get(clickhouse, seeded, limit=1, page=2)).json()

    assert [day["date"] for day in body["data"]] == ["2026-03-04"]
    assert body["meta"] == {"page": 2, "limit": 1, "totalItems": 2, "totalPages": 2}


@pytest.mark.parametrize(
    ("params", "kept"),
    [
        ({"traceName": "name-1"}, lambda o: TRACES[o.trace_id].name == "name-1"),
        ({"userId": "user-2"}, lambda o: TRACES[o.trace_id].user_id == "user-2"),
        ({"tags": "a,b"}, lambda o: "a" in TRACES[o.trace_id].tags),
        ({"tags": ["a", "b"]}, lambda o: "a" in TRACES[o.trace_id].tags),
        ({"environment": "prod"}, lambda o: o.environment == "prod"),
        ({"fromTimestamp": "2026-03-05T00:00:00Z"}, lambda o: day_text(o.start_time_us)[8:10] == "05"),
        ({"toTimestamp": "2026-03-05T00:00:00Z"}, lambda o: day_text(o.start_time_us)[8:10] == "04"),
    ],
    ids=lambda part: str(part) if isinstance(part, dict) else None,
)
async def test_filters(
    clickhouse: ClickHouse, seeded: ProjectScope, params: Row, kept: Callable[[Observation], bool]
) -> None:
    body = (await _get(clickhouse, seeded, **params)).json()

    assert body["data"] == expected_days(kept)


async def test_traces_without_observations_make_a_day(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, [make_trace()])

    [day] = (await _get(clickhouse, scope)).json()["data"]

    assert day == {"date": "2026-03-04", "countTraces": 1, "countObservations": 0, "totalCost": 0, "usage": []}


async def test_deleted_traces_are_not_counted(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, [make_trace("t")], [make_observation(trace_id="t")])
    await deletion.delete_traces(clickhouse, scope, ["t"], 0)

    assert (await _get(clickhouse, scope)).json()["data"] == []
