"""Brings the Postgres schema up to date, and keeps other migrations away meanwhile."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import exc, text
from sqlalchemy.ext.asyncio import AsyncConnection

from elasticdash.shared import errors
from elasticdash.shared.migrate import failures
from elasticdash.shared.migrate.failures import FailureClass, MigrationError
from elasticdash.shared.migrate.status import StoreStatus
from elasticdash.shared.postgres import locks, schema, store_errors
from elasticdash.shared.postgres.engine import Database, DatabaseLimits

MIN_SERVER_VERSION = 15
# Changing a large table takes its time; waiting for a lock on it would stop everyone behind us.
LIMITS = DatabaseLimits(
    max_connections=2, connect_timeout_seconds=10, statement_timeout_seconds=6 * 3600, lock_timeout_seconds=15
)
_LOCK_NUMBER = locks.lock_number("migrations")
_LOCK_PAUSE_SECONDS = 0.5


async def status(database: Database, folder: Path) -> StoreStatus:
    """What is applied and what is missing. Changes nothing."""
    state = await schema.state(database, folder)
    return StoreStatus(store="postgres", applied=state.applied, pending=state.pending, unknown=state.unknown)


async def migrate(database: Database, folder: Path) -> list[str]:
    """Apply what is missing, all of it or nothing; returns the revisions applied.

    MigrationError names the statement that failed.
    """
    state = await status(database, folder)
    if state.unknown:
        raise failures.newer_schema(state.explained())
    if state.is_current:
        return []
    try:
        await schema.upgrade(database, folder)
    except (exc.DBAPIError, errors.ElasticDashError) as error:
        refused = error if isinstance(error, exc.DBAPIError) else error.__cause__
        if not isinstance(refused, exc.DBAPIError) or not store_errors.is_of_statement(refused):
            raise
        raise MigrationError(
            FailureClass.FAILED_STATEMENT,
            f"A Postgres migration failed: {refused.orig}",
            statement=refused.statement or "",
            hint="Everything was rolled back. Mend the cause and run the same command again",
        ) from error
    return list(state.pending)


@asynccontextmanager
async def alone(database: Database, wait_seconds: float, say: Callable[[str], None]) -> AsyncGenerator[None]:
    """No other migration of this installation runs until the block ends.

    MigrationError when another one still does after `wait_seconds`, or when the connection that holds the lock broke.
    """
    async with database.session_connection() as connection:
        await _check_version(connection)
        await _take(connection, wait_seconds, say)
        yield
        # Without this connection another migration may have begun.
        held = text("SELECT pg_advisory_unlock(:number)")
        if not await connection.scalar(held, {"number": _LOCK_NUMBER}):
            raise MigrationError(FailureClass.UNREACHABLE, "The lock on migrations was lost", hint="Run it again")


async def _take(connection: AsyncConnection, wait_seconds: float, say: Callable[[str], None]) -> None:
    deadline = time.monotonic() + wait_seconds
    is_first_try = True
    while not await connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": _LOCK_NUMBER}):
        if is_first_try:
            say("Waiting for another migration to finish")
            is_first_try = False
        if time.monotonic() >= deadline:
            raise MigrationError(
                FailureClass.LOCKED,
                f"Another migration still runs after {wait_seconds:g} s",
                hint="Wait for it, or give more time with --wait; its session is in pg_locks with locktype advisory",
            )
        await asyncio.sleep(_LOCK_PAUSE_SECONDS)


async def _check_version(connection: AsyncConnection) -> None:
    version = int(await connection.scalar(text("SELECT current_setting('server_version_num')::int"))) // 10_000
    if version < MIN_SERVER_VERSION:
        raise MigrationError(
            FailureClass.CONFIGURATION,
            f"This is Postgres {version}; {MIN_SERVER_VERSION} or newer is needed",
            hint="Upgrade the server",
        )
