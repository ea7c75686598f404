"""Every row of the contract's table of credentials over HTTP, and the shape SDKs check their keys with."""

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy import text

from elasticdash.shared.postgres.engine import Database
from elasticdash.web.public_api.projects import routes
from support import web

PATH = "/api/public/projects"


@pytest.fixture
def routers() -> list[APIRouter]:
    return [routes.router]


async def _execute(database: Database, sql: str) -> None:
    async with database.writing() as session:
        await session.execute(text(sql))


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        pytest.param({}, 401, "No authorization header", id="anonymous"),
        pytest.param({"Authorization": "Token x"}, 401, "Invalid authorization header", id="other scheme"),
        pytest.param(
            web.basic("pk-lf-a", "sk-lf-x"),
            401,
            "Invalid credentials. Confirm that you've configured the correct host.",
            id="wrong secret",
        ),
        pytest.param(
            web.basic("pk-lf-x", "sk-lf-a"),
            401,
            "Invalid credentials. Confirm that you've configured the correct host.",
            id="unknown key",
        ),
        pytest.param(
            {"Authorization": "Bearer pk-lf-x"},
            401,
            "Invalid public key. Confirm that you've configured the correct host.",
            id="unknown public key",
        ),
        pytest.param(
            {"Authorization": "Bearer pk-lf-a"},
            403,
            "Access denied - insufficient permissions for this endpoint",
            id="public key alone",
        ),
    ],
)
async def test_refused(client: httpx.AsyncClient, headers: dict[str, str], status: int, message: str):
    response = await client.get(PATH, headers=headers)

    error = "UnauthorizedError" if status == 401 else "ForbiddenError"
    assert (response.status_code, response.json()) == (status, {"message": message, "error": error})


async def test_organization_key_is_refused_in_this_route_own_words(client: httpx.AsyncClient, database: Database):
    await _execute(
        database, "UPDATE api_keys SET project_id = NULL, organization_id = 'org' WHERE public_key='pk-lf-a'"
    )

    basic = await client.get(PATH, headers=web.ALPHA)
    bearer = await client.get(PATH, headers={"Authorization": "Bearer pk-lf-a"})

    assert (basic.status_code, basic.json()["message"]) == (403, "Invalid API key. Are you using an organization key?")
    assert (bearer.status_code, bearer.json()["message"]) == (401, "Cannot use organization key with bearer auth")


async def test_store_away_is_503(client: httpx.AsyncClient, database: Database):
    await _execute(database, "ALTER TABLE api_keys RENAME TO api_keys_away")

    response = await client.get(PATH, headers=web.ALPHA)

    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0


async def test_wrong_method_comes_before_credentials(client: httpx.AsyncClient):
    response = await client.delete(PATH)

    assert (response.status_code, response.json()) == (
        405,
        {"message": "Method not allowed", "error": "MethodNotAllowedError"},
    )


async def test_each_key_sees_its_own_project(client: httpx.AsyncClient):
    alpha = await client.get(PATH, headers=web.ALPHA)
    beta = await client.get(PATH, headers=web.BETA)

    organization = {"id": "org", "name": "Org"}
    expected = {"id": "alpha", "name": "Alpha", "organization": organization, "metadata": {}}
    assert (alpha.status_code, alpha.json()) == (200, {"data": [expected]})
    assert [project["id"] for project in beta.json()["data"]] == ["beta"]


async def test_retention_and_metadata_are_shown_when_set(client: httpx.AsyncClient, database: Database):
    await _execute(database, """UPDATE projects SET retention_days = 30, metadata = '{"a": {"b": null}}'""")

    [project] = (await client.get(PATH, headers=web.ALPHA)).json()["data"]

    assert project["retentionDays"] == 30
    assert project["metadata"] == {"a": {"b": None}}
