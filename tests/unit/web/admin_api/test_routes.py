"""Organizations and their keys, for the administrator alone."""

import dataclasses
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from elasticdash.shared.postgres.engine import Database
from elasticdash.web.admin_api import routes
from elasticdash.web.auth.instance_admin import InstanceAdmin
from elasticdash.web.public_api.organizations import routes as organizations
from elasticdash.web.public_api.projects import administration
from elasticdash.web.public_api.projects import routes as projects
from support import web
from support.servers.postgres import Databases

PATH = "/api/admin/organizations"
ROUTERS = (routes.router, organizations.router, administration.router, projects.router)
PAIR = {"publicKey": "pk-lf-chosen-by-caller", "secretKey": "sk-lf-chosen-by-caller"}
PAIR_HEADERS = web.basic(PAIR["publicKey"], PAIR["secretKey"])


@pytest.fixture
async def opened(
    tmp_path: Path, postgres_or_none: Databases | None
) -> AsyncGenerator[tuple[httpx.AsyncClient, Database]]:
    async with web.opened(tmp_path, ROUTERS, postgres=postgres_or_none) as opened:
        yield opened


@pytest.fixture
def client(opened: tuple[httpx.AsyncClient, Database]) -> httpx.AsyncClient:
    return opened[0]


@pytest.fixture
def database(opened: tuple[httpx.AsyncClient, Database]) -> Database:
    return opened[1]


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        pytest.param({}, "No authorization header", id="none"),
        pytest.param({"Authorization": "Bearer"}, "No authorization header", id="nothing after Bearer"),
        pytest.param({"Authorization": "Bearer wrong"}, "Invalid admin API key", id="wrong"),
        pytest.param({"Authorization": f"Basic {web.ADMIN_KEY}"}, "Invalid admin API key", id="not as Bearer"),
        pytest.param(web.ALPHA, "Invalid admin API key", id="project's key"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PATH),
        ("POST", PATH),
        ("GET", f"{PATH}/org"),
        ("PUT", f"{PATH}/org"),
        ("DELETE", f"{PATH}/org"),
        ("GET", f"{PATH}/org/apiKeys"),
        ("POST", f"{PATH}/org/apiKeys"),
        ("DELETE", f"{PATH}/org/apiKeys/x"),
    ],
)
async def test_nobody_else_may(
    client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str], message: str
):
    response = await client.request(method, path, headers=headers)

    assert (response.status_code, response.json()["message"]) == (401, message)


async def test_without_an_admin_key_it_is_off(client: httpx.AsyncClient):
    transport: Any = client._transport  # pyright: ignore[reportPrivateUsage]
    state = transport.app.state
    state.services = dataclasses.replace(state.services, instance_admin=InstanceAdmin())

    response = await client.get(PATH, headers=web.ADMIN)

    assert (response.status_code, response.json()["error"]) == (403, "ForbiddenError")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({}, "name", id="no name"),
        pytest.param({"name": ""}, "name", id="empty name"),
        pytest.param({"name": "n", "id": "a/b"}, "id", id="id with a slash"),
        pytest.param({"name": "n", "id": ""}, "id", id="empty id"),
    ],
)
async def test_invalid_organization_is_refused(client: httpx.AsyncClient, body: dict[str, str], field: str):
    response = await client.post(PATH, headers=web.ADMIN, json=body)

    assert response.status_code == 400
    assert [issue["path"] for issue in response.json()["error"]] == [[field]]


async def test_unknown_organization_is_404(client: httpx.AsyncClient):
    answers = [
        await client.get(f"{PATH}/none", headers=web.ADMIN),
        await client.put(f"{PATH}/none", headers=web.ADMIN, json={"name": "n"}),
        await client.delete(f"{PATH}/none", headers=web.ADMIN),
        await client.get(f"{PATH}/none/apiKeys", headers=web.ADMIN),
        await client.post(f"{PATH}/none/apiKeys", headers=web.ADMIN, json={}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5


async def test_organization_with_projects_is_not_deleted(client: httpx.AsyncClient):
    refused = await client.delete(f"{PATH}/org", headers=web.ADMIN)

    assert refused.status_code == 409
    assert (await client.get(f"{PATH}/org", headers=web.ADMIN)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"publicKey": "pk-lf-12345678"}, id="public alone"),
        pytest.param({"secretKey": "sk-lf-12345678"}, id="secret alone"),
        pytest.param({"publicKey": "pk-12345678", "secretKey": "sk-lf-12345678"}, id="public prefix"),
        pytest.param({"publicKey": "pk-lf-12345678", "secretKey": "sk-12345678"}, id="secret prefix"),
        pytest.param({"publicKey": "pk-lf-1234:5678", "secretKey": "sk-lf-12345678"}, id="colon"),
        pytest.param({"publicKey": "pk-lf-12345678", "secretKey": "sk-lf-1234567\n"}, id="line end"),
    ],
)
async def test_invalid_pair_is_refused(client: httpx.AsyncClient, body: dict[str, str]):
    response = await client.post(f"{PATH}/org/apiKeys", headers=web.ADMIN, json=body)

    assert response.status_code == 400


