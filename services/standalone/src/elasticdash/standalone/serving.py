"""Turns settings into the rules servers run by, and serves what operators read."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from elasticdash.shared.backlog import BacklogWatch
from elasticdash.shared.settings.http import HttpSettings
from elasticdash.shared.settings.model import Settings
from elasticdash.standalone import operations_app, server
from elasticdash.standalone.http_protocol import ClientLimits
from elasticdash.standalone.operations_app import OperationsApp
from elasticdash.standalone.server import ServingRules
from elasticdash.web.request_context import RequestRules


def rules(settings: Settings, drain_delay_seconds: float) -> ServingRules:
    """How the main port is served; the delay stands where none is set."""
    if settings.http.drain_delay_seconds is not None:
        drain_delay_seconds = settings.http.drain_delay_seconds
    return ServingRules(settings.worker.drain_timeout_seconds, drain_delay_seconds, client_limits(settings.http))


def request_rules(settings: Settings) -> RequestRules:
    """What the web application does with every request."""
    return RequestRules(settings.http.max_concurrent_requests, settings.process.is_access_logged)


def client_limits(settings: HttpSettings) -> ClientLimits:
    """How slowly and how much clients may send."""
    return ClientLimits(
        header_seconds=settings.header_timeout_seconds,
        body_seconds=settings.body_timeout_seconds,
        min_body_bytes_per_second=settings.min_body_bytes_per_second,
        max_header_bytes=settings.max_header_bytes,
        keep_alive_seconds=settings.keep_alive_seconds,
    )


@asynccontextmanager
async def operations_beside(settings: Settings, watch: BacklogWatch) -> AsyncGenerator[None]:
    """Metrics and the queue's state on the operations port until the block ends; nothing when none is set."""
    port = settings.http.operations_port
    if port is None:
        yield
        return
    app = OperationsApp({"/metrics": operations_app.metrics_answer, "/api/queue": operations_app.queue_answer(watch)})
    bound = server.listen(settings.http.operations_host, port, "Choose another with ELASTICDASH_OPERATIONS_PORT.")
    async with server.serving_beside(app, bound, client_limits(settings.http)):
        yield


@asynccontextmanager
async def worker_health_beside(
    settings: Settings, watch: BacklogWatch, problem: Callable[[], str | None]
) -> AsyncGenerator[None]:
    """A worker's health, metrics and the queue's state until the block ends; `problem` says why it takes no work."""
    app = OperationsApp(
        {
            "/api/health": operations_app.alive_answer,
            "/api/ready": operations_app.ready_answer(problem),
            "/metrics": operations_app.metrics_answer,
            "/api/queue": operations_app.queue_answer(watch),
        }
    )
    host, port = settings.process.host, settings.process.worker_port
    bound = server.listen(host, port, "Choose another with ELASTICDASH_WORKER_PORT.")
    async with server.serving_beside(app, bound, client_limits(settings.http)):
        yield
