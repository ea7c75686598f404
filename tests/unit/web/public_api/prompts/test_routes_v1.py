"""The first generation of prompts answers from the same store as the second."""

from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from elasticdash.web.public_api.prompts import routes, routes_v1
from support import web

V1 = "/api/public/prompts"
V2 = "/api/public/v2/prompts"
TEXT: dict[str, Any] = {"name": "greeting", "prompt": "Hello"}


@pytest.fixture
def routers() -> list[APIRouter]:
    return [routes.router, routes_v1.router]


async def test_stranger_is_refused(client: httpx.AsyncClient):
    assert (await client.get(V1, params={"name": "greeting"})).status_code == 401
    assert (await client.post(V1, json=TEXT)).status_code == 401


@pytest.mark.parametrize("params", [{}, {"name": "greeting", "version": "x"}, {"name": "greeting", "version": 0}])
async def test_unclear_question_is_refused(client: httpx.AsyncClient, params: dict[str, Any]):
    assert (await client.get(V1, params=params, headers=web.ALPHA)).status_code == 400


async def test_another_projects_prompt_is_not_found(client: httpx.AsyncClient):
    await client.post(V1, json={**TEXT, "isActive": True}, headers=web.BETA)

    assert (await client.get(V1, params={"name": "greeting"}, headers=web.ALPHA)).status_code == 404


async def test_an_active_version_is_the_one_in_production(client: httpx.AsyncClient):
    created = await client.post(V1, json={**TEXT, "isActive": True}, headers=web.ALPHA)
    await client.post(V1, json={**TEXT, "prompt": "Hi", "isActive": False}, headers=web.ALPHA)

    active = await client.get(V1, params={"name": "greeting"}, headers=web.ALPHA)
    second = await client.get(V1, params={"name": "greeting", "version": 2}, headers=web.ALPHA)

    assert created.status_code == 201
    assert (active.json()["id"], active.json()["isActive"]) == (created.json()["id"], True)
    assert (second.json()["prompt"], second.json()["isActive"]) == ("Hi", False)
    assert (await client.get(f"{V2}/greeting", headers=web.ALPHA)).json() == active.json()
