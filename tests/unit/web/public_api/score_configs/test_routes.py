"""Score configs are checked, kept within their project, and changed field by field."""

from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy import text

from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.domain.score_rules import ScoreCategory, ScoreConfigRule
from elasticdash.shared.domain.scores import ScoreDataType
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import score_configs
from elasticdash.shared.postgres.engine import Database
from elasticdash.web.public_api.score_configs import routes
from support import web

PATH = "/api/public/score-configs"
NUMERIC = {"name": "quality", "dataType": "NUMERIC", "minValue": 0, "maxValue": 1}
CATEGORIES = [{"label": "good", "value": 1}, {"label": "bad", "value": 0}]
CATEGORICAL = {"name": "tone", "dataType": "CATEGORICAL", "categories": CATEGORIES}


@pytest.fixture
def routers() -> list[APIRouter]:
    return [routes.router]


async def _create(
    client: httpx.AsyncClient, body: dict[str, Any], headers: dict[str, str] = web.ALPHA
) -> dict[str, Any]:
    response = await client.post(PATH, json=body, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


def _paths(response: httpx.Response) -> list[list[object]]:
    assert response.status_code == 400, response.text
    return [issue["path"] for issue in response.json()["error"]]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_stranger_is_refused_before_the_body_is_read(client: httpx.AsyncClient, method: str):
    response = await client.request(method, PATH, content=b"{broken", headers={"Content-Type": "application/json"})

    assert response.status_code == 401


async def test_public_key_alone_is_refused(client: httpx.AsyncClient):
    response = await client.post(PATH, json=NUMERIC, headers={"Authorization": "Bearer pk-lf-a"})

    assert response.status_code == 403


async def test_other_project_sees_and_changes_nothing(client: httpx.AsyncClient):
    config = await _create(client, NUMERIC)
    path = f"{PATH}/{config['id']}"

    listed = await client.get(PATH, headers=web.BETA)
    read = await client.get(path, headers=web.BETA)
    unknown = await client.get(f"{PATH}/nothing", headers=web.BETA)
    changed = await client.patch(path, json={"name": "mine"}, headers=web.BETA)

    assert listed.json() == {"data": [], "meta": {"page": 1, "limit": 50, "totalItems": 0, "totalPages": 0}}
    assert (read.status_code, read.json()) == (unknown.status_code, unknown.json())
    assert (changed.status_code, read.status_code) == (404, 404)
    assert read.json()["message"] == "Score config not found within authorized project"
    assert (await client.get(path, headers=web.ALPHA)).json() == config


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        pytest.param({"name": ""}, ["name"], id="empty name"),
        pytest.param({"name": "x" * 36}, ["name"], id="long name"),
        pytest.param({"name": "a/b"}, ["name"], id="slash in name"),
        pytest.param({"name": "a\n"}, ["name"], id="line break in name"),
        pytest.param({"dataType": "CORRECTION"}, ["dataType"], id="type without configs"),
        pytest.param({"maxValue": 0}, ["maxValue"], id="max equals min"),
        pytest.param({"minValue": "high"}, ["minValue"], id="min no number"),
        pytest.param({"categories": CATEGORIES}, ["categories"], id="categories for numbers"),
        pytest.param({"dataType": "CATEGORICAL"}, ["minValue"], id="bounds for categories"),
        pytest.param({"dataType": "TEXT"}, ["minValue"], id="bounds for text"),
        pytest.param({"description": "a\0b"}, ["description"], id="NUL"),
    ],
)
async def test_broken_numeric_is_refused(client: httpx.AsyncClient, changes: dict[str, Any], path: list[object]):
    response = await client.post(PATH, json={**NUMERIC, **changes}, headers=web.ALPHA)

    assert _paths(response) == [path]


@pytest.mark.parametrize(
    "categories",
    [
        pytest.param(None, id="none"),
        pytest.param([], id="empty"),
        pytest.param([{"label": "a", "value": 1}, {"label": "a", "value": 2}], id="same label"),
        pytest.param([{"label": "a", "value": 1}, {"label": "b", "value": 1}], id="same value"),
    ],
)
async def test_broken_categories_are_refused(client: httpx.AsyncClient, categories: Any):
    response = await client.post(PATH, json={**CATEGORICAL, "categories": categories}, headers=web.ALPHA)

    assert _paths(response) == [["categories"]]


async def test_boolean_takes_no_categories(client: httpx.AsyncClient):
    body = {"name": "ok", "dataType": "BOOLEAN", "categories": CATEGORIES}

    assert _paths(await client.post(PATH, json=body, headers=web.ALPHA)) == [["categories"]]


