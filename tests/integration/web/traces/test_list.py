"""`GET /api/public/traces` on the real engine."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.merging import TraceListRow, insert_trace_list_rows
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.public_api.traces import routes
from support.clickhouse import new_scope
from support.reading import client_of
from support.records import SECOND_US, START_US, make_observation, make_score, make_trace, store, store_list_rows, usd


async def _list(clickhouse: ClickHouse, scope: ProjectScope, **params: Any) -> httpx.Response:
    async with client_of(routes.router, clickhouse, scope) as client:
        return await client.get("/traces", params=params)


async def _ids(clickhouse: ClickHouse, scope: ProjectScope, **params: Any) -> list[str]:
    response = await _list(clickhouse, scope, **params)
    assert response.status_code == 200, response.text
    body = response.json()
    assert body["meta"]["totalItems"] == len(body["data"])
    return [row["id"] for row in body["data"]]


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"page": "0"}, id="page 0"),
        pytest.param({"page": "x"}, id="page is no number"),
        pytest.param({"limit": "101"}, id="limit above 100 with texts"),
        pytest.param({"limit": "1001", "fields": "core"}, id="limit above 1000 without texts"),
        pytest.param({"limit": "0"}, id="limit 0"),
        pytest.param({"orderBy": "latency.desc"}, id="unknown order column"),
        pytest.param({"orderBy": "timestamp.up"}, id="unknown direction"),
        pytest.param({"fromTimestamp": "2026-01-01"}, id="date without time"),
        pytest.param({"cursor": "nonsense"}, id="malformed cursor"),
        pytest.param({"filter": "{"}, id="filter is no JSON"),
    ],
)
async def test_wrong_parameters_are_refused(
    clickhouse: ClickHouse, scope: ProjectScope, params: Mapping[str, str]
) -> None:
    response = await _list(clickhouse, scope, **params)

    assert response.status_code == 400


async def test_empty_project_has_no_pages(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, new_scope(), [make_trace()])

    body = (await _list(clickhouse, scope, page="", limit="")).json()

    assert body == {"data": [], "meta": {"page": 1, "limit": 50, "totalItems": 0, "totalPages": 0}}


async def test_rows_carry_ids_of_observations_and_scores_and_totals(
    clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    observations = [
        make_observation(
            "late", trace_id="t", start_time_us=START_US + SECOND_US, end_time_us=START_US + 3 * SECOND_US
        ),
        make_observation("early", trace_id="t", total_cost_usd=usd(total="0.25")["total"]),
        make_observation("other", trace_id="u"),
    ]
    traces = [make_trace("t", input='{"a":1}', metadata={"k": "[1]"}), make_trace("u", timestamp_us=START_US - 1)]
    await store(clickhouse, scope, traces, observations, [make_score("s", trace_id="t")])

    body = (await _list(clickhouse, scope)).json()

    first, second = body["data"]
    assert (first["id"], first["observations"], first["scores"]) == ("t", ["early", "late"], ["s"])
    assert (first["latency"], first["totalCost"], first["input"], first["metadata"]) == (
        3.0,
        0.25,
        {"a": 1},
        {"k": [1]},
    )
    assert (second["id"], second["observations"], second["scores"], second["totalCost"]) == ("u", ["other"], [], 0)
    assert body["meta"] == {"page": 1, "limit": 50, "totalItems": 2, "totalPages": 1}


async def test_groups_that_are_not_asked_for_keep_their_keys(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    trace = make_trace("t", input="in", output="out", metadata={"k": "v"})
    await store(clickhouse, scope, [trace], [make_observation(trace_id="t")], [make_score(trace_id="t")])

    (row,) = (await _list(clickhouse, scope, fields="core")).json()["data"]

    shown = {key: row[key] for key in ("input", "output", "metadata", "observations", "scores", "latency", "totalCost")}
    assert shown == {
        "input": None,
        "output": None,
        "metadata": {},
        "observations": [],
        "scores": [],
        "latency": -1,
        "totalCost": -1,
    }


async def test_pages_follow_each_other_by_page_and_by_cursor(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, [make_trace(str(n), timestamp_us=START_US + n // 2) for n in range(5)])

    by_page = [(await _list(clickhouse, scope, limit=2, page=page)).json() for page in (1, 2, 3)]
    by_cursor = [by_page[0]]
    while following := by_cursor[-1]["meta"].get("next"):
        by_cursor.append((await _list(clickhouse, scope, limit=2, cursor=following)).json())

    assert [[row["id"] for row in body["data"]] for body in by_page] == [["4", "3"], ["2", "1"], ["0"]]
    assert by_cursor == by_page
    assert by_page[0]["meta"] | {"next": ""} == {"page": 1, "limit": 2, "totalItems": 5, "totalPages": 3, "next": ""}


async def test_more_rows_fit_on_a_page_without_texts(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, [make_trace(str(n)) for n in range(101)])

    body = (await _list(clickhouse, scope, limit=1000, fields="core,metrics")).json()

    assert len(body["data"]) == 101


@pytest.mark.parametrize("column", ["id", "name", "userId", "release", "version", "sessionId"])
async def test_order_by_text_columns(clickhouse: ClickHouse, scope: ProjectScope, column: str) -> None:
    field = {"id": "id", "userId": "user_id", "sessionId": "session_id"}.get(column, column)
    await store(clickhouse, scope, [make_trace(**({"id": v} | {field: v})) for v in ("b", "a", "c")])

    assert await _ids(clickhouse, scope, orderBy=f"{column}.asc") == ["a", "b", "c"]
    assert await _ids(clickhouse, scope, orderBy=f"{column}.desc") == ["c", "b", "a"]


@pytest.mark.parametrize(("column", "field"), [("public", "is_public"), ("bookmarked", "is_bookmarked")])
async def test_order_by_flags(clickhouse: ClickHouse, scope: ProjectScope, column: str, field: str) -> None:
    await store(clickhouse, scope, [make_trace("no"), make_trace("yes", **{field: True})])

    assert await _ids(clickhouse, scope, orderBy=f"{column}.desc") == ["yes", "no"]


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"userId": "u"}, id="userId"),
        pytest.param({"name": "n"}, id="name"),
        pytest.param({"sessionId": "s"}, id="sessionId"),
        pytest.param({"version": "v"}, id="version"),
        pytest.param({"release": "r"}, id="release"),
        pytest.param({"tags": ["a", "b"]}, id="all tags, repeated"),
        pytest.param({"tags": "a,b"}, id="all tags, joined"),
        pytest.param({"environment": ["prod", "x"]}, id="any environment"),
        pytest.param({"fromTimestamp": "2026-03-04T05:06:07.123456Z"}, id="from is inclusive"),
        pytest.param({"toTimestamp": "2026-03-04T06:06:07.123457+01:00", "userId": "u"}, id="to is exclusive"),
    ],
)
async def test_plain_parameters_keep_what_matches(
    clickhouse: ClickHouse, scope: ProjectScope, params: Mapping[str, Any]
) -> None:
    wanted = make_trace(
        "wanted",
        name="n",
        user_id="u",
        session_id="s",
        version="v",
        release="r",
        tags=("a", "b"),
        environment="prod",
    )
    other = make_trace("other", timestamp_us=START_US - 1, tags=("a",), user_id="U")
    late = make_trace("late", timestamp_us=START_US + 1, user_id="u")
    await store(clickhouse, scope, [wanted, other, *([late] if "toTimestamp" in params else [])])

    assert await _ids(clickhouse, scope, **params) == ["wanted"]


async def test_filter_replaces_the_parameter_on_its_column(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, [make_trace("1", name="a", user_id="u"), make_trace("2", name="b", user_id="u")])
    condition = {"type": "string", "column": "traceName", "operator": "=", "value": "b"}

    assert await _ids(clickhouse, scope, name="a", userId="u", filter=json.dumps([condition])) == ["2"]


async def test_versions_of_a_trace_are_listed_once_as_the_newest(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    trace = make_trace("t", user_id="old")
    await store(clickhouse, scope, [trace], [make_observation(trace_id="t")])
    newer = dataclasses.replace(trace, user_id="new", revision=2)
    await store(clickhouse, scope, [newer], [make_observation(trace_id="t", revision=2, name="renamed")])

    (row,) = (await _list(clickhouse, scope)).json()["data"]

    assert (row["userId"], row["observations"]) == ("new", ["observation"])
    assert await _ids(clickhouse, scope, userId="old") == []
    assert await _ids(clickhouse, scope, userId="new") == ["t"]


async def test_moved_trace_is_listed_at_its_new_time_only(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    trace = make_trace("t")
    await store(clickhouse, scope, [trace])
    moved = dataclasses.replace(trace, project_id=scope.project_id, timestamp_us=START_US - SECOND_US, revision=2)
    await store(clickhouse, scope, [moved])
    await insert_trace_list_rows(clickhouse, [TraceListRow(moved, START_US, None, True)])

    (row,) = (await _list(clickhouse, scope)).json()["data"]

    assert row["timestamp"] == "2026-03-04T05:06:06.123Z"
    assert await _ids(clickhouse, scope, fromTimestamp="2026-03-04T05:06:07Z") == []


async def test_trace_deleted_by_the_backend_leaves_pages_and_totals(
    clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    await store(clickhouse, scope, [make_trace("kept"), make_trace("gone")])
    await clickhouse.execute(
        SystemStatement(
            "backend_delete",
            "ALTER TABLE traces UPDATE is_deleted = 1 WHERE id = 'gone' AND project_id = {project_id:String}",
            {"project_id": scope.project_id},
        )
    )

    assert await _ids(clickhouse, scope) == ["kept"]


async def test_score_that_went_to_another_trace_is_listed_there_only(
    clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    await store(clickhouse, scope, [make_trace("a"), make_trace("b")], scores=[make_score("s", trace_id="a")])
    await store(clickhouse, scope, scores=[make_score("s", trace_id="b", revision=2)])

    rows = (await _list(clickhouse, scope, orderBy="id.asc")).json()["data"]

    assert [row["scores"] for row in rows] == [[], ["s"]]


async def test_totals_follow_the_observations(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    trace = make_trace("t", project_id=scope.project_id, revision=2)
    await store(clickhouse, scope, [dataclasses.replace(trace, revision=1)])
    await store(clickhouse, scope, observations=[make_observation(trace_id="t", end_time_us=START_US + SECOND_US)])
    await store_list_rows(clickhouse, scope, [trace])

    (row,) = (await _list(clickhouse, scope)).json()["data"]

    assert row["latency"] == 1.0
