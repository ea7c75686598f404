"""A migrated metadata store in a temporary folder, with two projects in it."""

import functools
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from elasticdash.shared.postgres import engine, provisioning, schema
from elasticdash.shared.postgres.audit import Actor, Change
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.provisioning import Provisioned, Provisioning
from elasticdash.shared.security import SecretHasher

MIGRATIONS = Path(__file__).parents[2] / "migrations" / "postgres"
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
HASHER = SecretHasher("pepper of the tests")
ALPHA = Provisioning(
    org_id="org", org_name="Org", project_id="alpha", project_name="Alpha", public_key="pk-lf-a", secret_key="sk-lf-a"
)
BETA = Provisioning(
    org_id="org", org_name="Org", project_id="beta", project_name="Beta", public_key="pk-ed-b", secret_key="sk-ed-b"
)


def change(at: datetime = NOW) -> Change:
    """A change by the test."""
    return Change(Actor("system", "test"), at)


@functools.cache
def _template_folder() -> tempfile.TemporaryDirectory[str]:
    """Where the migrated store lies that every test gets a copy of: migrating takes longer than most tests."""
    return tempfile.TemporaryDirectory(prefix="metadata-template-")


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[Database]:
    """The store with every table and no row."""
    template = Path(_template_folder().name) / "metadata.db"
    if not template.exists():
        await schema.upgrade(f"sqlite+aiosqlite:///{template}", MIGRATIONS)
    shutil.copy(template, folder / "metadata.db")
    database = engine.create_database(f"sqlite+aiosqlite:///{folder / 'metadata.db'}")
    try:
        yield database
    finally:
        await database.close()


async def provision(database: Database, wanted: Provisioning, hasher: SecretHasher = HASHER) -> Provisioned:
    """Provision and commit."""
    async with database.writing() as session:
        return await provisioning.provision(session, hasher, wanted, change())
