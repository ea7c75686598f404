"""Odd ids and values reach the engine unharmed, and never as SQL."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.public_api.observations import routes as observations
from elasticdash.web.public_api.traces import routes as traces
from support.reading import client_of
from support.records import make_observation, make_trace, store

ODD = [
    "it's",
    'say "x"',
    "a\\b\\'",
    "tab\tend",
    "naïve 😀",
    "{project_id:String}",
    "%2F%00",
    "a,b]",
    "x') OR 1=1 --",
]


@pytest.mark.parametrize("odd", ODD)
async def test_odd_ids_and_values_are_found(clickhouse: ClickHouse, scope: ProjectScope, odd: str) -> None:
    trace = make_trace(odd, user_id=odd, tags=(odd,), metadata={odd: odd})
    await store(clickhouse, scope, [trace, make_trace("other")], [make_observation(odd, trace_id=odd)])
    conditions: list[dict[str, Any]] = [
        {"type": "string", "column": "userId", "operator": "contains", "value": odd},
        {"type": "arrayOptions", "column": "tags", "operator": "any of", "value": [odd]},
        {"type": "stringObject", "column": "metadata", "operator": "=", "key": odd, "value": odd},
    ]

    async with client_of(traces.router, clickhouse, scope) as client:
        listed = (await client.get("/traces", params={"filter": json.dumps(conditions)})).json()
        found = await client.get(f"/traces/{quote(odd, safe='')}")
    async with client_of(observations.router, clickhouse, scope) as client:
        observation = await client.get(f"/observations/{quote(odd, safe='')}")

    assert [row["id"] for row in listed["data"]] == [odd]
    assert listed["data"][0]["metadata"] == {odd: odd}
    assert [row["id"] for row in found.json()["observations"]] == [odd]
    assert observation.json()["traceId"] == odd


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"userId": "\x00"}, id="NUL"),
        pytest.param({"tags": "\x00"}, id="NUL in a list"),
        pytest.param({"page": "1000000000", "limit": "100"}, id="far page"),
        pytest.param(
            {"filter": '[{"type":"string","column":"name","operator":"=","value":"\\ud800"}]'}, id="surrogate"
        ),
        pytest.param({"filter": '[{"type":"string","column":"\\ud800","operator":"=","value":""}]'}, id="column"),
        pytest.param({"filter": '[{"type":"number","column":"totalCost","operator":">","value":1e308}]'}, id="large"),
        pytest.param({"filter": '[{"type":"number","column":"totalCost","operator":">","value":-1e-308}]'}, id="tiny"),
        pytest.param({"fromTimestamp": "9999-12-31T23:59:59Z"}, id="far future"),
        pytest.param({"orderBy": "name.asc; DROP TABLE traces"}, id="order"),
        pytest.param({"fields": "\x00"}, id="fields"),
    ],
)
async def test_odd_parameters_find_nothing_or_are_refused(
    clickhouse: ClickHouse, scope: ProjectScope, params: dict[str, str]
) -> None:
    await store(clickhouse, scope, [make_trace()])

    async with client_of(traces.router, clickhouse, scope) as client:
        response = await client.get("/traces", params=params)

    assert response.status_code in (200, 400)
    assert response.status_code == 400 or response.json()["data"] == [] or "fields" in params


async def test_times_before_what_is_stored_keep_everything(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, [make_trace()])

    async with client_of(traces.router, clickhouse, scope) as client:
        response = await client.get(
            "/traces", params={"fromTimestamp": "0001-01-01T00:00:00Z", "toTimestamp": "9999-12-31T23:59:59Z"}
        )

    assert response.json()["meta"]["totalItems"] == 1
