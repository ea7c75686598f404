"""Metrics need the keys of the project."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.web.public_api.metrics import routes
from support import metadata, web
from support.metrics import query
from support.records import make_observation, make_trace, store

PATHS = ["/metrics", "/v2/metrics", "/metrics/daily"]
PARAMS = {"query": json.dumps(query("observations", "count_count", by=["name"]))}


@pytest.fixture
async def client(tmp_path: Path, clickhouse: ClickHouse) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the metrics; the project alpha has one trace with one observation."""
    scope = ProjectScope(ProjectId(metadata.ALPHA.project_id))
    await store(clickhouse, scope, [make_trace()], [make_observation(name="auth-name", model="auth-model")])
    async with web.opened(tmp_path, [routes.router], clickhouse=clickhouse) as (client, _):
        yield client


@pytest.mark.parametrize("path", PATHS)
async def test_anonymous_callers_are_refused(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/api/public{path}", params=PARAMS)).status_code == 401


@pytest.mark.parametrize("path", PATHS)
async def test_public_key_alone_is_refused(client: httpx.AsyncClient, path: str) -> None:
    headers = {"Authorization": "Bearer pk-lf-a"}

    assert (await client.get(f"/api/public{path}", params=PARAMS, headers=headers)).status_code == 403


@pytest.mark.parametrize("path", PATHS)
async def test_only_the_project_of_the_key_is_counted(client: httpx.AsyncClient, path: str) -> None:
    own = await client.get(f"/api/public{path}", params=PARAMS, headers=web.ALPHA)
    other = await client.get(f"/api/public{path}", params=PARAMS, headers=web.BETA)

    assert "auth-" in own.text
    assert (other.status_code, other.json()["data"]) == (200, [])
