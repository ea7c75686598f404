"""`GET /api/public/traces/{id}` on the real engine."""

import dataclasses

import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.public_api.traces import routes
from elasticdash.web.views.model_prices import ModelPrice
from support.clickhouse import new_scope
from support.reading import client_of
from support.records import SECOND_US, START_US, make_observation, make_score, make_trace, store, usd

TRACE = make_trace(
    "a/b c",
    name="chat",
    user_id="u",
    session_id="s",
    release="r",
    version="v",
    environment="prod",
    is_public=True,
    tags=("x", "y"),
    input='{"q": [1, 9007199254740993]}',
    output="plain",
    metadata={"n": "1", "text": "hello", "object": '{"a":true}'},
)
OBSERVATION = make_observation(
    "o",
    trace_id="a/b c",
    type="GENERATION",
    end_time_us=START_US + 1_500_000,
    completion_start_time_us=START_US + 500_000,
    model="gpt",
    model_id="m",
    model_parameters='{"temperature":0.5}',
    usage={"input": 3, "input_cached": 2, "output": 4, "total": 9},
    cost_usd=usd(input="0.1", output="0.2", total="0.3"),
    total_cost_usd=usd(total="0.3")["total"],
    input='[{"role":"user"}]',
    output="{broken",
)
SHOWN_TRACE = {
    "id": "a/b c",
    "externalId": None,
    "timestamp": "2026-03-04T05:06:07.123Z",
    "createdAt": "2026-03-04T05:06:07.123Z",
    "updatedAt": "2026-03-04T05:06:07.123Z",
    "name": "chat",
    "userId": "u",
    "sessionId": "s",
    "release": "r",
    "version": "v",
    "environment": "prod",
    "public": True,
    "bookmarked": False,
    "tags": ["x", "y"],
    "input": {"q": [1, "9007199254740993"]},
    "output": "plain",
    "metadata": {"n": 1, "text": "hello", "object": {"a": True}},
    "latency": 1.5,
    "totalCost": 0.3,
}
SHOWN_OBSERVATION = {
    "id": "o",
    "traceId": "a/b c",
    "type": "GENERATION",
    "parentObservationId": None,
    "environment": "default",
    "name": "step",
    "startTime": "2026-03-04T05:06:07.123Z",
    "endTime": "2026-03-04T05:06:08.623Z",
    "completionStartTime": "2026-03-04T05:06:07.623Z",
    "createdAt": "2026-03-04T05:06:07.123Z",
    "updatedAt": "2026-03-04T05:06:07.123Z",
    "level": "DEFAULT",
    "statusMessage": None,
    "version": None,
    "input": [{"role": "user"}],
    "output": "{broken",
    "metadata": {},
    "model": "gpt",
    "modelId": "m",
    "modelParameters": {"temperature": 0.5},
    "usageDetails": {"input": 3, "input_cached": 2, "output": 4, "total": 9},
    "costDetails": {"input": 0.1, "output": 0.2, "total": 0.3},
    "usage": {"unit": "TOKENS", "input": 5, "output": 4, "total": 9},
    "unit": "TOKENS",
    "promptTokens": 5,
    "completionTokens": 4,
    "totalTokens": 9,
    "inputPrice": 1.0,
    "outputPrice": 2.0,
    "totalPrice": None,
    "calculatedInputCost": 0.1,
    "calculatedOutputCost": 0.2,
    "calculatedTotalCost": 0.3,
    "usagePricingTierId": None,
    "usagePricingTierName": None,
    "promptId": None,
    "promptName": None,
    "promptVersion": None,
    "latency": 1.5,
    "timeToFirstToken": 0.5,
}


