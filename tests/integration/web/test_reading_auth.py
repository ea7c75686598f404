"""Reading needs the keys of the project: every operation on traces, observations and sessions."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.web.public_api.observations import routes as observations
from elasticdash.web.public_api.sessions import routes as sessions
from elasticdash.web.public_api.traces import routes as traces
from support import metadata, web
from support.records import make_observation, make_trace, store

OPERATIONS = [
    ("GET", "/traces"),
    ("GET", "/traces/auth-trace"),
    ("GET", "/observations"),
    ("GET", "/observations/auth-observation"),
    ("GET", "/v2/observations"),
    ("GET", "/observations-v2"),
    ("GET", "/sessions"),
    ("GET", "/sessions/auth-session"),
]
DELETES = [("DELETE", "/traces/auth-trace"), ("DELETE", "/traces")]


@pytest.fixture
async def client(tmp_path: Path, clickhouse: ClickHouse) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of all three resources; the project alpha has one trace with one observation in one session."""
    routers = [traces.router, observations.router, sessions.router]
    scope = ProjectScope(ProjectId(metadata.ALPHA.project_id))
    trace = make_trace("auth-trace", session_id="auth-session")
    await store(clickhouse, scope, [trace], [make_observation("auth-observation", trace_id="auth-trace")])
    async with web.opened(tmp_path, routers, clickhouse=clickhouse) as (client, _):
        yield client


@pytest.mark.parametrize(("method", "path"), [*OPERATIONS, *DELETES])
async def test_anonymous_callers_are_refused(client: httpx.AsyncClient, method: str, path: str) -> None:
    response = await client.request(method, f"/api/public{path}")

    assert response.status_code == 401


@pytest.mark.parametrize(("method", "path"), [*OPERATIONS, *DELETES])
async def test_public_key_alone_is_refused(client: httpx.AsyncClient, method: str, path: str) -> None:
    headers = {"Authorization": "Bearer pk-lf-a"}

    response = await client.request(method, f"/api/public{path}", headers=headers, json={"traceIds": ["x"]})

    assert response.status_code == 403


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_only_the_project_of_the_key_is_shown(client: httpx.AsyncClient, method: str, path: str) -> None:
    own = await client.request(method, f"/api/public{path}", headers=web.ALPHA)
    other = await client.request(method, f"/api/public{path}", headers=web.BETA)

    assert (own.status_code, "auth-" in own.text) == (200, True)
    assert other.status_code in (200, 404)
    assert '"auth-' not in other.text
