"""A migrated metadata store, SQLite in a temporary folder or Postgres, with two projects to put in it."""

import functools
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest

from elasticdash.shared.keyrings import EncryptionKeys, SessionKeys
from elasticdash.shared.postgres import engine, provisioning, schema
from elasticdash.shared.postgres.audit import Actor, Change
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.provisioning import Provisioned, Provisioning
from elasticdash.shared.security import Keys, SecretHasher
from support.servers.postgres import Databases

MIGRATIONS = Path(__file__).parents[2] / "migrations" / "postgres"
# The newest migration.
REVISION = max(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
HASHER = SecretHasher("pepper of the tests")
KEYS = Keys(HASHER, SessionKeys(["session secret of the tests"]), EncryptionKeys(["encryption key of the tests"]))
ALPHA = Provisioning(
    org_id="org", org_name="Org", project_id="alpha", project_name="Alpha", public_key="pk-lf-a", secret_key="sk-lf-a"
)
BETA = Provisioning(
    org_id="org", org_name="Org", project_id="beta", project_name="Beta", public_key="pk-ed-b", secret_key="sk-ed-b"
)

_empty_urls: list[str] = []


def change(at: datetime = NOW) -> Change:
    """A change by the test."""
    return Change(Actor("system", "test"), at)


@functools.cache
def _template_folder() -> tempfile.TemporaryDirectory[str]:
    """Where the migrated store lies that every test gets a copy of: migrating takes longer than most tests."""
    return tempfile.TemporaryDirectory(prefix="metadata-template-")


@asynccontextmanager
async def opened(folder: Path, postgres: Databases | None = None) -> AsyncGenerator[Database]:
    """The store with every table and no row, on Postgres if one is given."""
    if postgres is not None:
        async with _on_postgres(postgres) as database:
            yield database
        return
    template = Path(_template_folder().name) / "metadata.db"
    if not template.exists():
        await _migrate(f"sqlite+aiosqlite:///{template}")
    shutil.copy(template, folder / "metadata.db")
    async with _open(f"sqlite+aiosqlite:///{folder / 'metadata.db'}") as database:
        yield database


@asynccontextmanager
async def _on_postgres(postgres: Databases) -> AsyncGenerator[Database]:
    # Emptying a database takes a tenth of the time that creating one does.
    url = _empty_urls.pop() if _empty_urls else await _migrated(postgres)
    async with _open(url) as database:
        yield database
    if await _is_empty_again(url):
        _empty_urls.append(url)


async def _migrated(postgres: Databases) -> str:
    url = postgres.create()
    await _migrate(url)
    return url


async def _is_empty_again(url: str) -> bool:
    # The driver ships no types.
    connection = await cast(Any, asyncpg).connect(url)
    try:
        tables = reversed(schema.METADATA.sorted_tables)
        await connection.execute(";".join(f'DELETE FROM "{table.name}"' for table in tables))
        return await connection.fetchval("SELECT version_num FROM alembic_version") == REVISION
    except asyncpg.PostgresError:
        # The test changed the tables themselves.
        return False
    finally:
        await connection.close()


async def _migrate(url: str) -> None:
    async with _open(url) as database:
        await schema.upgrade(database, MIGRATIONS)


@asynccontextmanager
async def _open(url: str) -> AsyncGenerator[Database]:
    database = engine.create_database(url)
    try:
        yield database
    finally:
        await database.close()


async def provision(database: Database, wanted: Provisioning, hasher: SecretHasher = HASHER) -> Provisioned:
    """Provision and commit."""
    async with database.writing() as session:
        return await provisioning.provision(session, hasher, wanted, change())


@pytest.fixture(params=["sqlite", "postgres"])
def postgres_or_none(request: pytest.FixtureRequest) -> Databases | None:
    """Runs a test on both engines: hand it to `opened`."""
    return request.getfixturevalue("postgres") if request.param == "postgres" else None
