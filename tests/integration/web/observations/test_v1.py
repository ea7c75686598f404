"""`GET /api/public/observations` and `/observations/{id}` on the real engine."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from elasticdash.shared.clickhouse import deletion, observation_times
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.observation_times import MovedObservation
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.public_api.observations import routes
from support.clickhouse import new_scope
from support.reading import client_of
from support.records import SECOND_US, START_US, make_observation, make_trace, store

MINUTE_US = 60 * SECOND_US


async def _get(clickhouse: ClickHouse, scope: ProjectScope, path: str, **params: Any) -> httpx.Response:
    async with client_of(routes.router, clickhouse, scope) as client:
        return await client.get(path, params=params)


async def _ids(clickhouse: ClickHouse, scope: ProjectScope, **params: Any) -> list[str]:
    response = await _get(clickhouse, scope, "/observations", **params)
    assert response.status_code == 200, response.text
    body = response.json()
    assert body["meta"]["totalItems"] == len(body["data"])
    return [row["id"] for row in body["data"]]


async def test_unknown_observation_is_not_found(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, new_scope(), observations=[make_observation("o")])

    response = await _get(clickhouse, scope, "/observations/o")

    assert response.status_code == 404
    assert response.json()["message"] == "Observation not found within authorized project"


async def test_observation_of_a_deleted_trace_is_hidden(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await deletion.delete_traces(clickhouse, scope, ["trace"], START_US // 1000)
    await store(clickhouse, scope, observations=[make_observation("late")])

    response = await _get(clickhouse, scope, "/observations/late")

    assert response.status_code == 404
    assert await _ids(clickhouse, scope) == []


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"type": "SPANS"}, id="unknown type"),
        pytest.param({"level": "error"}, id="unknown level"),
        pytest.param({"limit": "101"}, id="limit"),
        pytest.param({"fromStartTime": "yesterday"}, id="no time"),
    ],
)
async def test_wrong_parameters_are_refused(
    clickhouse: ClickHouse, scope: ProjectScope, params: Mapping[str, str]
) -> None:
    response = await _get(clickhouse, scope, "/observations", **params)

    assert response.status_code == 400


async def test_one_observation_is_shown_in_its_newest_version(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    observation = make_observation("o", metadata={"a": "1"})
    await store(clickhouse, scope, observations=[dataclasses.replace(observation, revision=5)])
    await store(clickhouse, scope, observations=[dataclasses.replace(observation, name="older", revision=2)])

    body = (await _get(clickhouse, scope, "/observations/o")).json()

    assert (body["name"], body["metadata"], body["projectId"]) == ("step", {"a": 1}, scope.project_id)


async def test_pages_are_newest_first_and_count_each_observation_once(
    clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    times = {"old": START_US - 5 * MINUTE_US, "new": START_US, "newest": START_US + 1}
    rows = [make_observation(id_, start_time_us=time_us) for id_, time_us in times.items()]
    await store(clickhouse, scope, observations=rows)
    await store(clickhouse, scope, observations=[dataclasses.replace(row, revision=2) for row in rows])

    first = (await _get(clickhouse, scope, "/observations", limit=2)).json()
    second = (await _get(clickhouse, scope, "/observations", limit=2, page=2)).json()

    assert [[row["id"] for row in body["data"]] for body in (first, second)] == [["newest", "new"], ["old"]]
    assert first["meta"] == {"page": 1, "limit": 2, "totalItems": 3, "totalPages": 2}


async def test_moved_observation_is_listed_at_its_new_start_only(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, observations=[make_observation("o")])
    moved = make_observation("o", start_time_us=START_US - 10 * MINUTE_US, revision=2)
    await store(clickhouse, scope, observations=[moved])
    minute_us = START_US // MINUTE_US * MINUTE_US
    await observation_times.insert_moved(clickhouse, [MovedObservation(scope.project_id, "trace", "o", minute_us, 2)])

    body = (await _get(clickhouse, scope, "/observations")).json()

    assert [row["startTime"] for row in body["data"]] == ["2026-03-04T04:56:07.123Z"]
    assert body["meta"]["totalItems"] == 1


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"name": "n"}, id="name"),
        pytest.param({"userId": "own"}, id="own user"),
        pytest.param({"userId": "of-trace"}, id="user of the trace"),
        pytest.param({"type": "TOOL"}, id="type"),
        pytest.param({"traceId": "t"}, id="trace"),
        pytest.param({"level": "ERROR"}, id="level"),
        pytest.param({"parentObservationId": "p"}, id="parent"),
        pytest.param({"version": "v"}, id="version"),
        pytest.param({"environment": "prod,dev"}, id="any environment"),
        pytest.param({"fromStartTime": "2026-03-04T05:06:07.123456Z"}, id="from is inclusive"),
    ],
)
async def test_plain_parameters_keep_what_matches(
    clickhouse: ClickHouse, scope: ProjectScope, params: Mapping[str, Any]
) -> None:
    wanted = make_observation(
        "wanted",
        trace_id="t",
        name="n",
        user_id="own",
        type="TOOL",
        level="ERROR",
        parent_observation_id="p",
        version="v",
        environment="prod",
    )
    other = make_observation("other", start_time_us=START_US - 1)
    traces = [make_trace("t", user_id="of-trace"), make_trace("trace", user_id="else")]
    await store(clickhouse, scope, traces, [wanted, other])

    assert await _ids(clickhouse, scope, **params) == ["wanted"]


async def test_filter_replaces_the_parameter_on_its_column(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, observations=[make_observation("1", name="a"), make_observation("2", name="b")])
    condition = {"type": "stringOptions", "column": "Name", "operator": "any of", "value": ["b"]}

    assert await _ids(clickhouse, scope, name="a", filter=json.dumps([condition])) == ["2"]
