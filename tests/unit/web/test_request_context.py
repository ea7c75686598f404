"""What surrounds every request: ids, the log's line, measurements, the bound on requests, the drain."""

import asyncio
from collections.abc import AsyncGenerator

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from structlog.testing import capture_logs

from elasticdash.shared.lifecycle import Lifecycle
from elasticdash.shared.telemetry import metrics
from elasticdash.web import error_responses
from elasticdash.web.request_context import HotRoute, RequestContext, RequestRules


def make_client(rules: RequestRules, lifecycle: Lifecycle | None = None) -> tuple[httpx.AsyncClient, asyncio.Event]:
    """A client of an application with a hot route, a slow one that waits for the event, and one that fails."""
    app, gate = FastAPI(), asyncio.Event()

    async def hot(_request: Request) -> Response:
        return Response(b"12345")

    app.router.routes.append(HotRoute("/hot/{id}", hot, methods=["POST"]))

    @app.get("/slow")
    async def slow() -> None:
        await gate.wait()

    @app.get("/api/public/health")
    async def health() -> None: ...

    @app.get("/fails")
    async def fails() -> None:
        raise KeyError

    error_responses.add_to(app)
    app.add_middleware(RequestContext, lifecycle=lifecycle or Lifecycle(), rules=rules)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test"), gate


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    client, _ = make_client(RequestRules(is_logged=True))
    async with client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status"), [("POST", "/hot/1", 200), ("GET", "/nowhere", 404), ("GET", "/fails", 500)]
)
async def test_every_answer_has_a_request_id(client: httpx.AsyncClient, method: str, path: str, status: int):
    first, second = await client.request(method, path), await client.request(method, path)

    assert first.status_code == status
    assert len(first.headers["x-request-id"]) == 36
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


async def test_callers_id_is_kept(client: httpx.AsyncClient):
    response = await client.post("/hot/1", headers={"X-Request-Id": "gateway-1.a"})

    assert response.headers["x-request-id"] == "gateway-1.a"


@pytest.mark.parametrize("sent", ["", "with space", 'quote"', "x" * 129, "caf\xe9"])
async def test_id_that_can_not_be_printed_anywhere_is_replaced(client: httpx.AsyncClient, sent: str):
    response = await client.post("/hot/1", headers={"X-Request-Id": sent.encode("latin-1")})

    assert len(response.headers["x-request-id"]) == 36


async def test_request_is_logged_by_its_template(client: httpx.AsyncClient):
    with capture_logs() as entries:
        await client.post("/hot/secret-id")

    [entry] = entries
    assert {name: entry[name] for name in ("event", "method", "route", "status", "response_bytes")} == {
        "event": "request",
        "method": "POST",
        "route": "/hot/{id}",
        "status": 200,
        "response_bytes": 5,
    }
    assert "secret-id" not in str(entry)


async def test_nothing_is_logged_unless_asked_for():
    client, _ = make_client(RequestRules())

    with capture_logs() as entries:
        await client.post("/hot/1")

    assert entries == []


async def test_paths_and_methods_of_strangers_make_no_new_series(client: httpx.AsyncClient):
    await client.request("BREW", "/pot/418")

    unmatched = metrics.REGISTRY.get_sample_value(
        "elasticdash_http_requests_total", {"method": "other", "route": "unmatched", "status": "404"}
    )
    assert unmatched is not None
    assert "/pot/418" not in metrics.render().decode()


async def test_requests_beyond_the_bound_are_told_to_come_back():
    client, gate = make_client(RequestRules(max_concurrent=1))
    first = asyncio.create_task(client.get("/slow"))
    await asyncio.sleep(0)

    while (refused := await client.post("/hot/1")).status_code == 200:
        await asyncio.sleep(0)
    healthy = await client.get("/api/public/health")
    gate.set()

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert healthy.status_code == 200
    assert (await first).status_code == 200
    assert (await client.post("/hot/1")).status_code == 200


async def test_connections_are_closed_while_draining():
    lifecycle = Lifecycle()
    client, _ = make_client(RequestRules(), lifecycle)
    before = await client.post("/hot/1")

    lifecycle.drain()
    after = await client.post("/hot/1")

    assert "connection" not in before.headers
    assert after.headers["connection"] == "close"
