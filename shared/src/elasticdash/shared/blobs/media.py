"""Files that belong to traces, whether they are kept in a folder or in S3."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

# Beside accepted batches in the same bucket or folder.
FOLDER = "media/"


@dataclass(frozen=True, slots=True)
class MediaObject:
    """One file as it was promised before it arrived. `sha256` is its digest in base64."""

    key: str
    content_type: str
    length_bytes: int
    sha256: str


class MediaStore(Protocol):
    """Files under keys of `key_of`. All raise UnavailableError when the store can't."""

    async def size_of(self, key: str) -> int | None:
        """The size in bytes; None when there is no such file."""
        ...

    async def list_keys(self, prefix: str, *, after: str = "", limit: int | None = None) -> list[str]:
        """Keys below a prefix that ends with a slash, ascending: those that sort after `after`, at most `limit`."""
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove files; those that do not exist are no error."""
        ...


def folder_of(project_id: str) -> str:
    """Prefix of a project's files."""
    return f"{FOLDER}{project_id}/"


def key_of(project_id: str, media_id: str) -> str:
    """Where one file of a project is."""
    return folder_of(project_id) + media_id
