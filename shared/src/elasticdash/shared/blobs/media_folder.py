"""Media in a folder of this machine: files that arrive at our own server, in pieces, and are checked on the way."""

import base64
import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from elasticdash.shared import errors
from elasticdash.shared.blobs import folder
from elasticdash.shared.blobs.folder import FolderBlobStore
from elasticdash.shared.blobs.media import MediaObject

_INCOMING = "incoming"


class MediaFolder(FolderBlobStore):
    """Files below `root`, which one process at a time has; what was arriving when it stopped is thrown away."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._incoming = root / _INCOMING
        shutil.rmtree(self._incoming, ignore_errors=True)
        self._incoming.mkdir()

    def path_of(self, key: str) -> Path:
        """Where a file lies, if there is one."""
        return self._path(key)

    async def size_of(self, key: str) -> int | None:
        """The size in bytes; None when there is no such file."""
        try:
            return (await self._call(self._path(key).stat)).st_size
        except FileNotFoundError:
            return None

    async def receive(self, wanted: MediaObject, chunks: AsyncIterator[bytes]) -> None:
        """Keep what arrives, durably, if it is what was promised; InvalidRequestError if it is anything else."""
        temporary = self._incoming / secrets.token_hex(16)
        try:
            file = await self._call(partial(open, temporary, "xb"))
            try:
                await self._write(file, wanted, chunks)
                await self._call(partial(_sync, file))
            finally:
                await self._call(file.close)
            await self._call(partial(folder.adopt, temporary, self._path(wanted.key)))
        except OSError as error:
            raise errors.UnavailableError(f"The file could not be stored: {error.strerror}") from error
        finally:
            await self._call(partial(temporary.unlink, missing_ok=True))

    async def _write(self, file: BinaryIO, wanted: MediaObject, chunks: AsyncIterator[bytes]) -> None:
        digest, size = hashlib.sha256(), 0
        async for chunk in chunks:
            size += len(chunk)
            if size > wanted.length_bytes:
                break
            digest.update(chunk)
            await self._call(partial(file.write, chunk))
        if size != wanted.length_bytes:
            raise errors.InvalidRequestError(f"The file must have the announced {wanted.length_bytes} bytes")
        if base64.b64encode(digest.digest()).decode() != wanted.sha256:
            raise errors.InvalidRequestError("The file is not the one whose SHA-256 was announced")


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