async def test_unknown_trace_is_not_found(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    async with client_of(routes.router, clickhouse, scope) as client:
        response = await client.get("/traces/nothing")

    assert response.status_code == 404
    assert response.json() == {
        "message": "Trace nothing not found within authorized project",
        "error": "LangfuseNotFoundError",
    }


async def test_trace_of_another_project_is_not_found(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, new_scope(), [make_trace("t")], [make_observation(trace_id="t")])

    async with client_of(routes.router, clickhouse, scope) as client:
        response = await client.get("/traces/t")

    assert response.status_code == 404


async def test_trace_deleted_by_the_backend_is_not_found(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, [make_trace("t")])
    await clickhouse.execute(
        SystemStatement(
            "backend_delete",
            "ALTER TABLE traces UPDATE is_deleted = 1 WHERE id = 't' AND project_id = {project_id:String}",
            {"project_id": scope.project_id},
        )
    )

    async with client_of(routes.router, clickhouse, scope) as client:
        response = await client.get("/traces/t")

    assert response.status_code == 404


async def test_trace_carries_its_fields_observations_and_scores(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(
        clickhouse,
        scope,
        [TRACE],
        [OBSERVATION],
        [make_score("own", trace_id="a/b c", value=0.5), make_score("other", trace_id="elsewhere")],
    )

    async with client_of(routes.router, clickhouse, scope, {"m": ModelPrice(*usd(a="1", b="2").values())}) as client:
        response = await client.get("/traces/a%2Fb%20c")

    body = response.json()
    (shown,) = body.pop("observations")
    (score,) = body.pop("scores")
    own = {"projectId": scope.project_id}
    assert body == SHOWN_TRACE | own | {"htmlPath": f"/project/{scope.project_id}/traces/a/b c"}
    assert shown == SHOWN_OBSERVATION | own
    assert (score["id"], score["value"], score["dataType"], score["traceId"]) == ("own", 0.5, "NUMERIC", "a/b c")
    assert "stringValue" not in score


async def test_newest_revisions_are_shown_once_and_in_order_of_start(
    clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    first = make_observation("1", trace_id="t", start_time_us=START_US + SECOND_US)
    second = make_observation("2", trace_id="t", start_time_us=START_US)
    await store(clickhouse, scope, [make_trace("t", name="new", revision=7)], [first, second])
    await store(
        clickhouse,
        scope,
        [make_trace("t", name="old", revision=3)],
        [dataclasses.replace(first, name="newer", revision=2)],
        [make_score("s", trace_id="t"), make_score("s2", trace_id="t", data_type="CORRECTION")],
    )
    await store(clickhouse, scope, scores=[make_score("s", trace_id="t", value=0.25, revision=2)])

    async with client_of(routes.router, clickhouse, scope) as client:
        body = (await client.get("/traces/t")).json()

    assert body["name"] == "new"
    assert [(row["id"], row["name"]) for row in body["observations"]] == [("2", "step"), ("1", "newer")]
    assert [(score["id"], score["value"]) for score in body["scores"]] == [("s", 0.25)]


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        pytest.param(
            "core", {"input": None, "latency": -1, "totalCost": -1, "scores": 0, "observations": 0}, id="core"
        ),
        pytest.param("io", {"input": "in", "latency": -1, "totalCost": -1, "scores": 0, "observations": 0}, id="io"),
        pytest.param(
            "core,metrics",
            {"input": None, "latency": 2.0, "totalCost": 0.5, "scores": 0, "observations": 0},
            id="metrics",
        ),
        pytest.param(
            "scores,observations,unknown",
            {"input": None, "latency": -1, "totalCost": -1, "scores": 1, "observations": 1},
            id="scores and observations",
        ),
        pytest.param(
            "unknown", {"input": "in", "latency": 2.0, "totalCost": 0.5, "scores": 1, "observations": 1}, id="unknown"
        ),
    ],
)
async def test_groups_that_are_not_asked_for_keep_their_keys(
    clickhouse: ClickHouse, scope: ProjectScope, fields: str, shown: dict[str, object]
) -> None:
    observation = make_observation(
        trace_id="t", end_time_us=START_US + 2 * SECOND_US, total_cost_usd=usd(total="0.5")["total"]
    )
    trace = make_trace("t", input="in", metadata={"k": "v"})
    await store(clickhouse, scope, [trace], [observation], [make_score(trace_id="t")])

    async with client_of(routes.router, clickhouse, scope) as client:
        body = (await client.get("/traces/t", params={"fields": fields})).json()

    seen = {"input": body["input"], "latency": body["latency"], "totalCost": body["totalCost"]}
    seen |= {"scores": len(body["scores"]), "observations": len(body["observations"])}
    assert seen == shown
    assert body["metadata"] == ({"k": "v"} if shown["input"] else {})


async def test_large_trace_is_complete(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    ids = [f"{number:04}" for number in range(1001)]
    ends = [None] * 1000 + [START_US + 2 * SECOND_US]
    cost = {"cost_usd": usd(total="0.5"), "total_cost_usd": usd(total="0.5")["total"]}
    rows = [make_observation(id_, trace_id="t", end_time_us=end, **cost) for id_, end in zip(ids, ends, strict=True)]
    await store(clickhouse, scope, [make_trace("t")], rows)

    async with client_of(routes.router, clickhouse, scope) as client:
        body = (await client.get("/traces/t")).json()

    assert [row["id"] for row in body["observations"]] == ids
    assert (body["latency"], body["totalCost"]) == (2.0, 500.5)