async def test_taken_public_key_is_409_and_keeps_its_owner(client: httpx.AsyncClient):
    pair = {"publicKey": PAIR["publicKey"], "secretKey": "sk-lf-of-a-stranger"}
    await client.post(f"{PATH}/org/apiKeys", headers=web.ADMIN, json=PAIR)

    refused = await client.post(f"{PATH}/org/apiKeys", headers=web.ADMIN, json=pair)

    assert refused.status_code == 409
    assert (await client.get("/api/public/organizations/projects", headers=PAIR_HEADERS)).status_code == 200


async def test_taken_id_is_409(client: httpx.AsyncClient):
    response = await client.post(PATH, headers=web.ADMIN, json={"name": "again", "id": "org"})

    assert response.status_code == 409


async def test_an_organization_from_creation_to_deletion(client: httpx.AsyncClient, database: Database):
    created = await client.post(PATH, headers=web.ADMIN, json={"name": "New", "id": "new"})
    renamed = await client.put(f"{PATH}/new", headers=web.ADMIN, json={"name": "Newer"})
    key = await client.post(f"{PATH}/new/apiKeys", headers=web.ADMIN, json={**PAIR, "note": "n"})
    listed = await client.get(PATH, headers=web.ADMIN)
    keys = await client.get(f"{PATH}/new/apiKeys", headers=web.ADMIN)
    deleted = await client.delete(f"{PATH}/new", headers=web.ADMIN)
    absent = await client.get(f"{PATH}/new", headers=web.ADMIN)
    with_its_key = await client.get("/api/public/organizations/projects", headers=PAIR_HEADERS)

    assert (created.status_code, created.json()["id"], created.json()["name"]) == (201, "new", "New")
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Newer")
    assert (key.status_code, key.json()["secretKey"]) == (201, PAIR["secretKey"])
    assert [organization["name"] for organization in listed.json()["organizations"]] == ["Newer", "Org"]
    assert PAIR["secretKey"] not in keys.text
    assert [found["note"] for found in keys.json()["apiKeys"]] == ["n"]
    assert (deleted.status_code, absent.status_code, with_its_key.status_code) == (200, 404, 401)
    assert await _audited(database) == [
        ("ADMIN_API_KEY", "create", "organization"),
        ("ADMIN_API_KEY", "update", "organization"),
        ("ADMIN_API_KEY", "create", "apiKey"),
        ("ADMIN_API_KEY", "delete", "apiKey"),
        ("ADMIN_API_KEY", "delete", "organization"),
    ]


async def test_a_revoked_key_stops_at_once(client: httpx.AsyncClient):
    key = (await client.post(f"{PATH}/org/apiKeys", headers=web.ADMIN, json=PAIR)).json()
    before = await client.get("/api/public/organizations/projects", headers=PAIR_HEADERS)

    revoked = await client.delete(f"{PATH}/org/apiKeys/{key['id']}", headers=web.ADMIN)
    again = await client.delete(f"{PATH}/org/apiKeys/{key['id']}", headers=web.ADMIN)
    after = await client.get("/api/public/organizations/projects", headers=PAIR_HEADERS)

    assert [answer.status_code for answer in (before, revoked, again, after)] == [200, 200, 404, 401]


async def test_a_projects_key_is_not_the_organizations(client: httpx.AsyncClient):
    [key] = (await client.get("/api/public/projects/alpha/apiKeys", headers=web.admin_of("org"))).json()["apiKeys"]

    response = await client.delete(f"{PATH}/org/apiKeys/{key['id']}", headers=web.ADMIN)

    assert response.status_code == 404
    assert (await client.get("/api/public/projects", headers=web.ALPHA)).status_code == 200


async def _audited(database: Database) -> list[tuple[str, str, str]]:
    by_keys = "SELECT actor_id, action, resource_type FROM audit_logs WHERE actor_type = 'api_key' ORDER BY created_at"
    async with database.reading() as session:
        rows = await session.execute(text(by_keys))
        return [(row[0], row[1], row[2]) for row in rows]
