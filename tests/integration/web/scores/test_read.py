"""The three generations of `GET /api/public/scores` and `DELETE /scores/{id}` on the real engine."""

from typing import Any

import httpx
import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.domain.scores import ScoreDataType
from elasticdash.web.public_api.scores import routes
from support.clickhouse import new_scope
from support.reading import client_of
from support.records import SECOND_US, START_US, make_score, make_trace, store


async def _send(
    clickhouse: ClickHouse, scope: ProjectScope, path: str, method: str = "GET", **params: Any
) -> httpx.Response:
    async with client_of(routes.router, clickhouse, scope) as client:
        return await client.request(method, path, params=params)


async def _ids(clickhouse: ClickHouse, scope: ProjectScope, path: str, **params: Any) -> list[str]:
    response = await _send(clickhouse, scope, path, **params)
    assert response.status_code == 200, response.text
    return [row["id"] for row in response.json()["data"]]


@pytest.mark.parametrize("path", ["/scores/s", "/v2/scores/s"])
async def test_a_score_of_another_project_is_not_found(clickhouse: ClickHouse, scope: ProjectScope, path: str) -> None:
    await store(clickhouse, new_scope(), scores=[make_score("s")])

    response = await _send(clickhouse, scope, path)

    assert (response.status_code, response.json()["message"]) == (404, "Score not found")


@pytest.mark.parametrize(
    "params",
    [
        {"userId": "u"},
        {"traceTags": "a"},
        {"limit": "0"},
        {"limit": "101"},
        {"cursor": "no"},
        {"fields": "io"},
        {"source": "nobody"},
        {"dataType": "nothing"},
        {"value": "1"},
        {"value": "1", "dataType": "NUMERIC,BOOLEAN"},
        {"value": "nan", "dataType": "NUMERIC"},
        {"value": "1", "dataType": "BOOLEAN"},
        {"value": "x", "dataType": "TEXT"},
        {"valueMin": "1"},
        {"valueMax": "1", "dataType": "NUMERIC,BOOLEAN"},
        {"observationId": "o"},
        {"traceId": "t", "sessionId": "s"},
        {"sessionId": "s", "experimentId": "e"},
    ],
    ids=str,
)
async def test_v3_refuses(clickhouse: ClickHouse, scope: ProjectScope, params: dict[str, str]) -> None:
    response = await _send(clickhouse, scope, "/v3/scores", **params)

    assert response.status_code == 400, response.text


@pytest.mark.parametrize(
    "params",
    [
        {"fields": "trace"},
        {"fields": "score", "userId": "u"},
        {"fields": "score", "traceTags": "a"},
        {"operator": "~", "value": "1"},
        {"source": "api"},
        {"filter": '[{"type":"string","column":"nothing","operator":"=","value":"x"}]'},
    ],
    ids=str,
)
async def test_v2_refuses(clickhouse: ClickHouse, scope: ProjectScope, params: dict[str, str]) -> None:
    response = await _send(clickhouse, scope, "/v2/scores", **params)

    assert response.status_code == 400, response.text


async def test_only_the_newest_version_of_a_score_is_listed_and_counted(
    clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    for revision in (1, 3, 2):
        await store(clickhouse, scope, scores=[make_score("s", value=float(revision), revision=revision)])

    body = (await _send(clickhouse, scope, "/v2/scores")).json()

    assert [row["value"] for row in body["data"]] == [3]
    assert body["meta"]["totalItems"] == 1


async def test_v1_knows_scores_of_traces_that_are_no_corrections(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(
        clickhouse,
        scope,
        scores=[
            make_score("trace"),
            make_score("session", trace_id=None, session_id="s"),
            make_score("correction", data_type=ScoreDataType.CORRECTION, long_string_value="better"),
        ],
    )

    assert await _ids(clickhouse, scope, "/scores") == ["trace"]
    assert sorted(await _ids(clickhouse, scope, "/v2/scores")) == ["correction", "session", "trace"]
    for path in ("/scores/session", "/scores/correction"):
        assert (await _send(clickhouse, scope, path)).status_code == 404


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"operator": ">", "value": "1"}, ["b"]),
        ({"operator": "!=", "value": "1"}, ["b"]),
        ({"value": "2"}, ["b", "a"]),
        ({"userId": "u"}, ["a"]),
        ({"traceTags": "x,y"}, ["a"]),
        ({"scoreIds": "b,c"}, ["b"]),
        ({"traceId": "t1"}, ["a"]),
        ({"observationId": "o,p"}, ["b"]),
        ({"name": "n"}, ["b"]),
        ({"filter": '[{"type":"string","column":"traceName","operator":"=","value":"first"}]'}, ["a"]),
        ({"filter": '[{"type":"number","column":"value","operator":">=","value":2}]'}, ["b"]),
    ],
    ids=str,
)
async def test_v2_keeps_what_the_query_names(
    clickhouse: ClickHouse, scope: ProjectScope, params: dict[str, str], expected: list[str]
) -> None:
    await store(
        clickhouse,
        scope,
        [make_trace("t1", name="first", user_id="u", tags=("x", "y")), make_trace("t2", user_id="v", tags=("x",))],
        scores=[
            make_score("a", trace_id="t1", value=1.0, timestamp_us=START_US),
            make_score("b", trace_id="t2", observation_id="o", name="n", value=2.0, timestamp_us=START_US + SECOND_US),
        ],
    )

    assert await _ids(clickhouse, scope, "/v2/scores", **params) == expected


async def test_v3_pages_meet_every_score_once(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    # Equal times: the id decides.
    await store(clickhouse, scope, scores=[make_score(f"s{number}") for number in range(5)])

    found: list[str] = []
    params: dict[str, str] = {"limit": "2"}
    for _ in range(3):
        body = (await _send(clickhouse, scope, "/v3/scores", **params)).json()
        found += [row["id"] for row in body["data"]]
        params["cursor"] = body["meta"].get("cursor", "")

    assert found == ["s4", "s3", "s2", "s1", "s0"]
    assert params["cursor"] == ""


async def test_v3_shows_booleans_and_subjects(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    boolean = make_score("s", observation_id="o", data_type=ScoreDataType.BOOLEAN, value=1.0, string_value="True")
    await store(clickhouse, scope, scores=[boolean])

    params = {"fields": "subject", "dataType": "boolean", "value": "true"}
    [row] = (await _send(clickhouse, scope, "/v3/scores", **params)).json()["data"]

    assert row["value"] is True
    assert row["subject"] == {"kind": "observation", "id": "o", "traceId": "trace"}
    assert "comment" not in row


async def test_a_deleted_score_is_gone_at_once_and_a_replay_does_not_revive_it(
    clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    other = new_scope()
    for project in (scope, other):
        await store(clickhouse, project, scores=[make_score("s")])

    response = await _send(clickhouse, scope, "/scores/s", "DELETE")
    await store(clickhouse, scope, scores=[make_score("s", revision=2**63)])

    assert (response.status_code, response.json()) == (202, {"message": "Score deletion queued successfully"})
    assert await _ids(clickhouse, scope, "/v2/scores") == []
    assert (await _send(clickhouse, scope, "/v2/scores/s")).status_code == 404
    assert await _ids(clickhouse, other, "/v2/scores") == ["s"]
