"""Annotation queues are checked, kept within their project, and let go of what is deleted."""

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
from elasticdash.shared.postgres.engine import Database
from elasticdash.web.public_api.annotation_queues import routes
from elasticdash.web.public_api.score_configs import routes as score_configs
from elasticdash.web.public_api.traces import routes as traces
from elasticdash.worker.remarks import RemarksErasure
from support import signed_in, web
from support.records import make_observation, make_trace, store
from support.servers.postgres import Databases

PATH = "/api/public/annotation-queues"
ALPHA, BETA = ProjectScope(ProjectId("alpha")), ProjectScope(ProjectId("beta"))


@pytest.fixture
async def opened(
    tmp_path: Path, clickhouse: ClickHouse, postgres_or_none: Databases | None
) -> AsyncGenerator[tuple[httpx.AsyncClient, Database]]:
    routers = [routes.router, score_configs.router, traces.router]
    async with web.opened(tmp_path, routers, clickhouse=clickhouse, postgres=postgres_or_none) as opened:
        yield opened


async def _config(client: httpx.AsyncClient, headers: dict[str, str] = web.ALPHA) -> str:
    body = {"name": "quality", "dataType": "NUMERIC"}
    return (await client.post("/api/public/score-configs", json=body, headers=headers)).json()["id"]


async def _queue(client: httpx.AsyncClient, **changed: Any) -> dict[str, Any]:
    body = {"name": "q", "scoreConfigIds": [await _config(client)], **changed}
    response = await client.post(PATH, json=body, headers=web.ALPHA)
    assert response.status_code == 200, response.text
    return response.json()


async def _item(client: httpx.AsyncClient, queue_id: str, **changed: Any) -> dict[str, Any]:
    body = {"objectId": "t", "objectType": "TRACE", **changed}
    response = await client.post(f"{PATH}/{queue_id}/items", json=body, headers=web.ALPHA)
    assert response.status_code == 200, response.text
    return response.json()


async def _items(client: httpx.AsyncClient, queue_id: str, **params: Any) -> list[str]:
    response = await client.get(f"{PATH}/{queue_id}/items", params=params, headers=web.ALPHA)
    assert response.status_code == 200, response.text
    return [row["id"] for row in response.json()["data"]]


