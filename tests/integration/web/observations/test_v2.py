"""`GET /api/public/v2/observations` on the real engine."""

import base64
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx
import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.public_api.observations import routes
from elasticdash.web.views.model_prices import ModelPrice
from support.clickhouse import new_scope
from support.reading import client_of
from support.records import SECOND_US, START_US, make_observation, make_trace, store, usd

PRICES = {"m": ModelPrice(Decimal("0.00000250"), None, None)}
CORE = {
    "id",
    "traceId",
    "projectId",
    "parentObservationId",
    "type",
    "startTime",
    "endTime",
    "latency",
    "timeToFirstToken",
    "modelId",
    "inputPrice",
    "outputPrice",
    "totalPrice",
}
BASIC = {
    "name",
    "level",
    "statusMessage",
    "version",
    "environment",
    "bookmarked",
    "public",
    "userId",
    "sessionId",
    "isRootObservation",
}


async def _list(clickhouse: ClickHouse, scope: ProjectScope, **params: Any) -> httpx.Response:
    async with client_of(routes.router, clickhouse, scope, PRICES) as client:
        return await client.get("/v2/observations", params=params)


async def _one(clickhouse: ClickHouse, scope: ProjectScope, **params: Any) -> dict[str, Any]:
    (row,) = (await _list(clickhouse, scope, **params)).json()["data"]
    return row


def _cursor(**fields: object) -> str:
    return base64.b64encode(json.dumps(fields).encode()).decode()


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"limit": "1001"}, id="limit"),
        pytest.param({"limit": "-1"}, id="negative limit"),
        pytest.param({"parseIoAsJson": "true"}, id="parsed texts"),
        pytest.param({"cursor": "%%%"}, id="cursor is no base64"),
        pytest.param({"cursor": _cursor(lastId="x")}, id="cursor lacks keys"),
        pytest.param({"cursor": _cursor(lastId="x", lastTraceId="t", lastStartTimeTo="now")}, id="cursor has no time"),
        pytest.param({"type": "span"}, id="type"),
    ],
)
async def test_wrong_parameters_are_refused(
    clickhouse: ClickHouse, scope: ProjectScope, params: Mapping[str, str]
) -> None:
    response = await _list(clickhouse, scope, **params)

    assert response.status_code == 400


async def test_rows_of_another_project_are_not_listed(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, new_scope(), [make_trace()], [make_observation()])

    assert (await _list(clickhouse, scope)).json() == {"data": [], "meta": {}}


async def test_limit_0_returns_no_rows(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, observations=[make_observation()])

    assert (await _list(clickhouse, scope, limit=0)).json() == {"data": [], "meta": {}}


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        pytest.param("", CORE | BASIC, id="default"),
        pytest.param("unknown", CORE | BASIC, id="nothing known"),
        pytest.param("core", CORE, id="core"),
        pytest.param("time,unknown", CORE | {"completionStartTime", "createdAt", "updatedAt"}, id="time"),
        pytest.param("io", CORE | {"input", "output"}, id="io"),
        pytest.param("metadata", CORE | {"metadata"}, id="metadata"),
        pytest.param("model", CORE | {"model", "internalModelId", "modelParameters"}, id="model"),
        pytest.param("usage", CORE | {"usageDetails", "costDetails", "totalCost", "usagePricingTierName"}, id="usage"),
        pytest.param("prompt", CORE | {"promptId", "promptName", "promptVersion"}, id="prompt"),
        pytest.param("metrics", CORE, id="metrics"),
        pytest.param("trace_context", CORE | {"traceName", "tags", "release"}, id="trace context"),
    ],
)
async def test_only_keys_of_requested_groups_are_present(
    clickhouse: ClickHouse, scope: ProjectScope, fields: str, keys: set[str]
) -> None:
    await store(clickhouse, scope, observations=[make_observation()])

    assert set(await _one(clickhouse, scope, fields=fields)) == keys


