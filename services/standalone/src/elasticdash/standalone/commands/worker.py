"""`elasticdash worker`: stores what web accepted, on stores that other processes share."""

import asyncio
import signal

import uvloop

from elasticdash.shared.backlog import BacklogWatch
from elasticdash.shared.lifecycle import Lifecycle
from elasticdash.shared.settings import ecosystem, model
from elasticdash.shared.settings.model import Settings
from elasticdash.shared.telemetry import logs, tracing
from elasticdash.standalone import allocator, distributed, garbage, serving, threads, worker_service


def worker() -> None:
    """Run a worker on shared stores: Postgres, a ClickHouse server, Redis, S3.

    The environment says where they are, as for `elasticdash web`. SIGTERM finishes what is being stored, hands the rest
    back to the other workers and stops.
    """
    settings = model.for_shared_stores()
    allocator.give_back_early()
    logs.configure("worker", settings.process.log_level or "info", settings.process.log_format or "json")
    ecosystem.warn_of_ignored()
    with tracing.exporting(settings.tracing, "worker"):
        uvloop.run(_work(settings))


async def _work(settings: Settings) -> None:
    lifecycle, stopped = Lifecycle(), asyncio.Event()

    def stop() -> None:
        lifecycle.drain()
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    async with distributed.opened_stores(settings) as shared:
        backlog = BacklogWatch(shared.backlog)
        async with (
            backlog.watching(),
            worker_service.opened(shared.stores, settings) as running,
            serving.worker_health_beside(settings, backlog, lambda: shared.problem(lifecycle) or running.problem),
        ):
            await running.start()
            garbage.collect_rarely()
            threads.take_turns()
            await stopped.wait()
