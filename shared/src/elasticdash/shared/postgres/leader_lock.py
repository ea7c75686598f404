"""Chooses the one process, of those on the same metadata store, that does what only one needs to do."""

import asyncio

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from elasticdash.shared.postgres import store_errors
from elasticdash.shared.postgres.engine import Database

log = structlog.get_logger()

# Any number that nothing else in the database locks.
_UPKEEP = 0x_0ED1_0001


class LeaderLock:
    """A session lock of Postgres, held for as long as its connection lives: a leader that dies has a successor at once.

    On SQLite there is one process, and it leads. Behind a pooler that shares sessions between transactions two may
    lead at times: what they do must be harmless done twice.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None
        # One connection runs one statement at a time, whoever asks.
        self._asking = asyncio.Lock()

    async def is_held(self) -> bool:
        """Whether this process leads; tried anew at every call. False while the store does not answer."""
        if self._database.engine.dialect.name == "sqlite":
            return True
        async with self._asking:
            return await self._holds()

    async def release(self) -> None:
        """Let another process lead."""
        async with self._asking:
            await self._drop()

    async def _holds(self) -> bool:
        try:
            if self._connection is None:
                return await self._take()
            await self._connection.execute(text("SELECT 1"))
        except store_errors.FROM_STORE as error:
            log.warning("leadership_unknown", error=type(error).__name__)
            await self._drop()
            return False
        return True

    async def _take(self) -> bool:
        opened = await self._database.engine.connect()
        connection = await opened.execution_options(isolation_level="AUTOCOMMIT")
        try:
            is_taken = bool(await connection.scalar(select(func.pg_try_advisory_lock(_UPKEEP))))
        except BaseException:
            await connection.invalidate()
            await connection.close()
            raise
        if is_taken:
            self._connection = connection
        else:
            await connection.close()
        return is_taken

    async def _drop(self) -> None:
        """Close the connection for good: back in the pool it would keep the lock."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()
