"""Providers of models: secrets go in, are encrypted, and never come out."""

import dataclasses
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy import text

from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.keyrings import EncryptionKeys
from elasticdash.shared.postgres import llm_connections
from elasticdash.shared.postgres.engine import Database
from elasticdash.web.admin_api import key_routes
from elasticdash.web.public_api.llm_connections import routes
from support import metadata, web

PATH = "/api/public/llm-connections"
ALPHA = ProjectScope(ProjectId("alpha"))
BODY: dict[str, Any] = {"provider": "openai", "adapter": "openai", "secretKey": "sk-very-secret-key"}


@pytest.fixture
def routers() -> list[APIRouter]:
    return [routes.router, key_routes.router]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"provider": ""}, id="no provider"),
        pytest.param({"adapter": "unknown"}, id="unknown adapter"),
        pytest.param({"secretKey": ""}, id="no secret"),
        pytest.param({"baseURL": "ftp://example.com"}, id="other scheme"),
        pytest.param({"baseURL": "https://user:pw@example.com"}, id="credentials in the URL"),
        pytest.param({"baseURL": "http://localhost:8080"}, id="this machine"),
        pytest.param({"baseURL": "http://169.254.169.254/latest"}, id="link-local address"),
        pytest.param({"baseURL": "http://[::1]/"}, id="IPv6 loopback"),
        pytest.param({"baseURL": "http://2130706433/"}, id="address as one number"),
        pytest.param({"extraHeaders": {"a b": "c"}}, id="header name"),
        pytest.param({"extraHeaders": {"a": "b\r\nc: d"}}, id="line end in a header"),
        pytest.param({"config": {"region": "x"}}, id="config of another adapter"),
        pytest.param({"config": {"useResponsesApi": "yes"}}, id="config of a wrong type"),
        pytest.param({"adapter": "bedrock"}, id="bedrock without region"),
        pytest.param({"adapter": "anthropic", "config": {"a": 1}}, id="config where none is known"),
    ],
)
async def test_invalid_connection_is_refused(client: httpx.AsyncClient, changes: dict[str, Any]):
    response = await client.put(PATH, headers=web.ALPHA, json={**BODY, **changes})

    assert response.status_code == 400
    assert BODY["secretKey"] not in response.text


async def test_unknown_query_is_refused(client: httpx.AsyncClient):
    response = await client.get(PATH, headers=web.ALPHA, params={"provider": "x"})

    assert (response.status_code, response.json()["error"][0]["path"]) == (400, ["provider"])


async def test_without_a_key_nothing_is_kept(client: httpx.AsyncClient):
    transport: Any = client._transport  # pyright: ignore[reportPrivateUsage]
    state = transport.app.state
    state.services = dataclasses.replace(
        state.services, keys=dataclasses.replace(metadata.KEYS, encryption=EncryptionKeys())
    )

    refused = await client.put(PATH, headers=web.ALPHA, json=BODY)
    keys = await client.get("/api/admin/keys", headers=web.ADMIN)

    assert refused.status_code == 403
    assert keys.json()["encryption"] == {"currentId": None, "currentRows": 0, "otherRows": 0}


async def test_another_projects_connection_is_like_none(client: httpx.AsyncClient):
    created = (await client.put(PATH, headers=web.ALPHA, json=BODY)).json()

    listed = await client.get(PATH, headers=web.BETA)
    deleted = await client.delete(f"{PATH}/{created['id']}", headers=web.BETA)
    own = await client.put(PATH, headers=web.BETA, json=BODY)

    assert (listed.json()["data"], deleted.status_code, own.status_code) == ([], 404, 201)
    assert own.json()["id"] != created["id"]


async def test_a_connection_is_created_replaced_listed_and_deleted(client: httpx.AsyncClient, database: Database):
    headers = {"X-Team": "header-secret"}
    created = await client.put(PATH, headers=web.ALPHA, json={**BODY, "extraHeaders": headers, "customModels": ["m"]})
    replaced = await client.put(PATH, headers=web.ALPHA, json={**BODY, "baseURL": "https://llm.example.com/v1"})
    listed = await client.get(PATH, headers=web.ALPHA)
    deleted = await client.delete(f"{PATH}/{created.json()['id']}", headers=web.ALPHA)
    again = await client.delete(f"{PATH}/{created.json()['id']}", headers=web.ALPHA)

    assert [created.status_code, replaced.status_code, deleted.status_code, again.status_code] == [201, 200, 200, 404]
    assert created.json()["extraHeaderKeys"] == ["X-Team"]
    assert replaced.json() == listed.json()["data"][0]
    assert (replaced.json()["baseURL"], replaced.json()["customModels"]) == ("https://llm.example.com/v1", [])
    assert replaced.json()["displaySecretKey"] == "sk-ver...-key"
    for answer in (created, replaced, listed):
        assert "very-secret" not in answer.text
        assert "header-secret" not in answer.text


async def test_the_store_holds_no_secret_and_opens_with_the_key(client: httpx.AsyncClient, database: Database):
    await client.put(PATH, headers=web.ALPHA, json={**BODY, "extraHeaders": {"X": "header-secret"}})

    async with database.reading() as session:
        stored = str((await session.execute(text("SELECT * FROM llm_connections"))).one())
        secrets = await llm_connections.read_secrets(session, ALPHA, metadata.KEYS.encryption, "openai")
        nothing = await llm_connections.read_secrets(session, ALPHA, metadata.KEYS.encryption, "other")

    assert "very-secret" not in stored
    assert "header-secret" not in stored
    assert secrets is not None
    assert (secrets.secret_key, secrets.extra_headers) == (BODY["secretKey"], {"X": "header-secret"})
    assert nothing is None


async def test_reencryption_goes_on_where_it_stopped_and_leaves_what_it_cannot_open(
    client: httpx.AsyncClient, database: Database
):
    for number in range(5):
        await client.put(PATH, headers=web.ALPHA, json={**BODY, "provider": f"p{number}"})
    [old] = metadata.KEYS.encryption.secrets
    new = EncryptionKeys(["newest key of the tests", old])

    rounds: list[int] = []
    while not rounds or rounds[-1]:
        async with database.writing() as session:
            rounds.append(await llm_connections.reencrypt_some(session, new, 2))
    async with database.writing() as session:
        stranger = await llm_connections.reencrypt_some(session, EncryptionKeys(["a stranger's key"]), 2)
        counts = await llm_connections.count_by_key(session)
        secrets = await llm_connections.read_secrets(session, ALPHA, EncryptionKeys(new.secrets[:1]), "p4")

    assert (rounds, stranger) == ([2, 2, 1, 0], 0)
    assert counts == {new.current_id: 5}
    assert secrets is not None
    assert secrets.secret_key == BODY["secretKey"]


async def test_the_administrator_sees_what_is_under_which_key(client: httpx.AsyncClient):
    await client.put(PATH, headers=web.ALPHA, json=BODY)

    stranger = await client.get("/api/admin/keys", headers=web.ALPHA)
    keys = await client.get("/api/admin/keys", headers=web.ADMIN)

    assert stranger.status_code == 401
    current_id = metadata.KEYS.encryption.current_id
    assert keys.json()["encryption"] == {"currentId": current_id, "currentRows": 1, "otherRows": 0}
    assert keys.json()["salt"]["currentRows"] == 2
