"""Health and readiness say what is so, and tell a stranger nothing else."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from elasticdash.shared.clickhouse import liveness
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres.engine import Database
from elasticdash.web.public_api.health import routes
from support import web

HEALTH = "/api/public/health"
READY = "/api/public/ready"
OK = {"status": "OK", "version": "4.16.0"}


@pytest.fixture
async def opened(tmp_path: Path, clickhouse: ClickHouse) -> AsyncGenerator[tuple[httpx.AsyncClient, Database]]:
    async with web.opened(tmp_path, [routes.router], clickhouse=clickhouse) as opened:
        yield opened


@pytest.fixture
def client(opened: tuple[httpx.AsyncClient, Database]) -> httpx.AsyncClient:
    return opened[0]


@pytest.fixture
async def client_without_store(
    opened: tuple[httpx.AsyncClient, Database], tmp_path: Path
) -> AsyncGenerator[httpx.AsyncClient]:
    client, database = opened
    await database.close()
    kept = (tmp_path / "metadata.db").rename(tmp_path / "away.db")
    (tmp_path / "metadata.db").mkdir()
    yield client
    (tmp_path / "metadata.db").rmdir()
    kept.rename(tmp_path / "metadata.db")


async def _insert_trace(clickhouse: ClickHouse, scope: ProjectScope, at: datetime) -> None:
    columns = ["project_id", "trace_id", "timestamp_us"]
    await clickhouse.insert("traces_by_time", columns, [[scope.project_id], ["t"], [at]])


async def _insert_observation(clickhouse: ClickHouse, scope: ProjectScope, at: datetime) -> None:
    columns = ["project_id", "trace_id", "id", "start_time_us"]
    await clickhouse.insert("observations_by_time", columns, [[scope.project_id], ["t"], ["o"], [at]])


@pytest.mark.parametrize("path", [f"{HEALTH}?failIfDatabaseUnavailable=true", READY])
async def test_missing_store_is_503(client_without_store: httpx.AsyncClient, path: str):
    response = await client_without_store.get(path)

    assert response.status_code == 503
    assert response.json() == {**OK, "status": "The metadata store is not available"}


async def test_a_missing_object_store_is_503(client: httpx.AsyncClient, tmp_path: Path):
    (tmp_path / "blobs").rmdir()

    response = await client.get(READY)

    assert response.status_code == 503
    assert response.json() == {**OK, "status": "The object store is not available"}


@pytest.mark.parametrize("path", [HEALTH, f"{HEALTH}?failIfDatabaseUnavailable=false"])
async def test_process_is_healthy_without_store(client_without_store: httpx.AsyncClient, path: str):
    response = await client_without_store.get(path)

    assert (response.status_code, response.json()) == (200, OK)


async def test_unclear_flag_is_refused(client: httpx.AsyncClient):
    assert (await client.get(f"{HEALTH}?failIfDatabaseUnavailable=maybe")).status_code == 400


@pytest.mark.parametrize(
    "path", [HEALTH, f"{HEALTH}?failIfDatabaseUnavailable=true", f"{HEALTH}?failIfNoRecentEvents=", READY]
)
async def test_open_stores_are_ready(client: httpx.AsyncClient, path: str):
    response = await client.get(path)

    assert (response.status_code, response.json()) == (200, OK)


async def test_recent_trace_is_an_event(client: httpx.AsyncClient, clickhouse: ClickHouse, scope: ProjectScope):
    await _insert_trace(clickhouse, scope, datetime.now(UTC))

    response = await client.get(f"{HEALTH}?failIfNoRecentEvents=true")

    assert (response.status_code, response.json()) == (200, OK)


@pytest.mark.parametrize(
    ("insert", "year"), [(_insert_trace, 2201), (_insert_observation, 2203)], ids=["trace", "observation"]
)
async def test_events_count_from_the_given_time(clickhouse: ClickHouse, scope: ProjectScope, insert: Any, year: int):
    since = datetime(year, 1, 1, tzinfo=UTC)
    before = await liveness.has_events_since(clickhouse, since)

    await insert(clickhouse, scope, since)

    assert not before
    assert await liveness.has_events_since(clickhouse, since)
    assert not await liveness.has_events_since(clickhouse, since.replace(day=2))
