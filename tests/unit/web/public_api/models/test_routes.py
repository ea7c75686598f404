"""Models of one's own are checked, priced exactly, and kept apart from other projects' and the built-in ones."""

import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy import text

from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import priced_models
from elasticdash.shared.postgres.engine import Database
from elasticdash.web.public_api.models import routes
from support import web

PATH = "/api/public/models"
SCOPE = ProjectScope(ProjectId("alpha"))
FLAT = {
    "modelName": "mine",
    "matchPattern": "(?i)^mine$",
    "unit": "TOKENS",
    "inputPrice": 0.0000001,
    "outputPrice": 2e-6,
}
DEFAULT_TIER = {"name": "Standard", "isDefault": True, "priority": 0, "conditions": [], "prices": {"input": 1e-6}}
LARGE_TIER = {
    "name": "Large",
    "isDefault": False,
    "priority": 1,
    "conditions": [
        {"usageDetailPattern": "^input", "operator": "gt", "value": 200000},
        {"source": "metadata", "key": "tier", "operator": "in", "values": ["a", "b"]},
    ],
    "prices": {"input": 2e-6, "input_cached": 1e-7},
}
TIERED = {"modelName": "tiered", "matchPattern": "^tiered", "pricingTiers": [DEFAULT_TIER, LARGE_TIER]}


@pytest.fixture
def routers() -> list[APIRouter]:
    return [routes.router]


async def _create(
    client: httpx.AsyncClient, body: dict[str, Any], headers: dict[str, str] = web.ALPHA
) -> dict[str, Any]:
    response = await client.post(PATH, json=body, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


async def _get(client: httpx.AsyncClient, model_id: str, headers: dict[str, str] = web.ALPHA) -> httpx.Response:
    return await client.get(f"{PATH}/{model_id}", headers=headers)


async def _built_in(client: httpx.AsyncClient) -> dict[str, Any]:
    return (await client.get(PATH, params={"limit": 1}, headers=web.ALPHA)).json()["data"][0]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", PATH), ("POST", PATH), ("PUT", f"{PATH}/x"), ("DELETE", f"{PATH}/x")]
)
async def test_stranger_is_refused_before_the_body_is_read(client: httpx.AsyncClient, method: str, path: str):
    response = await client.request(method, path, content=b"{broken", headers={"Content-Type": "application/json"})

    assert response.status_code == 401


async def test_other_project_sees_changes_and_removes_nothing(client: httpx.AsyncClient):
    model = await _create(client, FLAT)
    path = f"{PATH}/{model['id']}"
    total = (await client.get(PATH, headers=web.ALPHA)).json()["meta"]["totalItems"]

    read = await _get(client, model["id"], web.BETA)
    unknown = await _get(client, "nothing", web.BETA)
    removed = await client.delete(path, headers=web.BETA)
    taken = await client.put(path, json={**FLAT, "modelName": "theirs"}, headers=web.BETA)
    theirs = (await client.get(PATH, headers=web.BETA)).json()

    assert (read.status_code, read.json()) == (404, unknown.json())
    assert removed.status_code == 404
    assert (taken.status_code, taken.json()["id"]) == (200, model["id"])
    assert theirs["meta"]["totalItems"] == total
    assert (await _get(client, model["id"])).json() == model


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        pytest.param({"matchPattern": "("}, ["matchPattern"], id="broken pattern"),
        pytest.param({"matchPattern": "(?=a)"}, ["matchPattern"], id="look-around"),
        pytest.param({"modelName": " "}, ["modelName"], id="blank name"),
        pytest.param({"unit": "MILES"}, ["unit"], id="unknown unit"),
        pytest.param({"inputPrice": -1}, ["inputPrice"], id="negative price"),
        pytest.param({"totalPrice": 1}, ["totalPrice"], id="total beside parts"),
        pytest.param({"inputPrice": None, "outputPrice": None}, ["pricingTiers"], id="no price"),
        pytest.param({"pricingTiers": [DEFAULT_TIER]}, ["pricingTiers"], id="tiers beside flat prices"),
        pytest.param({"startDate": "2026-01-01"}, ["startDate"], id="date without time"),
        pytest.param({"tokenizerId": "mine"}, ["tokenizerId"], id="unknown tokenizer"),
        pytest.param({"tokenizerConfig": {"a": "\0"}}, ["tokenizerConfig"], id="NUL in configuration"),
    ],
)
async def test_broken_model_is_refused(client: httpx.AsyncClient, changes: dict[str, Any], path: list[object]):
    response = await client.post(PATH, json={**FLAT, **changes}, headers=web.ALPHA)

    assert response.status_code == 400, response.text
    assert path in [issue["path"] for issue in response.json()["error"]]


@pytest.mark.parametrize(
    "tiers",
    [
        pytest.param([], id="none"),
        pytest.param([LARGE_TIER], id="no default"),
        pytest.param([DEFAULT_TIER, {**LARGE_TIER, "name": "Standard"}], id="same name"),
        pytest.param([DEFAULT_TIER, {**LARGE_TIER, "priority": 0}], id="same priority"),
        pytest.param([DEFAULT_TIER, {**LARGE_TIER, "conditions": []}], id="no condition"),
        pytest.param([{**DEFAULT_TIER, "prices": {}}], id="no price"),
        pytest.param([{**DEFAULT_TIER, "prices": {"input": "much"}}], id="price no number"),
        pytest.param([{**DEFAULT_TIER, "prices": {"input": 1e400}}], id="infinite price"),
    ],
)
async def test_broken_tiers_are_refused(client: httpx.AsyncClient, tiers: list[dict[str, Any]]):
    response = await client.post(
        PATH,
        # Infinity is not JSON, but decoders take it.
        content=json.dumps({**TIERED, "pricingTiers": tiers}),
        headers={**web.ALPHA, "Content-Type": "application/json"},
    )

    assert response.status_code == 400, response.text


