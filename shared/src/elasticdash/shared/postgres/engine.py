"""Opens the metadata store: SQLite in a file, or Postgres."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, exc, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import PoolResetState

from elasticdash.shared import errors

_BUSY_TIMEOUT_MS = 5000


@dataclass(frozen=True, slots=True)
class Database:
    """The open store. Requests and jobs open the transaction; functions on its session flush, never commit."""

    engine: AsyncEngine
    readers: async_sessionmaker[AsyncSession]
    writers: async_sessionmaker[AsyncSession]

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A session on one snapshot; UnavailableError when the store can't answer."""
        async with _translated_errors(self.readers) as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncSession]:
        """A session that is committed at the end, rolled back when it raises; UnavailableError as for `reading`."""
        async with _translated_errors(self.writers) as session:
            yield session
            await session.commit()

    async def check(self) -> None:
        """Nothing when the store answers; UnavailableError when it can't."""
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def create_database(url: str) -> Database:
    """The store at `sqlite+aiosqlite:///file` or `postgresql+asyncpg://…`; connects when first used."""
    # Statement parameters hold names and prompts of users: they stay out of messages.
    engine = create_async_engine(url, hide_parameters=True, pool_pre_ping=not url.startswith("sqlite"))
    writing_engine = engine
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        event.listen(engine.sync_engine, "reset", _end_sqlite)
        writing_engine = engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
    return Database(
        engine=engine,
        readers=async_sessionmaker(engine, expire_on_commit=False),
        writers=async_sessionmaker(writing_engine, expire_on_commit=False),
    )


@asynccontextmanager
async def _translated_errors(sessions: async_sessionmaker[AsyncSession]) -> AsyncGenerator[AsyncSession]:
    try:
        async with sessions() as session:
            yield session
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, ConnectionError) as error:
        raise errors.UnavailableError("The metadata store can't answer now") from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transaction start would come late and never be IMMEDIATE: we send BEGIN ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={_BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turns writer fails at once when another wrote meanwhile: writers take the lock first, and wait.
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def _end_sqlite(connection: Any, _record: object, state: PoolResetState) -> None:
    # A COMMIT that failed (disk full, broken reference) leaves its transaction open, and the lock with it.
    if state.asyncio_safe and connection.driver_connection.in_transaction:
        connection.rollback()
