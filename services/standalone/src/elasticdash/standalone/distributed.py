"""Opens the stores that many processes share: Postgres, a ClickHouse server, Redis, S3."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import SecretStr

from elasticdash.shared.backlog import Backlog
from elasticdash.shared.blobs import configuration as blob_configuration
from elasticdash.shared.blobs.media_bucket import MediaBucket
from elasticdash.shared.blobs.s3 import S3BlobStore
from elasticdash.shared.clickhouse import client
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import QueryLimits
from elasticdash.shared.lifecycle import Lifecycle
from elasticdash.shared.migrate import clickhouse as clickhouse_migrations
from elasticdash.shared.migrate import postgres as postgres_migrations
from elasticdash.shared.migrate.clickhouse import Placement
from elasticdash.shared.migrate.status import require_current
from elasticdash.shared.postgres import engine, provisioning
from elasticdash.shared.postgres.audit import Actor, Change
from elasticdash.shared.postgres.engine import Database, DatabaseLimits
from elasticdash.shared.postgres.provisioning import Provisioning
from elasticdash.shared.queue import brokers, stats
from elasticdash.shared.queue.stream_broker import StreamBroker
from elasticdash.shared.security import Keys, SecretHasher
from elasticdash.shared.settings.clickhouse import ClickHouseSettings
from elasticdash.shared.settings.database import DatabaseSettings
from elasticdash.shared.settings.init import InitSettings
from elasticdash.shared.settings.model import Settings
from elasticdash.shared.settings.security import SecuritySettings
from elasticdash.standalone import migration_stores
from elasticdash.standalone.stores import Stores


@dataclass(frozen=True, slots=True)
class SharedStores:
    """The stores, and how it stands with the queue between web and worker."""

    stores: Stores
    broker: StreamBroker

    async def backlog(self) -> Backlog:
        """The unfinished work of all workers; UnavailableError while Redis doesn't answer."""
        found = await stats.read_stats(self.broker.redis, self.broker.keys)
        return Backlog(found.lag, found.pending, found.oldest_age_seconds)

    def problem(self, lifecycle: Lifecycle) -> str | None:
        """Why a worker takes no work now, None while it does."""
        return "The worker is stopping" if lifecycle.is_draining else self.broker.problem


@asynccontextmanager
async def opened_stores(settings: Settings) -> AsyncGenerator[SharedStores]:
    """The stores that complete settings name, until the block ends.

    ConfigurationError when a schema is not the one of this version.
    """
    async with AsyncExitStack() as stack:
        database = open_database(settings.database)
        stack.push_async_callback(database.close)
        clickhouse = await asyncio.to_thread(open_clickhouse, settings.clickhouse)
        stack.callback(clickhouse.close)
        blobs = S3BlobStore(blob_configuration.s3_config(settings.blob_store))
        stack.callback(blobs.close)
        media_config = blob_configuration.media_config(settings.media, settings.blob_store)
        media = MediaBucket(media_config, settings.media.external_endpoint)
        stack.callback(media.close)
        broker = brokers.stream_broker(settings.redis, settings.worker)
        stack.push_async_callback(broker.shutdown)
        stores = Stores(database, clickhouse, blobs, media, broker, keys(settings.security))
        await _require_current_schemas(stores, settings.clickhouse)
        yield SharedStores(stores, broker)


async def provision(stores: Stores, init: InitSettings) -> None:
    """Create what the first start is to create; nothing without an organization id, as Langfuse does."""
    if init.org_id is None:
        return
    wanted = Provisioning(
        public_key=init.project_public_key,
        secret_key=_secret(init.project_secret_key) or None,
        org_id=init.org_id,
        org_name=init.org_name,
        project_id=init.project_id,
        project_name=init.project_name,
        retention_days=init.project_retention_days,
        user_email=init.user_email,
        user_name=init.user_name,
        user_password=_secret(init.user_password) or None,
    )
    async with stores.database.writing() as session:
        change = Change(Actor("system", "start"), datetime.now(UTC))
        await provisioning.provision(session, stores.keys.hasher, wanted, change)


async def _require_current_schemas(stores: Stores, settings: ClickHouseSettings) -> None:
    placement = clickhouse_placement(settings)
    require_current(
        await postgres_migrations.status(stores.database, settings.migrations_dir / "postgres"),
        await clickhouse_migrations.status(stores.clickhouse, settings.migrations_dir / "clickhouse", placement),
    )


def open_database(settings: DatabaseSettings) -> Database:
    """The metadata store, connected to when first used; the caller closes it."""
    limits = DatabaseLimits(
        max_connections=settings.max_connections,
        max_wait_seconds=settings.max_wait_ms / 1000,
        connect_timeout_seconds=settings.connect_timeout_seconds,
        statement_timeout_seconds=settings.statement_timeout_seconds,
        lock_timeout_seconds=settings.lock_timeout_seconds,
    )
    return engine.create_database(settings.address(), limits)


def clickhouse_placement(settings: ClickHouseSettings) -> Placement:
    """Where the tables are that web and worker use."""
    return migration_stores.placement_of(_dsn(settings), settings)


def _dsn(settings: ClickHouseSettings) -> str:
    return client.dsn_of(settings.url or "", settings.user, settings.password.get_secret_value(), settings.database)


def open_clickhouse(settings: ClickHouseSettings) -> ClickHouse:
    """The ClickHouse server, connected to when first used; the caller closes it."""
    limits = QueryLimits(settings.max_query_seconds, settings.max_query_memory_bytes)
    return ClickHouse(_dsn(settings), settings.pool_size, limits)


def keys(settings: SecuritySettings) -> Keys:
    """The keys that settings with a salt name."""
    salt, previous = _secret(settings.salt), _secret(settings.previous_salt) or None
    hasher = SecretHasher(salt, previous, [value for value in (salt, previous) if value is not None])
    return Keys(hasher, settings.session_keys(salt, previous), settings.encryption_keys())


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
