"""`GET /api/public/sessions` and `/sessions/{id}` on the real engine."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from elasticdash.shared.clickhouse import deletion
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.public_api.sessions import routes
from support.clickhouse import new_scope
from support.reading import client_of
from support.records import SECOND_US, START_US, make_trace, store


async def _get(clickhouse: ClickHouse, scope: ProjectScope, path: str, **params: Any) -> httpx.Response:
    async with client_of(routes.router, clickhouse, scope) as client:
        return await client.get(path, params=params)


async def test_unknown_session_is_not_found(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, new_scope(), [make_trace(session_id="s")])

    response = await _get(clickhouse, scope, "/sessions/s")

    assert response.status_code == 404


async def test_session_whose_traces_are_deleted_is_gone(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, [make_trace("t", session_id="s")])
    await deletion.delete_traces(clickhouse, scope, ["t"], START_US // 1000)

    response = await _get(clickhouse, scope, "/sessions/s")

    assert response.status_code == 404
    assert (await _get(clickhouse, scope, "/sessions")).json()["data"] == []


async def test_session_shows_its_traces_oldest_first(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    traces = [
        make_trace("second", session_id="a/b", input="[1]", timestamp_us=START_US + SECOND_US, environment="dev"),
        make_trace("first", session_id="a/b", environment="prod"),
        make_trace("other"),
    ]
    await store(clickhouse, scope, traces)

    body = (await _get(clickhouse, scope, "/sessions/a%2Fb")).json()

    shown = body.pop("traces")
    assert body == {
        "id": "a/b",
        "createdAt": "2026-03-04T05:06:07.123Z",
        "projectId": scope.project_id,
        "environment": "prod",
    }
    assert [(trace["id"], trace["input"]) for trace in shown] == [("first", None), ("second", [1])]
    assert "latency" not in shown[0]


async def test_sessions_are_listed_once_newest_first(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    traces = [
        make_trace("1", session_id="old", timestamp_us=START_US - SECOND_US),
        make_trace("2", session_id="new"),
        make_trace("3", session_id="old", timestamp_us=START_US + SECOND_US),
        make_trace("4", session_id=""),
        make_trace("5"),
    ]
    await store(clickhouse, scope, traces)
    await store(clickhouse, scope, traces)

    first = (await _get(clickhouse, scope, "/sessions", limit=1)).json()
    second = (await _get(clickhouse, scope, "/sessions", limit=1, page=2)).json()

    assert [body["data"][0]["id"] for body in (first, second)] == ["new", "old"]
    assert first["meta"] == {"page": 1, "limit": 1, "totalItems": 2, "totalPages": 2}


@pytest.mark.parametrize(
    ("params", "ids"),
    [
        pytest.param({"fromTimestamp": "2026-03-04T05:06:07.123456Z"}, ["new"], id="from is inclusive"),
        pytest.param({"toTimestamp": "2026-03-04T05:06:07.123456Z"}, ["old"], id="to is exclusive"),
        pytest.param({"environment": ["prod", "dev"]}, ["old"], id="any environment"),
        pytest.param({"environment": "nowhere"}, [], id="no such environment"),
    ],
)
async def test_parameters_keep_what_matches(
    clickhouse: ClickHouse, scope: ProjectScope, params: Mapping[str, Any], ids: list[str]
) -> None:
    old = make_trace("1", session_id="old", timestamp_us=START_US - 1, environment="prod")
    await store(clickhouse, scope, [old, make_trace("2", session_id="new")])

    body = (await _get(clickhouse, scope, "/sessions", **params)).json()

    assert [row["id"] for row in body["data"]] == ids
    assert body["meta"]["totalItems"] == len(ids)
