"""`elasticdash import v3`: takes over the stores of a Langfuse or ElasticDash v3 installation."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.postgres import engine
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.settings import model
from elasticdash.standalone import distributed, web_service
from elasticdash.standalone.commands import import_report
from elasticdash.standalone.importing import v3_metadata
from elasticdash.standalone.importing.progress import Progress, ProgressFile
from elasticdash.standalone.importing.project_copy import Counts
from elasticdash.standalone.importing.settling import PAUSE_SECONDS, Settling
from elasticdash.standalone.importing.v3_traces import V3Copy
from elasticdash.standalone.stores import Stores
from elasticdash.web.admission.gate import Gate


def v3(
    clickhouse_url: Annotated[str, typer.Option(help="http://user:password@host:8123/database of the old one.")],
    database_url: Annotated[str, typer.Option(help="postgresql://user:password@host:5432/database of the old one.")],
    project: Annotated[list[str] | None, typer.Option(help="Only this project's rows (repeatable).")] = None,
    progress_file: Annotated[
        Path, typer.Option(help="Remembers what is done: run the same command again to go on.")
    ] = Path("elasticdash-import.json"),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much there is to take over.")] = False,
) -> None:
    """Take over organizations, projects, users, keys, prompts, models, score configs, traces, observations, scores.

    This installation is the one the environment describes (DATABASE_URL, CLICKHOUSE_URL, …) and its workers must run.
    With the old installation's SALT, the old API keys go on working. Ids stay. Run it again to go on after a stop.
    """
    asyncio.run(_take_over(clickhouse_url, database_url, project, progress_file, is_dry=dry_run))


async def _take_over(
    clickhouse_url: str, database_url: str, projects: Sequence[str] | None, progress_file: Path, *, is_dry: bool
) -> None:
    old_database, old_clickhouse = engine.create_database(database_url), ClickHouse(clickhouse_url)
    settings = model.for_shared_stores()
    try:
        async with distributed.opened_stores(settings) as shared:
            stores = shared.stores
            started = Progress(source=_place(database_url), target="this installation", until=datetime.now(UTC))
            progress = ProgressFile(progress_file, started)
            async with web_service.opened(stores, settings, Gate()) as services:
                copy = V3Copy(old_clickhouse, services.acceptor, progress)
                wanted = projects or await v3_metadata.project_ids(old_database)
                remaining = await copy.remaining(wanted)
                if is_dry:
                    import_report.show_remaining(remaining)
                    return
                await _copy(copy, stores, old_database, wanted, remaining)
                counts = await _settled(copy, stores.clickhouse, wanted)
            import_report.verify(counts, progress.state.refused)
    finally:
        old_clickhouse.close()
        await old_database.close()


async def _copy(
    copy: V3Copy, stores: Stores, old_database: Database, projects: Sequence[str], remaining: Mapping[str, int]
) -> None:
    with import_report.progress_bars(remaining) as say:
        for table, added in (await v3_metadata.copy(old_database, stores.database)).items():
            say(table, added)
        await copy.run(projects, say)


async def _settled(copy: V3Copy, here: ClickHouse, projects: Sequence[str]) -> Sequence[Counts]:
    settling = Settling(time.monotonic())
    while not settling.is_over(counts := await copy.counts(here, projects), time.monotonic()):
        await asyncio.sleep(PAUSE_SECONDS)
    return counts


def _place(url: str) -> str:
    """Host and database of a URL, without what is secret in it."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}{parts.path}"
