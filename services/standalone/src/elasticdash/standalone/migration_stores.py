"""Opens just the stores a migration changes: no queue and no bucket has to be there."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from elasticdash.shared import database_url, errors
from elasticdash.shared.clickhouse.backend_access import BackendUser
from elasticdash.shared.clickhouse.client import ClickHouse, dsn_of
from elasticdash.shared.clickhouse.query import QueryLimits
from elasticdash.shared.migrate import postgres as postgres_migrations
from elasticdash.shared.migrate.clickhouse import Placement
from elasticdash.shared.postgres import engine
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.settings import reading
from elasticdash.shared.settings.clickhouse import ClickHouseSettings
from elasticdash.shared.settings.database import DatabaseSettings

# A statement may rewrite a table; the server has its own limits.
_LIMITS = QueryLimits(max_execution_seconds=6 * 3600, max_memory_bytes=0)


@dataclass(frozen=True, slots=True)
class MigrationStores:
    """`clickhouse` is None when it wasn't asked for. `folder` holds `postgres/` and `clickhouse/`.

    `backend` is the ElasticDash Backend's user to make in ClickHouse, None when the settings name none.
    """

    database: Database
    clickhouse: ClickHouse | None
    placement: Placement
    folder: Path
    backend: BackendUser | None = None


@asynccontextmanager
async def opened(*, with_clickhouse: bool) -> AsyncGenerator[MigrationStores]:
    """The stores that the settings name, until the block ends. ConfigurationError names what is missing or wrong."""
    reading.check(ClickHouseSettings)
    reading.check_complete(DatabaseSettings, *([ClickHouseSettings] if with_clickhouse else []))
    settings = ClickHouseSettings()
    database = engine.create_database(_direct_url(DatabaseSettings()), postgres_migrations.LIMITS)
    try:
        if with_clickhouse:
            dsn = _dsn(settings)
            placement = placement_of(dsn, settings)
            backend = _backend(settings, placement)
            clickhouse = await asyncio.to_thread(ClickHouse, dsn, 1, _LIMITS)
            try:
                yield MigrationStores(database, clickhouse, placement, settings.migrations_dir, backend)
            finally:
                clickhouse.close()
        else:
            yield MigrationStores(database, None, Placement(), settings.migrations_dir)
    finally:
        await database.close()


def placement_of(dsn: str, settings: ClickHouseSettings) -> Placement:
    """Where the tables of a server are."""
    database = unquote(urlsplit(dsn).path.strip("/"))
    return Placement(database, settings.cluster_name if settings.is_cluster else None)


def _backend(settings: ClickHouseSettings, placement: Placement) -> BackendUser | None:
    if settings.backend_user is None:
        return None
    if settings.backend_user == settings.user:
        raise errors.ConfigurationError("ELASTICDASH_BACKEND_CLICKHOUSE_USER must be another than CLICKHOUSE_USER")
    return BackendUser(settings.backend_user, settings.backend_password.get_secret_value(), placement.database)


def _dsn(settings: ClickHouseSettings) -> str:
    return dsn_of(settings.migration_address(), settings.user, settings.password.get_secret_value(), settings.database)


def _direct_url(settings: DatabaseSettings) -> str:
    url = settings.direct_address()
    if not database_url.parse(url).has_session:
        raise errors.ConfigurationError(
            "Migrations need a session of their own: set DIRECT_URL to the Postgres server behind the pooler"
        )
    return url
