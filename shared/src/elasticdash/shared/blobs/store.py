"""What every object store can do, whether it is a folder or S3."""

from collections.abc import Sequence
from typing import Protocol


class BlobStore(Protocol):
    """Objects under keys like `raw/project/2026/01/31/23/id.edr`. All raise UnavailableError when the store can't."""

    async def put(self, key: str, body: bytes) -> None:
        """Store an object; it survives a crash of the machine once this returns."""
        ...

    async def get(self, key: str) -> bytes:
        """The object's bytes; NotFoundError when there is none."""
        ...

    async def list_keys(self, prefix: str, *, after: str = "", limit: int | None = None) -> list[str]:
        """Keys below a prefix that ends with a slash, ascending: those that sort after `after`, at most `limit`."""
        ...

    async def list_folders(self, prefix: str) -> list[str]:
        """Prefixes one level below a prefix, each ending with a slash, ascending."""
        ...

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; those that do not exist are no error."""
        ...

    async def forget_folder(self, prefix: str) -> None:
        """Drop a folder that holds no object any more; nothing happens when it still does, or where there are none."""
        ...

    async def check(self) -> None:
        """Nothing when the store answers and may be used, within a few seconds."""
        ...

    def close(self) -> None:
        """Wait for running calls."""
        ...
