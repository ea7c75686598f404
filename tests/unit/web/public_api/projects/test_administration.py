"""Projects and their keys, for their organization and the administrator; another organization's don't exist."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from elasticdash.web.admin_api import routes as admin
from elasticdash.web.public_api.models import routes as models
from elasticdash.web.public_api.organizations import routes as organizations
from elasticdash.web.public_api.projects import administration, routes
from support import web
from support.servers.postgres import Databases

PATH = "/api/public/projects"
OWN = web.basic("pk-lf-organization", "sk-lf-organization")
STRANGER = web.basic("pk-lf-a-stranger", "sk-lf-a-stranger")
NEW = {"name": "Gamma", "retention": 0, "id": "gamma"}
PAIR = {"publicKey": "pk-lf-chosen-by-caller", "secretKey": "sk-lf-chosen-by-caller"}


@pytest.fixture
async def client(tmp_path: Path, postgres_or_none: Databases | None) -> AsyncGenerator[httpx.AsyncClient]:
    routers = (admin.router, routes.router, administration.router, organizations.router, models.router)
    async with web.opened(tmp_path, routers, postgres=postgres_or_none) as (client, _):
        await client.post("/api/admin/organizations", headers=web.ADMIN, json={"name": "Other", "id": "other"})
        for organization, name in (("org", "organization"), ("other", "a-stranger")):
            pair = {"publicKey": f"pk-lf-{name}", "secretKey": f"sk-lf-{name}"}
            await client.post(f"/api/admin/organizations/{organization}/apiKeys", headers=web.ADMIN, json=pair)
        yield client


CALLS: list[tuple[str, str, Any]] = [
    ("POST", PATH, NEW),
    ("PUT", f"{PATH}/alpha", NEW),
    ("DELETE", f"{PATH}/alpha", None),
    ("GET", f"{PATH}/alpha/apiKeys", None),
    ("POST", f"{PATH}/alpha/apiKeys", {}),
    ("DELETE", f"{PATH}/alpha/apiKeys/x", None),
    ("GET", "/api/public/organizations/projects", None),
    ("GET", "/api/public/organizations/apiKeys", None),
]


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        pytest.param({}, 401, "No authorization header", id="anonymous"),
        pytest.param(
            web.ALPHA,
            403,
            "Invalid API key. Organization-scoped API key required for this operation.",
            id="project's key",
        ),
        pytest.param(
            {"Authorization": "Bearer pk-lf-organization"},
            401,
            "Cannot use organization key with bearer auth",
            id="public half",
        ),
        pytest.param(
            web.admin_of("org") | {"x-langfuse-admin-api-key": "wrong"}, 401, "Invalid admin API key", id="wrong claim"
        ),
        pytest.param(
            web.admin_of("org") | {"Authorization": "Bearer wrong"}, 401, "Invalid admin API key", id="wrong admin key"
        ),
        pytest.param(web.admin_of("nobody"), 404, "Organization not found", id="unknown organization"),
        pytest.param(
            web.admin_of(""),
            400,
            "The header x-langfuse-organization-id is missing: it says for whom you act",
            id="no organization",
        ),
    ],
)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]} {call[1]}")
async def test_refused(
    client: httpx.AsyncClient, call: tuple[str, str, Any], headers: dict[str, str], status: int, message: str
):
    method, path, body = call

    response = await client.request(method, path, headers=headers, json=body)

    assert (response.status_code, response.json()["message"]) == (status, message)


@pytest.mark.parametrize(("method", "path", "body"), CALLS[1:6])
async def test_another_organizations_project_is_like_none(client: httpx.AsyncClient, method: str, path: str, body: Any):
    foreign = await client.request(method, path, headers=STRANGER, json=body)
    absent = await client.request(method, path.replace("alpha", "nothing"), headers=STRANGER, json=body)

    assert (foreign.status_code, foreign.json()) == (absent.status_code, absent.json())
    assert foreign.status_code == 404
    assert (await client.get(PATH, headers=web.ALPHA)).json()["data"][0]["name"] == "Alpha"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"name": "ab"}, "name", id="short name"),
        pytest.param({"name": "a" * 61}, "name", id="long name"),
        pytest.param({"retention": None}, "retention", id="no retention"),
        pytest.param({"retention": 2}, "retention", id="too short retention"),
        pytest.param({"retention": -1}, "retention", id="negative retention"),
        pytest.param({"metadata": "["}, "metadata", id="metadata no JSON"),
        pytest.param({"metadata": "[1]"}, "metadata", id="metadata no object"),
        pytest.param({"id": "../x"}, "id", id="path in the id"),
    ],
)
async def test_invalid_project_is_refused(client: httpx.AsyncClient, changes: dict[str, Any], field: str):
    response = await client.post(PATH, headers=OWN, json={**NEW, **changes})

    assert response.status_code == 400
    assert {issue["path"][0] for issue in response.json()["error"]} == {field}


@pytest.mark.parametrize("changes", [{"name": "Alpha"}, {"id": "alpha"}])
async def test_taken_is_409(client: httpx.AsyncClient, changes: dict[str, Any]):
    response = await client.post(PATH, headers=OWN, json={**NEW, **changes})

    assert response.status_code == 409


async def test_another_organization_learns_nothing_from_a_taken_name(client: httpx.AsyncClient):
    response = await client.post(PATH, headers=STRANGER, json={**NEW, "name": "Alpha"})

    assert response.status_code == 201


async def test_a_project_from_creation_to_deletion(client: httpx.AsyncClient):
    created = await client.post(PATH, headers=OWN, json={**NEW, "metadata": '{"team": "a"}', "retention": 30})
    kept = await client.put(f"{PATH}/gamma", headers=OWN, json={"name": "Renamed"})
    forever = await client.put(f"{PATH}/gamma", headers=OWN, json={"name": "Renamed", "retention": 0, "metadata": {}})
    key = await client.post(f"{PATH}/gamma/apiKeys", headers=OWN, json=PAIR)
    pair = web.basic(PAIR["publicKey"], PAIR["secretKey"])
    with_key = await client.get(PATH, headers=pair)
    listed = await client.get("/api/public/organizations/projects", headers=OWN)
    deleted = await client.delete(f"{PATH}/gamma", headers=OWN)
    after = await client.get(PATH, headers=pair)

    assert [created.status_code, *_decided(created)] == [201, "Gamma", 30, {"team": "a"}]
    assert _decided(kept) == ["Renamed", 30, {"team": "a"}]
    assert _decided(forever) == ["Renamed", None, {}]
    assert (key.status_code, with_key.json()["data"][0]["id"]) == (201, "gamma")
    assert [project["id"] for project in listed.json()["projects"]] == ["alpha", "beta", "gamma"]
    assert (deleted.status_code, after.status_code) == (202, 401)
    # Its name and its key are free again.
    assert (await client.post(PATH, headers=OWN, json={**NEW, "name": "Renamed", "id": "delta"})).status_code == 201
    assert (await client.post(f"{PATH}/delta/apiKeys", headers=OWN, json=PAIR)).status_code == 201


async def test_the_administrator_may_what_the_organization_may(client: httpx.AsyncClient):
    created = await client.post(PATH, headers=web.admin_of("org"), json=NEW)
    key = await client.post(f"{PATH}/gamma/apiKeys", headers=web.admin_of("org"), json=PAIR)
    again = await client.post(f"{PATH}/gamma/apiKeys", headers=web.admin_of("org"), json=PAIR)

    assert (created.status_code, key.status_code, again.status_code) == (201, 201, 409)


async def test_the_administrator_reaches_a_projects_models_by_name(client: httpx.AsyncClient):
    headers = {**web.ADMIN, "x-langfuse-admin-api-key": web.ADMIN_KEY}
    model = {"modelName": "m", "matchPattern": "^m$", "unit": "TOKENS", "inputPrice": 1}

    nameless = await client.get("/api/public/models", headers=headers)
    unknown = await client.get("/api/public/models", headers=headers | {"x-langfuse-project-id": "nothing"})
    elsewhere = await client.get(PATH, headers=headers | {"x-langfuse-project-id": "alpha"})
    created = await client.post("/api/public/models", headers=headers | {"x-langfuse-project-id": "alpha"}, json=model)
    seen = await client.get(f"/api/public/models/{created.json()['id']}", headers=web.ALPHA)
    foreign = await client.get(f"/api/public/models/{created.json()['id']}", headers=web.BETA)

    assert [answer.status_code for answer in (nameless, unknown, elsewhere, created)] == [400, 404, 401, 200]
    assert (seen.status_code, foreign.status_code) == (200, 404)


def _decided(response: httpx.Response) -> list[Any]:
    project = response.json()
    return [project["name"], project.get("retentionDays"), project["metadata"]]
