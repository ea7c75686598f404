"""Opens the stores of the embedded Logger and puts web and worker together on them."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from elasticdash.shared.backlog import BacklogWatch
from elasticdash.shared.blobs.folder import FolderBlobStore
from elasticdash.shared.blobs.media_folder import MediaFolder
from elasticdash.shared.clickhouse import merging
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import QueryLimits
from elasticdash.shared.keyrings import EncryptionKeys
from elasticdash.shared.migrate import clickhouse as clickhouse_migrations
from elasticdash.shared.postgres import engine, provisioning, schema
from elasticdash.shared.postgres.audit import Actor, Change
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.provisioning import Provisioning
from elasticdash.shared.queue import brokers
from elasticdash.shared.security import Keys, SecretHasher
from elasticdash.shared.settings.clickhouse import ClickHouseSettings
from elasticdash.shared.settings.init import InitSettings
from elasticdash.shared.settings.model import Settings
from elasticdash.shared.settings.security import SecuritySettings
from elasticdash.standalone import credentials, web_service, worker_service
from elasticdash.standalone.credentials import Credentials
from elasticdash.standalone.data_folder import DataFolder
from elasticdash.standalone.stores import Stores
from elasticdash.web.services import Services

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Embedded:
    """An open Logger: what web needs, who may use it, and how much an earlier stop had left."""

    services: Services
    credentials: Credentials
    resumed_batches: int
    backlog: BacklogWatch


@asynccontextmanager
async def opened(folder: DataFolder, settings: Settings, say: Progress) -> AsyncGenerator[Embedded]:
    """The Logger on a data folder, until the block ends; what was accepted by then is stored before it returns."""
    kept = credentials.ensure(folder, settings.init)
    async with _opened_stores(folder, settings, kept, say) as stores:
        say("Reading model prices")
        async with worker_service.opened(stores, settings) as worker:
            resumed = await worker.start()
            backlog = BacklogWatch(worker.backlog)
            gate = web_service.gate(settings, backlog, folder.free_disk_percent)
            async with (
                backlog.watching(),
                web_service.opened(stores, settings, gate) as services,
            ):
                yield Embedded(services, kept, resumed, backlog)


@asynccontextmanager
async def _opened_stores(
    folder: DataFolder, settings: Settings, kept: Credentials, say: Progress
) -> AsyncGenerator[Stores]:
    keys = _keys(kept, settings.security)
    database = await _open_metadata(folder, settings, keys.hasher, kept, say)
    clickhouse = await _open_clickhouse(folder, settings.clickhouse, say)
    blobs, media = FolderBlobStore(folder.blobs), MediaFolder(folder.media)
    try:
        yield Stores(database, clickhouse, blobs, media, brokers.in_memory_broker(), keys)
    finally:
        blobs.close()
        media.close()
        clickhouse.close()
        await database.close()


async def _open_metadata(
    folder: DataFolder, settings: Settings, hasher: SecretHasher, kept: Credentials, say: Progress
) -> Database:
    say("Opening the metadata store")
    database = engine.create_database(f"sqlite+aiosqlite:///{folder.metadata}")
    await schema.upgrade(database, settings.clickhouse.migrations_dir / "postgres")
    async with database.writing() as session:
        await provisioning.provision(
            session, hasher, _provisioning(settings.init, kept), Change(Actor("system", "start"), datetime.now(UTC))
        )
    return database


async def _open_clickhouse(folder: DataFolder, settings: ClickHouseSettings, say: Progress) -> ClickHouse:
    say("Opening ClickHouse")
    limits = QueryLimits(settings.max_query_seconds, settings.max_query_memory_bytes)
    clickhouse = ClickHouse(f"chdb:///{folder.clickhouse}", settings.pool_size, limits)
    applied = await clickhouse_migrations.migrate(clickhouse, settings.migrations_dir / "clickhouse")
    if applied:
        say(f"Created {len(applied)} tables")
    # The driver's first insert imports for a second: before the first request, not during it.
    await merging.insert_processed_batches(clickhouse, ["warm-up"], int(time.time() * 1000))
    return clickhouse


def _keys(kept: Credentials, settings: SecuritySettings) -> Keys:
    # The folder's own secret stands in for those that are not set; each use derives a key of its own from it.
    encryption = settings.encryption_keys()
    return Keys(
        SecretHasher(kept.pepper),
        settings.session_keys(kept.pepper),
        encryption if encryption.secrets else EncryptionKeys([kept.pepper]),
    )


def _provisioning(init: InitSettings, kept: Credentials) -> Provisioning:
    return Provisioning(
        public_key=kept.public_key,
        secret_key=kept.secret_key,
        org_id=init.org_id,
        org_name=init.org_name,
        project_id=init.project_id,
        project_name=init.project_name,
        retention_days=init.project_retention_days,
        user_email=kept.user_email,
        user_name=init.user_name,
        user_password=kept.user_password,
    )