async def test_created_config_is_read_back(client: httpx.AsyncClient):
    created = await _create(client, {**NUMERIC, "description": None, "unknown": 1})

    assert created.pop("createdAt") == created.pop("updatedAt")
    read = (await client.get(f"{PATH}/{created['id']}", headers=web.ALPHA)).json()
    assert read["createdAt"].endswith("Z")
    assert created == {
        "id": read["id"],
        "name": "quality",
        "projectId": "alpha",
        "dataType": "NUMERIC",
        "isArchived": False,
        "minValue": 0,
        "maxValue": 1,
        "categories": None,
        "description": None,
    }
    assert {**read, **created} == read


@pytest.mark.parametrize("name", ["Überblick (v1.0) - a_b", "质量", "x" * 35])
async def test_names_may_be_of_any_script(client: httpx.AsyncClient, name: str):
    assert (await _create(client, {**NUMERIC, "name": name}))["name"] == name


async def test_boolean_has_fixed_categories(client: httpx.AsyncClient):
    created = await _create(client, {"name": "ok", "dataType": "BOOLEAN"})

    assert created["categories"] == [{"label": "True", "value": 1}, {"label": "False", "value": 0}]


async def test_list_pages_newest_first(client: httpx.AsyncClient):
    for name in ("first", "second", "third"):
        await _create(client, {**NUMERIC, "name": name})

    page = (await client.get(PATH, params={"limit": 2}, headers=web.ALPHA)).json()
    rest = (await client.get(PATH, params={"limit": 2, "page": 2}, headers=web.ALPHA)).json()

    assert [config["name"] for config in page["data"] + rest["data"]] == ["third", "second", "first"]
    assert page["meta"] == {"page": 1, "limit": 2, "totalItems": 3, "totalPages": 2}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"name": None}, id="only null"),
        pytest.param({"dataType": "TEXT"}, id="only the type"),
        pytest.param({"maxValue": -1}, id="max below min"),
        pytest.param({"categories": CATEGORIES}, id="categories for numbers"),
    ],
)
async def test_broken_change_is_refused_and_changes_nothing(client: httpx.AsyncClient, body: dict[str, Any]):
    config = await _create(client, NUMERIC)
    path = f"{PATH}/{config['id']}"

    response = await client.patch(path, json=body, headers=web.ALPHA)

    assert response.status_code == 400
    assert (await client.get(path, headers=web.ALPHA)).json() == config


async def test_change_leaves_other_fields(client: httpx.AsyncClient):
    config = await _create(client, CATEGORICAL)
    path = f"{PATH}/{config['id']}"

    changed = (await client.patch(path, json={"isArchived": True, "name": None}, headers=web.ALPHA)).json()

    assert changed == {**config, "isArchived": True, "updatedAt": changed["updatedAt"]}
    assert (await client.get(path, headers=web.ALPHA)).json() == changed


async def test_every_change_is_audited_with_the_key(client: httpx.AsyncClient, database: Database):
    config = await _create(client, NUMERIC)
    await client.patch(f"{PATH}/{config['id']}", json={"name": "new"}, headers=web.ALPHA)
    await client.patch(f"{PATH}/{config['id']}", json={"maxValue": -1}, headers=web.ALPHA)

    async with database.reading() as session:
        entries = await session.execute(
            text(
                "SELECT action, resource_id, project_id, actor_type, actor_id = (SELECT id FROM api_keys "
                "WHERE public_key = 'pk-lf-a') FROM audit_logs WHERE resource_type = 'scoreConfig' ORDER BY created_at"
            )
        )
        found = [tuple(entry) for entry in entries]

    expected = [(action, config["id"], "alpha", "api_key", 1) for action in ("create", "update")]
    assert found == expected


async def test_rules_are_found_by_id_within_the_project(client: httpx.AsyncClient, database: Database):
    mine = await _create(client, CATEGORICAL)
    other = await _create(client, NUMERIC, web.BETA)

    async with database.reading() as session:
        rules = await score_configs.find_rules(
            session, ProjectScope(ProjectId("alpha")), {mine["id"], other["id"], "nothing"}
        )

    categories = (ScoreCategory("good", 1), ScoreCategory("bad", 0))
    rule = ScoreConfigRule(id=mine["id"], name="tone", data_type=ScoreDataType.CATEGORICAL, categories=categories)
    assert rules == {mine["id"]: rule}
