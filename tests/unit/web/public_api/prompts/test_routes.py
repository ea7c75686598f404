"""Prompts get versions and labels, keep to their project, and can be linked to."""

from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy import text

from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import prompts
from elasticdash.shared.postgres.engine import Database
from elasticdash.web.public_api.prompts import routes
from support import web

PATH = "/api/public/v2/prompts"
TEXT = {"name": "greeting", "prompt": "Hello {{name}}"}
CHAT = {
    "name": "talk",
    "type": "chat",
    "prompt": [{"role": "system", "content": "Be kind"}, {"type": "placeholder", "name": "history"}],
}


@pytest.fixture
def routers() -> list[APIRouter]:
    return [routes.router]


async def _create(
    client: httpx.AsyncClient, body: dict[str, Any], headers: dict[str, str] = web.ALPHA
) -> dict[str, Any]:
    response = await client.post(PATH, json=body, headers=headers)
    assert response.status_code == 201, response.text
    return response.json()


async def _get(client: httpx.AsyncClient, name: str, **params: Any) -> httpx.Response:
    return await client.get(f"{PATH}/{name}", params=params, headers=web.ALPHA)


@pytest.mark.parametrize("path", [PATH, f"{PATH}/greeting"])
async def test_stranger_is_refused(client: httpx.AsyncClient, path: str):
    assert (await client.get(path)).status_code == 401


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_key_without_secret_or_project_is_refused_in_this_route_own_words(
    client: httpx.AsyncClient, database: Database, method: str
):
    message = f"Access denied - need to use basic auth with secret key to {method} prompts"

    bearer = await client.request(method, PATH, json=TEXT, headers={"Authorization": "Bearer pk-lf-a"})
    async with database.writing() as session:
        await session.execute(text("UPDATE api_keys SET project_id = NULL, organization_id = 'org'"))
    organization = await client.request(method, PATH, json=TEXT, headers=web.BETA)

    assert (bearer.status_code, bearer.json()["message"]) == (403, message)
    assert (organization.status_code, organization.json()["message"]) == (403, message)


async def test_other_project_sees_nothing(client: httpx.AsyncClient, database: Database):
    await _create(client, {**TEXT, "labels": ["production"]})

    listed = await client.get(PATH, headers=web.BETA)
    read = await client.get(f"{PATH}/greeting", headers=web.BETA)
    by_version = await client.get(f"{PATH}/greeting?version=1", headers=web.BETA)
    created = await _create(client, TEXT, web.BETA)

    assert listed.json()["data"] == []
    assert (read.status_code, by_version.status_code) == (404, 404)
    assert created["version"] == 1
    assert (await _get(client, "greeting")).json()["labels"] == ["production", "latest"]
    async with database.reading() as session:
        beta = ProjectScope(ProjectId("beta"))
        assert await prompts.find_prompt_id(session, beta, "greeting", 1) == created["id"]
        assert await prompts.find_prompt_id(session, beta, "greeting", 2) is None


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "Prompt not found: 'greeting' with label 'production'"),
        ({"label": "staging"}, "Prompt not found: 'greeting' with label 'staging'"),
        ({"version": 7}, "Prompt not found: 'greeting' with version 7"),
    ],
)
async def test_missing_prompt(client: httpx.AsyncClient, params: dict[str, Any], message: str):
    await _create(client, TEXT)

    response = await _get(client, "greeting", **params)

    assert (response.status_code, response.json()) == (404, {"message": message, "error": "LangfuseNotFoundError"})


@pytest.mark.parametrize(
    "params", [{"version": 1, "label": "latest"}, {"version": 0}, {"version": "x"}, {"version": 2**31}]
)
async def test_unclear_version_is_refused(client: httpx.AsyncClient, params: dict[str, Any]):
    await _create(client, TEXT)

    assert (await _get(client, "greeting", **params)).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"name": ""}, id="empty name"),
        pytest.param({"name": "a|b"}, id="bar in name"),
        pytest.param({"name": "<b>x</b>"}, id="HTML in name"),
        pytest.param({"name": "/a"}, id="leading slash"),
        pytest.param({"name": "a//b"}, id="double slash"),
        pytest.param({"name": "new"}, id="reserved name"),
        pytest.param({"labels": ["latest"]}, id="latest set"),
        pytest.param({"labels": ["Upper"]}, id="upper case label"),
        pytest.param({"labels": ["x" * 37]}, id="long label"),
        pytest.param({"commitMessage": "x" * 501}, id="long commit message"),
        pytest.param({"prompt": [{"role": "user", "content": "x"}]}, id="messages for a text"),
        pytest.param({"type": "chat"}, id="text for a chat"),
        pytest.param({"type": "chat", "prompt": [{"role": "user"}]}, id="message without content"),
        pytest.param({"type": "chat", "prompt": [{"type": "placeholder"}]}, id="placeholder without name"),
        pytest.param(
            {
                "type": "chat",
                "prompt": [{"type": "placeholder", "name": "x"}, {"role": "user", "content": "a {{ x }}"}],
            },
            id="placeholder named like a variable",
        ),
        pytest.param({"prompt": None}, id="no prompt"),
        pytest.param({"config": {"x": "a\0"}}, id="NUL in config"),
    ],
)
async def test_broken_prompt_is_refused(client: httpx.AsyncClient, changes: dict[str, Any]):
    response = await client.post(PATH, json={**TEXT, **changes}, headers=web.ALPHA)

    assert response.status_code == 400, response.text


