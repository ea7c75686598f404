"""Queries of metrics that are refused, and why."""

from collections.abc import Sequence

import pytest

from elasticdash.shared.clickhouse import metrics_views
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.public_api.metrics import routes
from support.metrics import Row, query, send
from support.reading import client_of

BROKEN: Sequence[Row] = [
    {"view": "nothing"},
    {"view": None},
    {"metrics": []},
    {"metrics": [{"measure": "price", "aggregation": "sum"}]},
    {"metrics": [{"measure": "count", "aggregation": "median"}]},
    {"dimensions": [{"field": "color"}]},
    {"dimensions": [{"field": "project_id"}]},
    {"dimensions": "name"},
    {"timeDimension": {"granularity": "second"}},
    {"fromTimestamp": "2026-03-08T00:00:00Z"},
    {"fromTimestamp": "2026-03-09T00:00:00Z"},
    {"fromTimestamp": "2026-03-01"},
    {"toTimestamp": None},
    {"filters": {"column": "name"}},
    {"filters": [{"type": "string", "column": "color", "operator": "=", "value": "x"}]},
    {"filters": [{"type": "number", "column": "name", "operator": "=", "value": 1}]},
    {"orderBy": [{"field": "name", "direction": "asc"}]},
    {"orderBy": [{"field": "count_count", "direction": "up"}]},
    {"config": {"row_limit": 0}},
    {"config": {"row_limit": 1001}},
    {"config": {"bins": 101}},
    {"config": {"bins": "10; DROP TABLE scores"}},
]


@pytest.mark.parametrize("broken", BROKEN, ids=str)
@pytest.mark.parametrize("path", ["/metrics", "/v2/metrics"])
async def test_broken_queries_are_refused(clickhouse: ClickHouse, scope: ProjectScope, path: str, broken: Row) -> None:
    response = await send(clickhouse, scope, query("observations", "count_count") | broken, path)

    assert response.status_code == 400
    assert response.json()["message"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"view":"observations"}', "[" * 10_000], ids=lambda text: text[:30])
async def test_texts_that_are_no_query_are_refused(clickhouse: ClickHouse, scope: ProjectScope, text: str) -> None:
    async with client_of(routes.router, clickhouse, scope) as client:
        answers = [await client.get(path, params={"query": text}) for path in ("/metrics", "/v2/metrics")]
        missing = await client.get("/v2/metrics")

    assert [answer.status_code for answer in [*answers, missing]] == [400, 400, 400]


@pytest.mark.parametrize("field", sorted(metrics_views.V2["observations"].guarded))
async def test_dimensions_with_very_many_values_need_a_ranked_limit(
    clickhouse: ClickHouse, scope: ProjectScope, field: str
) -> None:
    ranked = {"orderBy": [{"field": "count_count", "direction": "desc"}], "config": {"row_limit": 5}}
    asked = query("observations", "count_count", by=[field])

    statuses = [
        (await send(clickhouse, scope, asked | parts)).status_code
        for parts in (
            {},
            ranked | {"config": {}},
            ranked | {"orderBy": []},
            ranked | {"orderBy": [{"field": "count_count", "direction": "asc"}]},
            ranked | {"orderBy": [{"field": field, "direction": "desc"}]},
            ranked | {"timeDimension": {"granularity": "day"}},
            ranked,
        )
    ]

    assert statuses == [400, 400, 400, 400, 400, 400, 200]


@pytest.mark.parametrize(
    ("metrics", "dimensions", "filters"),
    [
        (["sum_costByType"], [], []),
        (["sum_usageByType"], ["costType"], []),
        (["count_count"], ["costType", "usageType"], []),
        (["count_count"], ["toolNames", "calledToolNames"], []),
        (["p95_traceId"], [], []),
        (["count_count"], [], [{"type": "string", "column": "costType", "operator": "=", "value": "input"}]),
    ],
)
async def test_parts_that_do_not_go_together_are_refused(
    clickhouse: ClickHouse, scope: ProjectScope, metrics: list[str], dimensions: list[str], filters: list[Row]
) -> None:
    response = await send(clickhouse, scope, query("observations", *metrics, by=dimensions, filters=filters))

    assert response.status_code == 400


async def test_traces_are_no_view_of_the_second_generation(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    asked = query("traces", "count_count")

    assert (await send(clickhouse, scope, asked)).status_code == 400
    assert (await send(clickhouse, scope, asked, "/metrics")).status_code == 200