async def test_same_definition_twice_is_refused(client: httpx.AsyncClient):
    await _create(client, FLAT)

    again = await client.post(PATH, json=FLAT, headers=web.ALPHA)

    assert again.status_code == 400
    await _create(client, {**FLAT, "startDate": "2026-01-01T00:00:00Z"})
    await _create(client, FLAT, web.BETA)


async def test_created_model_is_read_back(client: httpx.AsyncClient):
    created = await _create(client, {**FLAT, "startDate": "2026-01-01T02:00:00+02:00", "tokenizerConfig": None})

    assert (await _get(client, created["id"])).json() == created
    assert created["createdAt"].endswith("Z")
    [tier] = created["pricingTiers"]
    assert {name: created[name] for name in created if name not in ("id", "createdAt", "pricingTiers")} == {
        "modelName": "mine",
        "matchPattern": "(?i)^mine$",
        "startDate": "2026-01-01T00:00:00.000Z",
        "unit": "TOKENS",
        "inputPrice": 1e-7,
        "outputPrice": 2e-6,
        "totalPrice": None,
        "tokenizerId": None,
        "tokenizerConfig": {},
        "isLangfuseManaged": False,
        "prices": {"input": {"price": 1e-7}, "output": {"price": 2e-6}},
    }
    assert tier == {
        "id": tier["id"],
        "name": "Standard",
        "isDefault": True,
        "priority": 0,
        "conditions": [],
        "prices": {"input": 1e-7, "output": 2e-6},
    }


async def test_tiers_are_read_back_in_order_of_priority(client: httpx.AsyncClient):
    created = await _create(client, {**TIERED, "pricingTiers": [LARGE_TIER, DEFAULT_TIER]})

    tiers = [{name: value for name, value in tier.items() if name != "id"} for tier in created["pricingTiers"]]
    usage, attribute = LARGE_TIER["conditions"]
    assert tiers == [DEFAULT_TIER, {**LARGE_TIER, "conditions": [{**usage, "caseSensitive": False}, attribute]}]
    assert created["prices"] == {"input": {"price": 1e-6}}
    assert (await _get(client, created["id"])).json() == created


async def test_prices_reach_the_worker_exactly(client: httpx.AsyncClient, database: Database):
    async with database.reading() as session:
        before = await priced_models.state(session, SCOPE)
    await _create(client, FLAT)

    async with database.reading() as session:
        after = await priced_models.state(session, SCOPE)
        [definition] = await priced_models.definitions(session, SCOPE)

    assert before != after
    assert definition.default_tier.prices == {"input": Decimal("0.0000001"), "output": Decimal("0.000002")}


async def test_list_pages_through_own_and_built_in_models_by_name(client: httpx.AsyncClient):
    await _create(client, {**FLAT, "modelName": "gpt-4o"})
    names, own, page = [], [], 1
    while True:
        listed = (await client.get(PATH, params={"page": page, "limit": 100}, headers=web.ALPHA)).json()
        names += [model["modelName"] for model in listed["data"]]
        own += [model["modelName"] for model in listed["data"] if not model["isLangfuseManaged"]]
        if page == listed["meta"]["totalPages"]:
            break
        page += 1

    assert names == sorted(names)
    assert len(names) == listed["meta"]["totalItems"]
    assert own == ["gpt-4o"]
    assert names.count("gpt-4o") >= 2


async def test_built_in_model_is_read_but_not_changed(client: httpx.AsyncClient):
    model = await _built_in(client)
    path = f"{PATH}/{model['id']}"

    replaced = await client.put(path, json=FLAT, headers=web.ALPHA)
    removed = await client.delete(path, headers=web.ALPHA)

    assert (replaced.status_code, removed.status_code) == (400, 404)
    assert (await _get(client, model["id"])).json() == model
    assert model["isLangfuseManaged"] is True


async def test_replacing_keeps_id_and_age(client: httpx.AsyncClient):
    created = (await client.put(f"{PATH}/my-id", json=FLAT, headers=web.ALPHA)).json()
    replaced = (await client.put(f"{PATH}/my-id", json={**TIERED, "modelName": "mine"}, headers=web.ALPHA)).json()

    assert (created["id"], replaced["id"]) == ("my-id", "my-id")
    assert replaced["createdAt"] == created["createdAt"]
    assert (await _get(client, "my-id")).json() == replaced


async def test_removed_model_is_gone(client: httpx.AsyncClient):
    model = await _create(client, FLAT)

    removed = await client.delete(f"{PATH}/{model['id']}", headers=web.ALPHA)

    assert (removed.status_code, removed.json()) == (200, {"message": "Model successfully deleted"})
    assert (await _get(client, model["id"])).status_code == 404
    assert (await client.delete(f"{PATH}/{model['id']}", headers=web.ALPHA)).status_code == 404


async def test_every_change_is_audited(client: httpx.AsyncClient, database: Database):
    await client.put(f"{PATH}/my-id", json=FLAT, headers=web.ALPHA)
    await client.put(f"{PATH}/my-id", json=FLAT, headers=web.ALPHA)
    await client.delete(f"{PATH}/my-id", headers=web.ALPHA)

    async with database.reading() as session:
        sql = "SELECT action, resource_id, project_id FROM audit_logs WHERE resource_type = 'model' ORDER BY created_at"
        found = [tuple(entry) for entry in await session.execute(text(sql))]
    assert found == [(action, "my-id", "alpha") for action in ("create", "update", "delete")]
