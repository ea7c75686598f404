"""Looks whether the metadata store is there, new enough, permitted and migrated."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from elasticdash.shared import errors
from elasticdash.shared.migrate import postgres as migrations
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.settings.database import DatabaseSettings
from elasticdash.standalone import distributed
from elasticdash.standalone.doctor import findings
from elasticdash.standalone.doctor.examination import Check
from elasticdash.standalone.doctor.findings import Judgement

_CONNECTION_REMEDY = "Check DATABASE_URL: host, port, user, password, database, sslmode; is the server up?"
_STATE_REMEDY = "Let the user of DATABASE_URL read the schema, or name another schema in the URL"
# A schema that is named in the URL and not there yet is made by the migration.
_RIGHTS = """
SELECT pg_is_in_recovery() AS is_replica, coalesce(
    has_schema_privilege(current_schema(), 'CREATE'), has_database_privilege(current_database(), 'CREATE')
) AS may_create
"""
_VERSION = "SELECT current_setting('server_version') AS version"
_NOW = "SELECT extract(epoch FROM clock_timestamp())::float8 AS now"


@asynccontextmanager
async def opened(settings: DatabaseSettings, folder: Path) -> AsyncGenerator[Sequence[Check]]:
    """The checks of Postgres, until the block ends. `folder` holds its migrations."""
    database = distributed.open_database(settings)

    async def state() -> Judgement:
        return findings.schema(await migrations.status(database, folder))

    try:
        yield [
            Check("connection", lambda: _connection(database), _CONNECTION_REMEDY, is_base=True),
            Check("version", lambda: _version(database), _STATE_REMEDY),
            Check("privileges", lambda: _privileges(database), _STATE_REMEDY),
            Check("schema", state, _STATE_REMEDY),
            Check("clock", lambda: _clock(database), _STATE_REMEDY),
        ]
    finally:
        await database.close()


async def _connection(database: Database) -> Judgement:
    try:
        await database.check()
    except errors.UnavailableError as error:
        # The driver names users, hosts and databases, never passwords.
        cause = getattr(error.__cause__, "orig", None) or error.__cause__
        # A connection that took too long says nothing.
        raise errors.UnavailableError(f"{error}: {str(cause) or type(cause).__name__}") from error
    return findings.ok("answers")


async def _version(database: Database) -> Judgement:
    facts = await _one(database, _VERSION)
    return findings.version("Postgres", str(facts.version).split(" ", 1)[0], (migrations.MIN_SERVER_VERSION,))


async def _privileges(database: Database) -> Judgement:
    facts = await _one(database, _RIGHTS)
    if facts.is_replica:
        return Judgement("fail", "a replica, which takes no writes", "Point DATABASE_URL at the primary")
    if not facts.may_create:
        remedy = "GRANT USAGE, CREATE ON SCHEMA to the user of DATABASE_URL, or let another migrate with DIRECT_URL"
        return Judgement("warn", "may not create tables, as `elasticdash migrate` must", remedy)
    return findings.ok("may write and create tables")


async def _clock(database: Database) -> Judgement:
    asked_at = time.time()
    facts = await _one(database, _NOW)
    return findings.clock(facts.now, asked_at, time.time())


async def _one(database: Database, query: str) -> Any:
    async with database.reading() as session:
        return (await session.execute(text(query))).one()
