"""Makes transactions that would decide the same thing wait for each other."""

import hashlib

from sqlalchemy import BigInteger, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession


async def hold(session: AsyncSession, *name: str) -> None:
    """Return once no other transaction holds this name; it is held until the transaction ends.

    SQLite lets one transaction write at a time, so there is nothing to wait for there.
    """
    if session.get_bind().dialect.name == "postgresql":
        key = bindparam("key", lock_number(*name), BigInteger)
        await session.execute(select(func.pg_advisory_xact_lock(key)))


def lock_number(*name: str) -> int:
    """The 64-bit number of a name, the same in every process and version."""
    digest = hashlib.sha256("\0".join(name).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