async def test_type_cannot_change(client: httpx.AsyncClient):
    await _create(client, TEXT)

    response = await client.post(PATH, json={**CHAT, "name": "greeting"}, headers=web.ALPHA)

    assert response.status_code == 400
    assert (await _get(client, "greeting", label="latest")).json()["version"] == 1


async def test_created_text_is_read_back(client: httpx.AsyncClient):
    body = {
        **TEXT,
        "type": None,
        "labels": ["production"],
        "tags": ["a"],
        "config": {"model": "m"},
        "commitMessage": "why",
    }
    created = await _create(client, body)

    read = (await _get(client, "greeting")).json()
    assert read == created
    assert {name: value for name, value in read.items() if name not in ("id", "createdAt", "updatedAt")} == {
        "projectId": "alpha",
        "createdBy": "API",
        "name": "greeting",
        "version": 1,
        "type": "text",
        "prompt": "Hello {{name}}",
        "config": {"model": "m"},
        "tags": ["a"],
        "labels": ["production", "latest"],
        "commitMessage": "why",
        "isActive": True,
        "resolutionGraph": None,
    }


async def test_created_chat_is_read_back(client: httpx.AsyncClient):
    await _create(client, {**CHAT, "isActive": True})

    read = (await _get(client, "talk")).json()

    assert (read["type"], read["prompt"], read["config"], read["labels"]) == (
        "chat",
        CHAT["prompt"],
        {},
        ["production", "latest"],
    )


async def test_labels_move_to_the_new_version_and_tags_are_shared(client: httpx.AsyncClient):
    await _create(client, {**TEXT, "labels": ["production", "staging"], "tags": ["old"]})
    second = await _create(client, {**TEXT, "labels": ["staging"]})
    third = await _create(client, {**TEXT, "tags": ["new"]})

    versions = [(await _get(client, "greeting", version=number)).json() for number in (1, 2, 3)]
    assert [version["labels"] for version in versions] == [["production"], ["staging"], ["latest"]]
    assert [version["tags"] for version in versions] == [["new"]] * 3
    assert second["tags"] == ["old"]
    assert third["version"] == 3
    assert (await _get(client, "greeting")).json()["version"] == 1
    assert (await _get(client, "greeting", label="latest")).json()["version"] == 3


@pytest.mark.parametrize("sent", ["folder/my prompt é", "folder%2Fmy%20prompt%20%C3%A9"], ids=["raw", "escaped"])
async def test_names_with_slashes_and_spaces_are_found(client: httpx.AsyncClient, sent: str):
    await _create(client, {**TEXT, "name": "folder/my prompt é"})

    assert (await _get(client, sent, label="latest")).json()["name"] == "folder/my prompt é"


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, ["talk", "greeting"]),
        ({"name": "talk"}, ["talk"]),
        ({"label": "production"}, ["greeting"]),
        ({"label": "%"}, []),
        ({"tag": "b"}, ["greeting"]),
        ({"version": 2}, ["greeting"]),
        ({"fromUpdatedAt": "2100-01-01T00:00:00Z"}, []),
        ({"toUpdatedAt": "2100-01-01T00:00:00Z"}, ["talk", "greeting"]),
        ({"limit": 1}, ["talk"]),
        ({"limit": 1, "page": 2}, ["greeting"]),
        ({"name": "", "version": ""}, ["talk", "greeting"]),
    ],
)
async def test_list_is_narrowed(client: httpx.AsyncClient, params: dict[str, Any], names: list[str]):
    await _create(client, {**TEXT, "labels": ["production"], "tags": ["a", "b"]})
    await _create(client, TEXT)
    await _create(client, CHAT)

    listed = (await client.get(PATH, params=params, headers=web.ALPHA)).json()

    assert [prompt["name"] for prompt in listed["data"]] == names


async def test_list_sums_versions_up(client: httpx.AsyncClient):
    await _create(client, {**TEXT, "labels": ["production"], "tags": ["a"]})
    await _create(client, {**TEXT, "config": {"x": 1}})

    listed = (await client.get(PATH, headers=web.ALPHA)).json()

    [prompt] = listed["data"]
    assert prompt.pop("lastUpdatedAt").endswith("Z")
    assert prompt == {
        "name": "greeting",
        "type": "text",
        "versions": [1, 2],
        "labels": ["production", "latest"],
        "tags": ["a"],
        "lastConfig": {"x": 1},
    }
    assert listed["meta"] == listed["pagination"] == {"page": 1, "limit": 10, "totalItems": 1, "totalPages": 1}


