"""Objects in a folder of this machine."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from elasticdash.shared import errors

Result = TypeVar("Result")


class FolderBlobStore:
    """Objects as files. A put writes a temporary file, syncs it, renames it, then syncs the folder."""

    def __init__(self, root: Path, threads: int = 4) -> None:
        self._root = root
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="blobs")
        root.mkdir(parents=True, exist_ok=True)

    async def put(self, key: str, body: bytes) -> None:
        try:
            await self._call(lambda: _write_durably(self._path(key), body))
        except OSError as error:
            raise errors.UnavailableError(f"The raw event could not be stored: {error.strerror}") from error

    async def get(self, key: str) -> bytes:
        try:
            return await self._call(self._path(key).read_bytes)
        except FileNotFoundError as error:
            raise errors.NotFoundError(f"No object {key!r}") from error

    async def list_keys(self, prefix: str, *, after: str = "", limit: int | None = None) -> list[str]:
        return await self._call(lambda: sorted(key for key in self._below(prefix) if key > after)[:limit])

    async def list_folders(self, prefix: str) -> list[str]:
        return await self._call(lambda: _folders(self._root, prefix))

    async def delete(self, keys: Sequence[str]) -> None:
        paths = [self._path(key) for key in keys]

        def remove() -> None:
            for path in paths:
                path.unlink(missing_ok=True)

        await self._call(remove)

    async def forget_folder(self, prefix: str) -> None:
        def remove() -> None:
            with contextlib.suppress(OSError):
                (self._root / prefix).rmdir()

        await self._call(remove)

    async def check(self) -> None:
        if not await self._call(lambda: os.access(self._root, os.R_OK | os.W_OK | os.X_OK)):
            raise errors.UnavailableError("The folder of raw events can't be written to")

    def close(self) -> None:
        self._threads.shutdown(wait=True)

    def _path(self, key: str) -> Path:
        if not key or key.startswith("/") or ".." in key.split("/"):
            raise errors.InvalidRequestError(f"Not an object key: {key!r}")
        return self._root / key

    def _below(self, prefix: str) -> Iterator[str]:
        for folder, _, names in os.walk(self._root / prefix):
            for name in names:
                if not name.endswith(_TEMPORARY):
                    yield (Path(folder) / name).relative_to(self._root).as_posix()

    async def _call(self, run: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, run)


_TEMPORARY = ".writing"


def _folders(root: Path, prefix: str) -> list[str]:
    folder = root / prefix
    if not folder.is_dir():
        return []
    return sorted(f"{prefix}{entry.name}/" for entry in os.scandir(folder) if entry.is_dir())


def _write_durably(path: Path, body: bytes) -> None:
    for folder in _make_folders(path.parent):
        _sync_folder(folder.parent)
    temporary = path.with_name(path.name + _TEMPORARY)
    try:
        with temporary.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def adopt(temporary: Path, path: Path) -> None:
    """Make a written and synced file on the same disk the one at `path`; it survives a crash once this returns."""
    for folder in _make_folders(path.parent):
        _sync_folder(folder.parent)
    temporary.rename(path)
    _sync_folder(path.parent)


def _make_folders(folder: Path) -> list[Path]:
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
