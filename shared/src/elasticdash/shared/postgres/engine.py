"""Opens the metadata store: SQLite in a file, or Postgres."""

import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import asyncpg
from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import PoolResetState

from elasticdash.shared import database_url
from elasticdash.shared.database_url import DatabaseUrl
from elasticdash.shared.postgres import storable, store_errors

_BUSY_TIMEOUT_MS = 5000
_MAX_CONNECTION_AGE_SECONDS = 1800
_MAX_IDLE_IN_TRANSACTION_MS = "60000"
_NETWORK_GRACE_SECONDS = 1
# Behind such a pooler a prepared statement may meet another session's of the same name.
_WITHOUT_SESSION: Mapping[str, Any] = {
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: f"__elasticdash_{uuid.uuid4()}__",
}


@dataclass(frozen=True, slots=True)
class Database:
    """The open store. Requests and jobs open the transaction; functions on its session flush, never commit."""

    engine: AsyncEngine
    readers: async_sessionmaker[AsyncSession]
    writers: async_sessionmaker[AsyncSession]
    schema: str | None = None

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

    @asynccontextmanager
    async def session_connection(self) -> AsyncGenerator[AsyncConnection]:
        """One connection until the block ends, each statement a transaction; UnavailableError as for `reading`."""
        with _translating():
            async with self.engine.connect() as connection:
                yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def check(self) -> None:
        """Nothing when the store answers; UnavailableError when it can't."""
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseLimits:
    """Bounds of a Postgres pool; what the URL itself says goes first."""

    max_connections: int = 10
    max_wait_seconds: float = 2
    connect_timeout_seconds: float = 3
    statement_timeout_seconds: float = 5
    lock_timeout_seconds: float = 3


def create_database(url: str, limits: DatabaseLimits | None = None) -> Database:
    """The store at `sqlite+aiosqlite:///file` or `postgresql://…`; connects when first used.

    ConfigurationError when the URL can't be understood.
    """
    if database_url.is_postgres(url):
        return _postgres(database_url.parse(url), limits or DatabaseLimits())
    # Statement parameters hold names and prompts of users: they stay out of messages.
    engine = create_async_engine(url, hide_parameters=True, json_serializer=storable.json_text)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    event.listen(engine.sync_engine, "reset", _end_sqlite)
    writing_engine = engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
    return _database(engine, readers=engine, writers=writing_engine)


def _postgres(url: DatabaseUrl, limits: DatabaseLimits) -> Database:
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=_connect_to(url, limits),
        connect_args={} if url.has_session else _WITHOUT_SESSION,
        pool_size=url.max_connections or limits.max_connections,
        max_overflow=0,
        pool_timeout=url.max_wait_seconds or limits.max_wait_seconds,
        pool_pre_ping=True,
        pool_recycle=_MAX_CONNECTION_AGE_SECONDS,
        hide_parameters=True,
        json_serializer=storable.json_text,
    )
    one_snapshot = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return _database(engine, readers=one_snapshot, writers=engine, schema=url.schema)


def _connect_to(url: DatabaseUrl, limits: DatabaseLimits) -> Callable[[], Awaitable[Any]]:
    settings = {"application_name": "elasticdash", **url.server_settings}
    if url.schema is not None:
        settings["search_path"] = '"' + url.schema.replace('"', '""') + '"'
    if url.has_session:
        settings["statement_timeout"] = f"{limits.statement_timeout_seconds * 1000:.0f}"
        settings["lock_timeout"] = f"{limits.lock_timeout_seconds * 1000:.0f}"
        settings["idle_in_transaction_session_timeout"] = _MAX_IDLE_IN_TRANSACTION_MS

    # The driver ships no types for its arguments.
    open_connection = cast(
        Callable[..., Awaitable[Any]],
        asyncpg.connect,  # pyright: ignore[reportUnknownMemberType]
    )

    async def connect() -> Any:
        return await open_connection(
            url.dsn,
            timeout=url.connect_timeout_seconds or limits.connect_timeout_seconds,
            # The server cancels first; this is for a server that no longer answers.
            command_timeout=limits.statement_timeout_seconds + _NETWORK_GRACE_SECONDS,
            server_settings=settings,
            **({} if url.has_session else {"statement_cache_size": 0}),
        )

    return connect


def _database(
    engine: AsyncEngine, *, readers: AsyncEngine, writers: AsyncEngine, schema: str | None = None
) -> Database:
    return Database(
        engine=engine,
        schema=schema,
        readers=async_sessionmaker(readers, expire_on_commit=False),
        writers=async_sessionmaker(writers, expire_on_commit=False),
    )


@asynccontextmanager
async def _translated_errors(sessions: async_sessionmaker[AsyncSession]) -> AsyncGenerator[AsyncSession]:
    with _translating():
        async with sessions() as session:
            yield session


@contextmanager
def _translating() -> Generator[None]:
    try:
        yield
    except store_errors.FROM_STORE as error:
        translated = store_errors.translated(error)
        if translated is None:
            raise
        raise translated from error


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