async def test_many_links_are_found_at_once(client: httpx.AsyncClient, database: Database):
    first = await _create(client, TEXT)
    second = await _create(client, TEXT)
    wanted = [("greeting", 1), ("greeting", 2), ("greeting", 3), ("nothing", 1)]

    async with database.reading() as session:
        found = await prompts.find_prompt_ids(session, ProjectScope(ProjectId("alpha")), wanted)

    assert found == {("greeting", 1): first["id"], ("greeting", 2): second["id"]}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param("greeting/versions/1", {"newLabels": ["latest"]}, 400, id="latest"),
        pytest.param("greeting/versions/1", {"newLabels": ["Upper"]}, 400, id="upper case"),
        pytest.param("greeting/versions/1", {}, 400, id="no labels"),
        pytest.param("greeting/versions/x", {"newLabels": []}, 400, id="no number"),
        pytest.param("greeting/versions/9", {"newLabels": ["a"]}, 404, id="unknown version"),
        pytest.param("nothing/versions/1", {"newLabels": ["a"]}, 404, id="unknown prompt"),
    ],
)
async def test_broken_relabelling_is_refused(client: httpx.AsyncClient, path: str, body: dict[str, Any], status: int):
    created = await _create(client, TEXT)

    response = await client.patch(f"{PATH}/{path}", json=body, headers=web.ALPHA)

    assert response.status_code == status, response.text
    assert (await _get(client, "greeting", version=1)).json() == created


async def test_anothers_version_is_neither_relabelled_nor_deleted(client: httpx.AsyncClient):
    created = await _create(client, TEXT)

    relabelled = await client.patch(f"{PATH}/greeting/versions/1", json={"newLabels": ["a"]}, headers=web.BETA)
    deleted = await client.delete(f"{PATH}/greeting", headers=web.BETA)

    assert (relabelled.status_code, deleted.status_code) == (404, 404)
    assert (await _get(client, "greeting", version=1)).json() == created


async def test_new_labels_are_added_and_taken_from_the_others(client: httpx.AsyncClient):
    await _create(client, {**TEXT, "name": "in/folder", "labels": ["staging"]})
    await _create(client, {**TEXT, "name": "in/folder", "labels": ["production"]})
    body = {"name": "in/folder", "version": 1, "newLabels": ["production", "best"]}

    answered = await client.patch(f"{PATH}/in%2Ffolder/versions/1", json=body, headers=web.ALPHA)

    labels = [(await _get(client, "in/folder", version=number)).json()["labels"] for number in (1, 2)]
    assert (answered.status_code, answered.json()["labels"]) == (200, labels[0])
    assert labels == [["staging", "production", "best"], ["latest"]]


@pytest.mark.parametrize(
    ("params", "status", "left"),
    [
        pytest.param({"version": 1, "label": "latest"}, 400, {1: ["a"], 2: ["b"], 3: ["latest"]}, id="both"),
        pytest.param({"version": 9}, 404, {1: ["a"], 2: ["b"], 3: ["latest"]}, id="unknown version"),
        pytest.param({"label": "c"}, 404, {1: ["a"], 2: ["b"], 3: ["latest"]}, id="unknown label"),
        pytest.param({"version": 1}, 204, {2: ["b"], 3: ["latest"]}, id="by version"),
        pytest.param({"label": "b"}, 204, {1: ["a"], 3: ["latest"]}, id="by label"),
        pytest.param({"label": "latest"}, 204, {1: ["a"], 2: ["b", "latest"]}, id="the latest"),
        pytest.param({}, 204, {}, id="all"),
    ],
)
async def test_what_is_meant_is_deleted(
    client: httpx.AsyncClient, params: dict[str, Any], status: int, left: dict[int, list[str]]
):
    for labels in (["a"], ["b"], []):
        await _create(client, {**TEXT, "labels": labels})

    deleted = await client.delete(f"{PATH}/greeting", params=params, headers=web.ALPHA)

    assert deleted.status_code == status, deleted.text
    read = [await _get(client, "greeting", version=number) for number in (1, 2, 3)]
    assert {row.json()["version"]: row.json()["labels"] for row in read if row.status_code == 200} == left


async def test_changes_are_audited(client: httpx.AsyncClient, database: Database):
    created = await _create(client, TEXT)
    await client.patch(f"{PATH}/greeting/versions/1", json={"newLabels": ["a"]}, headers=web.ALPHA)
    await client.delete(f"{PATH}/greeting", headers=web.ALPHA)

    async with database.reading() as session:
        sql = "SELECT action, resource_id, project_id, actor_type FROM audit_logs WHERE resource_type = 'prompt'"
        assert {tuple(entry) for entry in await session.execute(text(sql))} == {
            (action, created["id"], "alpha", "api_key") for action in ("create", "update", "delete")
        }