CALLS = [
    ("GET", ""),
    ("POST", ""),
    ("GET", "/{queue}"),
    ("GET", "/{queue}/items"),
    ("POST", "/{queue}/items"),
    ("GET", "/{queue}/items/{item}"),
    ("PATCH", "/{queue}/items/{item}"),
    ("DELETE", "/{queue}/items/{item}"),
    ("POST", "/{queue}/assignments"),
    ("DELETE", "/{queue}/assignments"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_strangers_and_public_keys_are_refused(client: httpx.AsyncClient, method: str, path: str):
    stranger = await client.request(method, PATH + path)
    public = await client.request(method, PATH + path, headers={"Authorization": "Bearer pk-lf-a"})

    assert stranger.status_code == 401
    assert public.status_code == 403


@pytest.mark.parametrize(("method", "path"), [call for call in CALLS if call[1]])
async def test_other_project_is_answered_as_if_there_were_none(client: httpx.AsyncClient, method: str, path: str):
    queue = await _queue(client)
    item = await _item(client, queue["id"])
    bodies = {"/items": {"objectId": "t", "objectType": "TRACE"}, "/assignments": {"userId": "u"}}
    body = next((body for end, body in bodies.items() if path.endswith(end)), {"status": "COMPLETED"})
    sent: dict[str, Any] = {"json": body} if method != "GET" else {}

    foreign = await client.request(
        method, PATH + path.format(queue=queue["id"], item=item["id"]), headers=web.BETA, **sent
    )
    absent = await client.request(method, PATH + path.format(queue="none", item="none"), headers=web.BETA, **sent)

    assert (foreign.status_code, foreign.json()) == (absent.status_code, absent.json())
    assert foreign.status_code == 404
    assert (await client.get(PATH, headers=web.BETA)).json()["data"] == []


@pytest.mark.parametrize(
    "changed",
    [
        {"name": ""},
        {"name": "x" * 256},
        {"scoreConfigIds": []},
        {"scoreConfigIds": ["unknown"]},
        {"dangling": 1},
    ],
)
async def test_queues_that_break_a_rule_are_refused(client: httpx.AsyncClient, changed: dict[str, Any]):
    body = {"name": "q", "scoreConfigIds": [await _config(client)], **changed}
    response = await client.post(PATH, json=body, headers=web.ALPHA)

    assert response.status_code == 400


async def test_a_name_is_taken_once_in_a_project(client: httpx.AsyncClient):
    queue = await _queue(client)
    same = {"name": "q", "scoreConfigIds": queue["scoreConfigIds"]}

    again = await client.post(PATH, json=same, headers=web.ALPHA)
    foreign_config = await client.post(PATH, json=same, headers=web.BETA)
    other = await client.post(
        PATH, json={**same, "scoreConfigIds": [await _config(client, web.BETA)]}, headers=web.BETA
    )

    assert [answer.status_code for answer in (again, foreign_config, other)] == [400, 400, 200]
    assert again.json()["error"][0]["path"] == ["name"]
    assert foreign_config.json()["error"][0]["path"] == ["scoreConfigIds"]


@pytest.mark.parametrize("changed", [{"objectId": ""}, {"objectType": "PROMPT"}, {"status": "DONE"}, {"dangling": 1}])
async def test_items_that_break_a_rule_are_refused(client: httpx.AsyncClient, changed: dict[str, Any]):
    queue = await _queue(client)
    body = {"objectId": "t", "objectType": "TRACE", **changed}

    response = await client.post(f"{PATH}/{queue['id']}/items", json=body, headers=web.ALPHA)

    assert response.status_code == 400


async def test_an_unknown_status_is_refused(client: httpx.AsyncClient):
    queue = await _queue(client)

    response = await client.get(f"{PATH}/{queue['id']}/items", params={"status": "DONE"}, headers=web.ALPHA)

    assert response.status_code == 400


async def test_queues_are_read_as_they_were_made_newest_first(client: httpx.AsyncClient):
    first = await _queue(client, description="why")
    second = await _queue(client, name="r", scoreConfigIds=first["scoreConfigIds"] * 2)

    listed = (await client.get(PATH, headers=web.ALPHA)).json()
    read = await client.get(f"{PATH}/{first['id']}", headers=web.ALPHA)

    assert listed["data"] == [second, first]
    assert listed["meta"] == {"page": 1, "limit": 50, "totalItems": 2, "totalPages": 1}
    assert read.json() == first
    assert (first["name"], first["description"], second["description"]) == ("q", "why", None)
    assert second["scoreConfigIds"] == first["scoreConfigIds"]


async def test_items_are_completed_reopened_and_removed(client: httpx.AsyncClient):
    queue = await _queue(client)
    pending = await _item(client, queue["id"])
    done = await _item(client, queue["id"], objectType="SESSION", objectId="s", status="COMPLETED")
    path = f"{PATH}/{queue['id']}/items/{pending['id']}"

    unchanged = (await client.patch(path, json={}, headers=web.ALPHA)).json()
    completed = (await client.patch(path, json={"status": "COMPLETED"}, headers=web.ALPHA)).json()
    by_status = await _items(client, queue["id"], status="COMPLETED")
    again = (await client.patch(path, json={"status": "COMPLETED"}, headers=web.ALPHA)).json()
    reopened = (await client.patch(path, json={"status": "PENDING"}, headers=web.ALPHA)).json()
    removed = await client.delete(path, headers=web.ALPHA)
    gone = await client.get(path, headers=web.ALPHA)

    assert (pending["status"], pending["completedAt"], unchanged) == ("PENDING", None, pending)
    assert done["status"] == "COMPLETED"
    assert done["completedAt"] is not None
    assert completed["completedAt"] is not None
    assert by_status == [done["id"], pending["id"]]
    assert again == completed
    assert (reopened["status"], reopened["completedAt"]) == ("PENDING", None)
    assert removed.json() == {"success": True, "message": "Annotation queue item deleted successfully"}
    assert gone.status_code == 404
    assert await _items(client, queue["id"]) == [done["id"]]


async def test_people_of_the_project_are_assigned_once(client: httpx.AsyncClient, database: Database):
    queue = await _queue(client)
    member = await signed_in.add_user(database, "ann@example.com", {"org": Role.MEMBER})
    stranger = await signed_in.add_user(database, "eve@example.com", {})
    path = f"{PATH}/{queue['id']}/assignments"

    refused = await client.post(path, json={"userId": stranger}, headers=web.ALPHA)
    made = [await client.post(path, json={"userId": member}, headers=web.ALPHA) for _ in range(2)]
    gone = [await client.request("DELETE", path, json={"userId": member}, headers=web.ALPHA) for _ in range(2)]

    assert refused.status_code == 404
    assert [answer.json() for answer in made] == [{"userId": member, "queueId": queue["id"], "projectId": "alpha"}] * 2
    assert [answer.json() for answer in gone] == [{"success": True}] * 2


async def test_items_go_with_their_trace(client: httpx.AsyncClient, clickhouse: ClickHouse):
    gone = f"gone-{secrets.token_hex(4)}"
    await store(clickhouse, ALPHA, [make_trace(gone)], [make_observation(f"{gone}-o", trace_id=gone)])
    queue = await _queue(client)
    kept = [
        await _item(client, queue["id"]),
        await _item(client, queue["id"], objectType="SESSION", objectId=gone),
    ]
    await _item(client, queue["id"], objectId=gone)
    await _item(client, queue["id"], objectType="OBSERVATION", objectId=f"{gone}-o")

    await client.delete(f"/api/public/traces/{gone}", headers=web.ALPHA)

    assert await _items(client, queue["id"]) == [kept[1]["id"], kept[0]["id"]]


async def test_retention_and_erasure_take_what_is_no_longer_kept(client: httpx.AsyncClient, database: Database):
    queue = await _queue(client)
    await _item(client, queue["id"])
    in_session = await _item(client, queue["id"], objectType="SESSION", objectId="s")
    erasure, now = RemarksErasure(database), datetime.now(UTC)

    await erasure.expire(ALPHA, now - timedelta(hours=1))
    young = len(await _items(client, queue["id"]))
    await erasure.expire(ALPHA, now + timedelta(hours=1))
    old = await _items(client, queue["id"])
    await erasure.erase_project(BETA)
    others = (await client.get(PATH, headers=web.ALPHA)).json()["meta"]["totalItems"]
    await erasure.erase_project(ALPHA)

    assert (young, old, others) == (2, [in_session["id"]], 1)
    assert (await client.get(PATH, headers=web.ALPHA)).json()["data"] == []
