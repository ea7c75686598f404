"""Migrations lead to the tables the code declares, from any state, quickly."""

import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.engine import Connection

from elasticdash.shared import errors
from elasticdash.shared.postgres import schema
from elasticdash.shared.postgres.engine import Database, create_database
from support import metadata


def _differences(connection: Connection) -> list[object]:
    return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), schema.METADATA)


async def test_upgrade_refuses_a_store_of_a_newer_version(tmp_path: Path, database: Database):
    async with database.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(errors.ConfigurationError, match="9999"):
        await schema.upgrade(database, metadata.MIGRATIONS)


async def test_upgrade_refuses_a_folder_without_migrations(tmp_path: Path, database: Database):
    with pytest.raises(errors.ConfigurationError, match="No migrations"):
        await schema.upgrade(database, tmp_path)


async def test_upgrade_gives_the_declared_tables(database: Database):
    async with database.engine.connect() as connection:
        differences = await connection.run_sync(_differences)

    assert differences == []


async def test_upgrade_of_a_current_store_changes_nothing_and_is_quick(tmp_path: Path, database: Database):
    await metadata.provision(database, metadata.ALPHA)

    started = time.process_time()
    revision = await schema.upgrade(database, metadata.MIGRATIONS)
    seconds = time.process_time() - started

    assert revision == metadata.REVISION
    assert seconds < 1
    async with database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM projects")) == 1


async def test_a_store_that_cannot_be_opened_is_unavailable(tmp_path: Path):
    database = create_database(f"sqlite+aiosqlite:///{tmp_path / 'missing' / 'metadata.db'}")

    with pytest.raises(errors.UnavailableError):
        await database.check()
