"""`elasticdash replay`: shows what was given up and gives it another try."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from elasticdash.shared import errors
from elasticdash.shared.blobs import configuration
from elasticdash.shared.blobs.folder import FolderBlobStore
from elasticdash.shared.blobs.s3 import S3BlobStore
from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.settings.blob_store import BlobStoreSettings
from elasticdash.shared.settings.model import Settings
from elasticdash.standalone import replaying
from elasticdash.standalone.commands.options import DataDirOption
from elasticdash.standalone.data_folder import DataFolder
from elasticdash.standalone.replaying import Failed, Replaying

app = typer.Typer(no_args_is_help=True, help="Show what could not be stored, and try it again.")

MaxOption = Annotated[int, typer.Option("--max", min=1, help="How many at most, the oldest first.")]
console = Console()


@app.command("list")
def list_failed(data_dir: DataDirOption = Path("data"), max_count: MaxOption = 100) -> None:
    """Show jobs that were given up, and raw objects and rows that were refused, with the reason.

    They are looked for in Redis and in the bucket of the settings; without a bucket in the data folder.
    """
    found = asyncio.run(_find(Settings(), data_dir, max_count))
    table = Table("id", "what", "of", "reason")
    for failed in found:
        table.add_row(failed.id, failed.kind, failed.subject, failed.reason)
    console.print(table if found else "Nothing was given up.")


@app.command("run")
def run(
    ids: Annotated[list[str] | None, typer.Option("--id", help="One of the list; may be given several times.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of the list.")] = False,
    data_dir: DataDirOption = Path("data"),
    max_count: MaxOption = 1000,
) -> None:
    """Process them again. A worker begins with jobs at once, with raw objects and rows at its next sweep."""
    if bool(ids) == everything:
        raise errors.ConfigurationError("Say which: --id with an id of `elasticdash replay list`, or --all")
    replayed, left = asyncio.run(_replay(Settings(), data_dir, ids, max_count))
    console.print(f"{len(replayed)} will be processed again.")
    for failed in left:
        console.print(f"{failed.id} can't be: it is no job of the Logger.", soft_wrap=True)


async def _find(settings: Settings, data_dir: Path, max_count: int) -> Sequence[Failed]:
    async with _opened(settings, data_dir) as failures:
        return await failures.find(max_count)


async def _replay(
    settings: Settings, data_dir: Path, ids: Sequence[str] | None, max_count: int
) -> tuple[Sequence[Failed], Sequence[Failed]]:
    """Those that get another try, and those that can't have one. NotFoundError for an id that is not in the list."""
    async with _opened(settings, data_dir) as failures:
        found = await failures.find(max_count)
        unknown = set(ids or ()) - {failed.id for failed in found}
        if unknown:
            raise errors.NotFoundError(f"Not among the first {max_count}: {', '.join(sorted(unknown))}")
        wanted = [failed for failed in found if not ids or failed.id in ids]
        replayed = [failed for failed in wanted if await failures.replay(failed)]
        return replayed, [failed for failed in wanted if failed not in replayed]


@asynccontextmanager
async def _opened(settings: Settings, data_dir: Path) -> AsyncGenerator[Replaying]:
    blobs = _open_blobs(settings.blob_store, data_dir)
    try:
        async with replaying.opened(blobs, settings.redis) as failures:
            yield failures
    finally:
        blobs.close()


def _open_blobs(settings: BlobStoreSettings, data_dir: Path) -> BlobStore:
    if settings.bucket is not None:
        return S3BlobStore(configuration.s3_config(settings))
    folder = DataFolder(data_dir).blobs
    if not folder.is_dir():
        raise errors.ConfigurationError(
            f"{str(data_dir)!r} is no data folder of a Logger: name it with --data-dir,"
            " or a bucket with ELASTICDASH_S3_EVENT_UPLOAD_BUCKET"
        )
    return FolderBlobStore(folder)
