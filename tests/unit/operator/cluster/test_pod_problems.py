"""What unready pods say they miss: asked of web and of workers, and only of those that could say something."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from elasticdash.operator.cluster.pod_problems import HttpProblemReader
from elasticdash.operator.plan.observed import Manifest

ADDRESS = "127.31.0.1"


def pod(component: str, *, is_ready: bool = False, address: str = ADDRESS, **metadata: Any) -> Manifest:
    condition = {"type": "Ready", "status": str(is_ready)}
    labels = {"app.kubernetes.io/component": component}
    status = {"phase": "Running", "podIP": address, "conditions": [condition]}
    return {"metadata": {"name": f"obs-{component}", "labels": labels, **metadata}, "status": status}


@asynccontextmanager
async def answering(port: int, path: str, status: int, body: str) -> AsyncGenerator[None]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_get(path, answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, ADDRESS, port).start()
    try:
        yield
    finally:
        await runner.cleanup()


async def asked(*pods: Manifest) -> dict[str, str]:
    reader = HttpProblemReader()
    try:
        return dict(await reader(pods))
    finally:
        await reader.close()


@pytest.mark.parametrize(
    "found",
    [
        pod("web", is_ready=True),
        pod("web", deletionTimestamp="2026-01-01T00:00:00Z"),
        pod("web", address=""),
        pod("postgres"),
    ],
)
async def test_pods_that_have_nothing_to_say_are_not_asked(found: Manifest):
    async with answering(3000, "/api/public/ready", 503, '{"status": "ClickHouse is not available"}'):
        assert await asked(found) == {}


@pytest.mark.parametrize(("status", "body"), [(503, "<html>"), (200, '{"status": "OK"}'), (500, '{"status": "x"}')])
async def test_other_answers_are_none(status: int, body: str):
    async with answering(3000, "/api/public/ready", status, body):
        assert await asked(pod("web"), pod("worker")) == {}


async def test_each_component_says_what_it_misses():
    async with (
        answering(3000, "/api/public/ready", 503, '{"status": "ClickHouse is not available"}'),
        answering(3030, "/api/ready", 503, '{"status": "The queue\'s Redis can\'t be used"}'),
    ):
        found = await asked(pod("web"), pod("worker"))

    assert found == {"web": "ClickHouse is not available", "worker": "The queue's Redis can't be used"}
