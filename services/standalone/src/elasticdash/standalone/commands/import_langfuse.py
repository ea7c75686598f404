"""`elasticdash import langfuse`: copies a project from a Langfuse or ElasticDash Logger through its API."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from elasticdash.standalone.commands import import_report
from elasticdash.standalone.importing.api_client import ApiClient
from elasticdash.standalone.importing.progress import Progress, ProgressFile
from elasticdash.standalone.importing.project_copy import Counts, ProjectCopy
from elasticdash.standalone.importing.settling import PAUSE_SECONDS, Settling
from elasticdash.standalone.importing.windows import Window


def langfuse(
    source: Annotated[str, typer.Option("--from", help="Address of the Langfuse or ElasticDash Logger to copy from.")],
    public_key: Annotated[str, typer.Option(envvar="LANGFUSE_PUBLIC_KEY", help="Of the project to copy.")],
    secret_key: Annotated[str, typer.Option(envvar="LANGFUSE_SECRET_KEY", help="Of the project to copy.")],
    to_public_key: Annotated[str, typer.Option(envvar="ELASTICDASH_PUBLIC_KEY", help="Of the project to fill.")],
    to_secret_key: Annotated[str, typer.Option(envvar="ELASTICDASH_SECRET_KEY", help="Of the project to fill.")],
    to: Annotated[
        str, typer.Option(envvar="ELASTICDASH_BASE_URL", help="The Logger to copy to.")
    ] = "http://127.0.0.1:3000",
    since: Annotated[datetime | None, typer.Option(help="Copy nothing older (UTC); default: everything.")] = None,
    progress_file: Annotated[
        Path, typer.Option(help="Remembers what is done: run the same command again to go on.")
    ] = Path("elasticdash-import.json"),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much there is to copy.")] = False,
) -> None:
    """Copy a project: score configs, models, prompts, datasets, traces, observations and scores, with their ids.

    Sessions, users and tags come with the traces. Run it again to copy what was added since. At the end it counts
    both sides; a difference ends it with exit code 1. Not in a public API, and so not copied: bookmarks, comments,
    media, annotation queues.
    """
    read, write = ApiClient(source, public_key, secret_key), ApiClient(to, to_public_key, to_secret_key)
    try:
        started = Progress(source=_project(read), target=_project(write), until=datetime.now(UTC))
        progress = ProgressFile(progress_file, started)
        copy = ProjectCopy(read, write, progress, since.replace(tzinfo=UTC) if since else None)
        ranges = copy.ranges()
        remaining = copy.remaining(ranges)
        if dry_run:
            import_report.show_remaining(remaining)
            return
        with import_report.progress_bars(remaining) as say:
            copy.run(ranges, say)
        import_report.verify(_settled(copy, ranges), progress.state.refused)
    finally:
        read.close()
        write.close()


def _settled(copy: ProjectCopy, ranges: Mapping[str, Window]) -> Sequence[Counts]:
    settling = Settling(time.monotonic())
    while not settling.is_over(counts := copy.counts(ranges), time.monotonic()):
        time.sleep(PAUSE_SECONDS)
    return counts


def _project(api: ApiClient) -> str:
    projects = api.get("/projects")["data"]
    return f"{api.base_url}/project/{projects[0]['id']}"
