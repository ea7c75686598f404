"""Comments are checked, kept within their project, and go with the trace they are about."""

import secrets
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.roles import Role
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import comments
from elasticdash.shared.postgres.comments import CommentFilter
from elasticdash.shared.postgres.engine import Database
from elasticdash.web.public_api.comments import routes
from elasticdash.web.public_api.prompts import routes as prompts
from elasticdash.web.public_api.traces import routes as traces
from elasticdash.worker.remarks import RemarksErasure
from support import signed_in, web
from support.records import make_observation, make_trace, store
from support.servers.postgres import Databases

PATH = "/api/public/comments"
ALPHA, BETA = ProjectScope(ProjectId("alpha")), ProjectScope(ProjectId("beta"))
COMMENT = {"projectId": "alpha", "objectType": "TRACE", "objectId": "t", "content": "Why?"}


@pytest.fixture
async def opened(
    tmp_path: Path, clickhouse: ClickHouse, postgres_or_none: Databases | None
) -> AsyncGenerator[tuple[httpx.AsyncClient, Database]]:
    routers = [routes.router, prompts.router, traces.router]
    async with web.opened(tmp_path, routers, clickhouse=clickhouse, postgres=postgres_or_none) as opened:
        # The engine is shared by all tests, the projects' names are not.
        await store(clickhouse, ALPHA, [make_trace("t", session_id="s")], [make_observation("o", trace_id="t")])
        yield opened


async def _create(client: httpx.AsyncClient, **changed: Any) -> str:
    response = await client.post(PATH, json={**COMMENT, **changed}, headers=web.ALPHA)
    assert response.status_code == 200, response.text
    return response.json()["id"]


async def _listed(client: httpx.AsyncClient, headers: dict[str, str] = web.ALPHA, **params: Any) -> list[str]:
    response = await client.get(PATH, params=params, headers=headers)
    assert response.status_code == 200, response.text
    return [row["id"] for row in response.json()["data"]]


@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("GET", PATH), ("GET", f"{PATH}/x")])
async def test_strangers_and_public_keys_are_refused(client: httpx.AsyncClient, method: str, path: str):
    stranger = await client.request(method, path)
    public = await client.request(method, path, json=COMMENT, headers={"Authorization": "Bearer pk-lf-a"})

    assert (stranger.status_code, public.status_code) == (401, 403)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"content": ""}, 400),
        ({"content": "  \n "}, 400),
        ({"content": "x" * 5001}, 400),
        ({"content": "a\0b"}, 400),
        ({"objectType": "MODEL"}, 400),
        ({"objectId": ""}, 400),
        ({"projectId": "beta"}, 400),
        ({"dangling": 1}, 400),
        ({"objectId": "unknown"}, 404),
        ({"objectId": "unknown", "objectType": "OBSERVATION"}, 404),
        ({"objectId": "unknown", "objectType": "SESSION"}, 404),
        ({"objectId": "unknown", "objectType": "PROMPT"}, 404),
        ({"authorUserId": "nobody"}, 404),
    ],
)
async def test_what_breaks_a_rule_is_refused(client: httpx.AsyncClient, changed: dict[str, Any], status: int):
    response = await client.post(PATH, json={**COMMENT, **changed}, headers=web.ALPHA)

    assert response.status_code == status
    assert await _listed(client) == []


async def test_an_author_of_another_organization_is_refused(client: httpx.AsyncClient, database: Database):
    stranger = await signed_in.add_user(database, "stranger@example.com", {})

    response = await client.post(PATH, json={**COMMENT, "authorUserId": stranger}, headers=web.ALPHA)

    assert response.status_code == 404


async def test_an_object_needs_its_type(client: httpx.AsyncClient):
    response = await client.get(PATH, params={"objectId": "t"}, headers=web.ALPHA)

    assert response.status_code == 400
    assert response.json()["error"][0]["path"] == ["objectType"]


async def test_other_project_sees_nothing_and_cannot_comment(client: httpx.AsyncClient):
    comment_id = await _create(client)

    read = await client.get(f"{PATH}/{comment_id}", headers=web.BETA)
    made = await client.post(PATH, json={**COMMENT, "projectId": "beta"}, headers=web.BETA)

    assert await _listed(client, web.BETA) == []
    assert (read.status_code, made.status_code) == (404, 404)


async def test_a_comment_is_read_as_it_was_made(client: httpx.AsyncClient, database: Database):
    author = await signed_in.add_user(database, "ann@example.com", {"org": Role.VIEWER})
    comment_id = await _create(client, content=f"  {'ü' * 5000} ", authorUserId=author)

    found = (await client.get(f"{PATH}/{comment_id}", headers=web.ALPHA)).json()

    assert found.pop("createdAt") == found.pop("updatedAt")
    assert found == {
        "id": comment_id,
        "projectId": "alpha",
        "objectType": "TRACE",
        "objectId": "t",
        "content": "ü" * 5000,
        "authorUserId": author,
    }


async def test_lists_are_narrowed_by_object_and_author(client: httpx.AsyncClient, database: Database):
    author = await signed_in.add_user(database, "ann@example.com", {"org": Role.VIEWER})
    prompt = {"name": "p", "type": "text", "prompt": "hi"}
    prompt_id = (await client.post("/api/public/v2/prompts", json=prompt, headers=web.ALPHA)).json()["id"]
    objects = {"TRACE": "t", "OBSERVATION": "o", "SESSION": "s", "PROMPT": prompt_id}
    made = {type_: await _create(client, objectType=type_, objectId=id_) for type_, id_ in objects.items()}
    by_author = await _create(client, authorUserId=author)

    assert await _listed(client) == [by_author, *reversed(made.values())]
    assert await _listed(client, objectType="OBSERVATION") == [made["OBSERVATION"]]
    assert await _listed(client, objectType="trace", objectId="t") == [by_author, made["TRACE"]]
    assert await _listed(client, authorUserId=author) == [by_author]
    assert await _listed(client, limit=2, page=2) == [made["SESSION"], made["OBSERVATION"]]


async def test_comments_go_with_their_trace(client: httpx.AsyncClient, clickhouse: ClickHouse):
    gone = f"gone-{secrets.token_hex(4)}"
    await store(clickhouse, ALPHA, [make_trace(gone)], [make_observation(f"{gone}-o", trace_id=gone)])
    kept = await _create(client)
    await _create(client, objectId=gone)
    await _create(client, objectType="OBSERVATION", objectId=f"{gone}-o")

    await client.delete(f"/api/public/traces/{gone}", headers=web.ALPHA)

    assert await _listed(client) == [kept]


async def test_retention_takes_old_comments_on_traces_alone(client: httpx.AsyncClient, database: Database):
    await _create(client)
    in_session = await _create(client, objectType="SESSION", objectId="s")
    erasure, now = RemarksErasure(database), datetime.now(UTC)

    await erasure.expire(ALPHA, now - timedelta(hours=1))
    before = len(await _listed(client))
    await erasure.expire(BETA, now + timedelta(hours=1))
    await erasure.expire(ALPHA, now + timedelta(hours=1))

    assert before == 2
    assert await _listed(client) == [in_session]


async def test_of_an_erased_project_nothing_is_left(client: httpx.AsyncClient, database: Database):
    await _create(client, objectType="SESSION", objectId="s")
    await RemarksErasure(database).erase_project(BETA)
    before = len(await _listed(client))

    await RemarksErasure(database).erase_project(ALPHA)

    async with database.reading() as session:
        _, left = await comments.list_page(session, ALPHA, CommentFilter(), offset=0, limit=1)
    assert (before, left) == (1, 0)
