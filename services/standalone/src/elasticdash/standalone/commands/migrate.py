"""`elasticdash migrate`: brings the schemas of Postgres and ClickHouse up to date, for people and for scripts."""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import backend_access
from elasticdash.shared.migrate import clickhouse as clickhouse_migrations
from elasticdash.shared.migrate import failures
from elasticdash.shared.migrate import postgres as postgres_migrations
from elasticdash.shared.migrate.failures import FailureClass
from elasticdash.shared.migrate.status import StoreStatus
from elasticdash.standalone import container_report, migration_stores
from elasticdash.standalone.migration_stores import MigrationStores

console = Console(stderr=True)

_REPORTED = ("outcome", "exit_code", "can_be_retried", "message", "statement", "hint", "applied")


class Target(StrEnum):
    """Which schema."""

    POSTGRES = "postgres"
    CLICKHOUSE = "clickhouse"
    ALL = "all"


@dataclass(slots=True)
class Result:
    """What `--json` prints as one line. `exit_code` 0: done; the others by class."""

    outcome: str = "done"
    exit_code: int = 0
    can_be_retried: bool = False
    message: str = ""
    statement: str = ""
    hint: str = ""
    applied: list[str] = field(default_factory=list[str])
    pending: list[str] = field(default_factory=list[str])
    stores: list[StoreStatus] = field(default_factory=list[StoreStatus])


def migrate(
    target: Annotated[Target, typer.Argument(help="Whose schema.")] = Target.ALL,
    plan: Annotated[bool, typer.Option("--plan", help="Print what would run; change nothing.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Say how far each store is; change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON on stdout.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write the outcome to this file as JSON too, in at most 4 kB.", dir_okay=False)
    ] = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for another migration to finish.", min=0)] = 300,
) -> None:
    """Bring the schemas up to date. Can be killed at any point and run again; runs of it wait for each other.

    Reads DATABASE_URL (or DIRECT_URL) and the CLICKHOUSE_ variables. Exit codes: 0 done (--status: current),
    10 a statement failed, 11 another migration still runs, 12 a store can't be reached, 13 the schema is newer,
    14 an applied file has changed, 15 a setting is wrong, 16 --status: something is missing. 11 and 12 can be retried.
    """
    result = Result()
    try:
        asyncio.run(_run(target, result, "plan" if plan else "status" if status else "migrate", wait))
    except errors.ElasticDashError as error:
        _explain(error, result)
    if as_json:
        sys.stdout.write(json.dumps(asdict(result)) + "\n")
    if report is not None:
        container_report.write(report, {name: getattr(result, name) for name in _REPORTED})
    if result.exit_code:
        raise typer.Exit(result.exit_code)


async def _run(target: Target, result: Result, action: str, wait_seconds: float) -> None:
    async with migration_stores.opened(with_clickhouse=target is not Target.POSTGRES) as stores:
        if action == "plan":
            await _plan(target, stores, result)
        elif action == "status":
            await _status(target, stores, result)
        else:
            async with postgres_migrations.alone(stores.database, wait_seconds, _say):
                await _migrate(target, stores, result)


async def _migrate(target: Target, stores: MigrationStores, result: Result) -> None:
    def note(name: str) -> None:
        result.applied.append(name)
        _say(f"Applied {name}")

    if target is not Target.CLICKHOUSE:
        for revision in await postgres_migrations.migrate(stores.database, stores.folder / "postgres"):
            note(f"postgres {revision}")
    if stores.clickhouse is not None:
        await clickhouse_migrations.migrate(
            stores.clickhouse, stores.folder / "clickhouse", stores.placement, lambda name: note(f"clickhouse {name}")
        )
        if stores.backend is not None:
            await backend_access.ensure(stores.clickhouse, stores.backend, stores.placement.cluster)
            _say(f"The Backend's ClickHouse user {stores.backend.name!r} is up to date")
    _say(f"Done: {len(result.applied)} migrations applied")


async def _plan(target: Target, stores: MigrationStores, result: Result) -> None:
    if target is not Target.CLICKHOUSE:
        for revision in (await postgres_migrations.status(stores.database, stores.folder / "postgres")).pending:
            result.pending.append(f"postgres {revision}")
            _say(f"postgres {revision}")
    if stores.clickhouse is not None:
        folder = stores.folder / "clickhouse"
        for name, statement in await clickhouse_migrations.plan(stores.clickhouse, folder, stores.placement):
            result.pending.append(f"clickhouse {name}")
            _say(f"clickhouse {name}\n{statement}")
    _say(f"{len(result.pending)} migrations would run")


async def _status(target: Target, stores: MigrationStores, result: Result) -> None:
    result.stores = await _statuses(target, stores)
    for status in result.stores:
        _say(status.explained())
        result.pending += [f"{status.store} {name}" for name in status.pending]
    if all(status.is_current for status in result.stores):
        return
    failure = FailureClass.PENDING
    if any(status.changed for status in result.stores):
        failure = FailureClass.CHANGED_FILE
    if any(status.unknown for status in result.stores):
        failure = FailureClass.NEWER_SCHEMA
    result.outcome, result.exit_code = failure.label, failure.value
    result.message = "; ".join(status.explained() for status in result.stores if not status.is_current)


async def _statuses(target: Target, stores: MigrationStores) -> list[StoreStatus]:
    found: list[StoreStatus] = []
    if target is not Target.CLICKHOUSE:
        found.append(await postgres_migrations.status(stores.database, stores.folder / "postgres"))
    if stores.clickhouse is not None:
        folder = stores.folder / "clickhouse"
        found.append(await clickhouse_migrations.status(stores.clickhouse, folder, stores.placement))
    return found


def _explain(error: errors.ElasticDashError, result: Result) -> None:
    found = failures.explain(error)
    result.outcome, result.exit_code = found.failure_class.label, found.failure_class.value
    result.can_be_retried = found.failure_class.can_be_retried
    result.message, result.statement, result.hint = found.message, found.statement, found.hint
    _say(f"elasticdash migrate: {found.message}")
    if found.statement:
        _say(f"Last statement: {found.statement}")
    _say(f"What to do: {found.hint}")


def _say(line: str) -> None:
    console.print(line, soft_wrap=True, highlight=False, markup=False)