async def test_values_of_all_groups(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    observation = make_observation(
        "o",
        type="GENERATION",
        parent_observation_id="",
        end_time_us=START_US + SECOND_US,
        input='{"a": 1}',
        output="text",
        model="gpt",
        model_id="m",
        model_parameters='{"t":1}',
        usage={"input": 2},
        cost_usd=usd(total="0.5"),
        total_cost_usd=Decimal("0.5"),
        prompt_name="p",
        prompt_version=3,
    )
    await store(clickhouse, scope, observations=[observation])

    row = await _one(clickhouse, scope, fields="basic,io,model,usage,prompt,metrics")

    assert row == row | {
        "parentObservationId": None,
        "isRootObservation": True,
        "input": '{"a": 1}',
        "output": "text",
        "model": "gpt",
        "modelId": "m",
        "internalModelId": "m",
        "modelParameters": {"t": 1},
        "inputPrice": "0.00000250",
        "outputPrice": None,
        "usageDetails": {"input": 2},
        "costDetails": {"total": 0.5},
        "totalCost": 0.5,
        "promptName": "p",
        "promptVersion": 3,
        "latency": 1.0,
        "timeToFirstToken": None,
    }
    assert "providedModelName" not in row


async def test_prices_are_null_unless_the_model_is_asked_for(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, observations=[make_observation(model_id="m")])

    row = await _one(clickhouse, scope)

    assert (row["modelId"], row["inputPrice"]) == (None, None)


async def test_what_the_row_lacks_comes_from_its_trace(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    trace = make_trace(
        user_id="u", session_id="s", name="n", release="r", tags=("a",), is_public=True, is_bookmarked=True
    )
    own = make_observation("own", user_id="mine", session_id="here", trace_name="name", release="rel", tags=("b",))
    await store(clickhouse, scope, [trace], [own, make_observation("bare", start_time_us=START_US - 1)])

    rows = (await _list(clickhouse, scope, fields="basic,trace_context")).json()["data"]

    keys = ("userId", "sessionId", "traceName", "release", "tags", "public", "bookmarked")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("mine", "here", "name", "rel", ["b"], True, True),
        ("u", "s", "n", "r", ["a"], True, True),
    ]


@pytest.mark.parametrize(
    ("params", "characters"),
    [
        pytest.param({"fields": "metadata"}, 200, id="cut"),
        pytest.param({"fields": "metadata", "expandMetadata": "other,long"}, 300, id="expanded"),
        pytest.param({"fields": "metadata,io"}, 300, id="with texts"),
    ],
)
async def test_metadata_values_are_cut_unless_wanted_whole(
    clickhouse: ClickHouse, scope: ProjectScope, params: Mapping[str, str], characters: int
) -> None:
    await store(clickhouse, scope, observations=[make_observation(metadata={"long": "x" * 300, "n": "[1]"})])

    row = await _one(clickhouse, scope, **params)

    assert row["metadata"] == {"long": "x" * characters, "n": [1]}


async def test_cursors_pass_equal_times_without_gap_or_repetition(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    rows = [make_observation(f"o{n}", trace_id=f"t{n % 3}", start_time_us=START_US - n // 5) for n in range(12)]
    await store(clickhouse, scope, observations=rows)
    await store(clickhouse, scope, observations=rows)

    seen: list[str] = []
    params: dict[str, Any] = {"limit": 4}
    while True:
        body = (await _list(clickhouse, scope, **params)).json()
        seen += [row["id"] for row in body["data"]]
        if "cursor" not in body["meta"]:
            break
        params["cursor"] = body["meta"]["cursor"]

    assert sorted(seen) == sorted(row.id for row in rows)
    assert len(seen) == 12
    starts = {row.id: row.start_time_us for row in rows}
    assert [starts[id_] for id_ in seen] == sorted(starts.values(), reverse=True)


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"sessionId": "s"}, id="session of the trace"),
        pytest.param({"isRootObservation": "true"}, id="root"),
        pytest.param({"toStartTime": "2026-03-04T05:06:07.123457Z"}, id="to is exclusive"),
    ],
)
async def test_plain_parameters_keep_what_matches(
    clickhouse: ClickHouse, scope: ProjectScope, params: Mapping[str, str]
) -> None:
    other = make_observation("other", trace_id="u", parent_observation_id="p", start_time_us=START_US + 1)
    await store(clickhouse, scope, [make_trace(session_id="s")], [make_observation("wanted"), other])

    row = await _one(clickhouse, scope, **params)

    assert row["id"] == "wanted"


async def test_documented_alias_answers_the_same(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, observations=[make_observation()])

    async with client_of(routes.router, clickhouse, scope) as client:
        alias, path = await client.get("/observations-v2"), await client.get("/v2/observations")

    assert alias.json() == path.json()
    assert len(alias.json()["data"]) == 1
