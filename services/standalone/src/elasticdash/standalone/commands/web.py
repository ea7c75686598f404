"""`elasticdash web`: accepts events and answers reads, on stores that other processes share."""

import socket

import uvloop

from elasticdash.shared.backlog import BacklogWatch
from elasticdash.shared.settings import ecosystem, model
from elasticdash.shared.settings.model import Settings
from elasticdash.shared.telemetry import logs, tracing
from elasticdash.standalone import allocator, distributed, garbage, server, serving, threads, web_service
from elasticdash.web.app import create_app

# How long balancers may need to see that /ready fails, before connections are refused.
_DRAIN_DELAY_SECONDS = 5.0


def web() -> None:
    """Run the web service on shared stores: Postgres, a ClickHouse server, Redis, S3.

    The environment says where they are (DATABASE_URL, CLICKHOUSE_URL, REDIS_HOST, ELASTICDASH_S3_EVENT_UPLOAD_BUCKET,
    SALT); docs/guides/settings.md lists everything. SIGTERM answers the requests in flight and stops.
    """
    settings = model.for_shared_stores()
    allocator.give_back_early()
    logs.configure("web", settings.process.log_level or "info", settings.process.log_format or "json")
    ecosystem.warn_of_ignored()
    bound = server.listen(settings.process.host, settings.process.web_port, "Choose another with PORT.")
    with tracing.exporting(settings.tracing, "web"):
        uvloop.run(_serve(bound, settings))


async def _serve(bound: socket.socket, settings: Settings) -> None:
    async with distributed.opened_stores(settings) as shared:
        await distributed.provision(shared.stores, settings.init)
        backlog = BacklogWatch(shared.backlog)
        async with (
            backlog.watching(),
            web_service.opened(shared.stores, settings, web_service.gate(settings, backlog)) as services,
            serving.operations_beside(settings, backlog),
        ):
            garbage.collect_rarely()
            threads.take_turns()
            app = create_app(services, serving.request_rules(settings))
            await server.serve(app, bound, serving.rules(settings, _DRAIN_DELAY_SECONDS), services.lifecycle)
