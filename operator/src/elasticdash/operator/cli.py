"""`elasticdash-operator`: runs the operator, or explains an instance."""

import asyncio
import json
import os
import signal
from datetime import UTC, datetime
from secrets import token_hex
from typing import Annotated

import structlog
import typer

from elasticdash.operator import diagnosing, handlers
from elasticdash.operator.cluster import observe
from elasticdash.operator.cluster.client import Cluster
from elasticdash.operator.cluster.instance_api import InstanceApi
from elasticdash.operator.cluster.lease import Lease
from elasticdash.operator.cluster.observe import Readers
from elasticdash.operator.cluster.pod_problems import HttpProblemReader
from elasticdash.operator.cluster.queue_reading import HttpQueueReader
from elasticdash.operator.plan import release
from elasticdash.operator.projects import reconcile as projects
from elasticdash.operator.projects.access import AccessFinder
from elasticdash.operator.projects.reconcile import LoggerAccess, ProjectReconciler
from elasticdash.operator.reconcile import Reconciler
from elasticdash.operator.rotation import opening
from elasticdash.operator.rotation.rotator import Rotator
from elasticdash.operator.runtime import health, metrics
from elasticdash.operator.runtime.health import Progress
from elasticdash.operator.runtime.loops import Loops
from elasticdash.operator.settings import OperatorSettings
from elasticdash.shared import errors
from elasticdash.shared.telemetry import logs

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
log = structlog.get_logger()

_LOST_LEASE = 3


@app.callback()
def _operator() -> None:
    """Turns ElasticDashLogger resources into running Loggers, and keeps them so."""


@app.command()
def run() -> None:
    """Serve the instances of the cluster, or of ELASTICDASH_OPERATOR_NAMESPACES, until SIGTERM.

    Of several processes one works; another takes over when it stops or falls silent. Exit code 3: another took over.
    """
    settings = OperatorSettings()
    logs.configure("operator", settings.log_level, settings.log_format)
    try:
        asyncio.run(_run(settings))
    except errors.ElasticDashError as error:
        log.error("operator_stopped", error=str(error))
        raise typer.Exit(1) from error


@app.command()
def diagnose(
    name: Annotated[str, typer.Argument(help="The ElasticDashLogger")],
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="Where it is")] = "default",
    as_json: Annotated[bool, typer.Option("--json", help="For a program")] = False,
) -> None:
    """Explain an instance: what is wrong, the first cause first, and what to do. No value of a Secret is shown.

    Exit code 0: nothing is wrong; 1: something is; 2: it can't be looked at.
    """
    try:
        found = asyncio.run(diagnosing.look(name, namespace))
    except errors.ElasticDashError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    typer.echo(json.dumps(found.json()) if as_json else found.text(), nl=as_json)
    if found.findings:
        raise typer.Exit(1)


def main() -> None:
    """The console script."""
    app()


async def _run(settings: OperatorSettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    progress = Progress()
    cluster = await Cluster.connect()
    server = await health.serve(progress, settings.stalled_seconds, settings.host, settings.port)
    place = (settings.namespace, settings.lease_name)
    lease = Lease(cluster, place, settings.identity, settings.lease_seconds, lambda: datetime.now(UTC))
    try:
        log.info("waiting_for_lease", identity=settings.identity)
        if await _acquired(lease, stop):
            log.info("leading", identity=settings.identity)
            metrics.IS_LEADER.set(1)
            await _lead(settings, cluster, lease, progress, stop)
            await lease.release()
    finally:
        await server.cleanup()
        await cluster.close()


async def _lead(
    settings: OperatorSettings, cluster: Cluster, lease: Lease, progress: Progress, stop: asyncio.Event
) -> None:
    read_queue, read_problems = HttpQueueReader(settings.service_url), HttpProblemReader()
    shipped = release.shipped(settings.images, settings.namespace)
    rotator = Rotator(cluster, shipped, opening.logins, opening.api_at(settings.service_url), token_hex)
    reconciler = Reconciler(cluster, shipped, Readers(read_queue, read_problems, settings.namespaces), rotator)
    project_reconciler = ProjectReconciler(
        cluster, AccessFinder(cluster, settings.service_url), _opened_api, token_hex, lambda: datetime.now(UTC)
    )
    looks = {observe.KIND: reconciler.look, projects.KIND: project_reconciler.look}
    loops = Loops(looks, progress, settings.resync_seconds)
    holding = asyncio.create_task(_hold(lease))
    surveying = asyncio.create_task(handlers.survey(cluster, loops, settings))
    try:
        await handlers.watch(loops, reconciler, settings, stop)
    finally:
        surveying.cancel()
        await loops.close()
        holding.cancel()
        await asyncio.gather(surveying, holding, return_exceptions=True)
        await read_queue.close()
        await read_problems.close()


def _opened_api(access: LoggerAccess) -> InstanceApi:
    return InstanceApi(access.url, access.admin_key)


async def _hold(lease: Lease) -> None:
    """Ends the process when the Lease is lost: whatever it would still write, another is in charge of."""
    await lease.hold()
    os._exit(_LOST_LEASE)


async def _acquired(lease: Lease, stop: asyncio.Event) -> bool:
    """Whether the Lease is held; False when the process was told to stop first."""
    acquiring, stopping = asyncio.create_task(lease.acquire()), asyncio.create_task(stop.wait())
    await asyncio.wait((acquiring, stopping), return_when=asyncio.FIRST_COMPLETED)
    is_held = acquiring.done() and not stop.is_set()
    for task in (acquiring, stopping):
        task.cancel()
    await asyncio.gather(acquiring, stopping, return_exceptions=True)
    return is_held
