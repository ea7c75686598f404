"""The folder that holds everything the embedded Logger keeps, owned by one process at a time."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from elasticdash.shared import errors

_LOCK = "lock"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths below the data folder."""

    root: Path

    @property
    def metadata(self) -> Path:
        """SQLite file: organizations, projects, keys."""
        return self.root / "metadata.sqlite"

    @property
    def clickhouse(self) -> Path:
        """The embedded ClickHouse engine's folder."""
        return self.root / "clickhouse"

    @property
    def blobs(self) -> Path:
        """Raw batches."""
        return self.root / "blobs"

    @property
    def media(self) -> Path:
        """Files that belong to traces."""
        return self.root / "files"

    @property
    def credentials(self) -> Path:
        """What the first start created, readable by the owner only."""
        return self.root / "credentials.json"

    def free_disk_percent(self) -> float:
        """What is free of the folder's disk for processes without special rights."""
        found = os.statvfs(self.root)
        return 100 * found.f_bavail / max(found.f_blocks, 1)


@contextmanager
def opened(root: Path) -> Generator[DataFolder]:
    """The folder, created if missing and locked until the block ends.

    ConfigurationError when it can't be written or another Logger has it.
    """
    folder = DataFolder(root.resolve())
    try:
        folder.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder.root / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise errors.ConfigurationError(
            f"The data folder {str(root)!r} can't be written: {error.strerror}. Choose another with --data-dir."
        ) from error
    try:
        _lock(handle, root)
        yield folder
    finally:
        os.close(handle)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read; complete or not at all."""
    temporary = path.with_suffix(".writing")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)


def _lock(handle: int, root: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise errors.ConfigurationError(
            f"Another ElasticDash Logger is using the data folder {str(root)!r}. Stop it, or choose another folder"
            " with --data-dir."
        ) from error
