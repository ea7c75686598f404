"""Opens the stores of the embedded Logger and puts web and worker together on them."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from elasticdash.shared import migrate, queue
from elasticdash.shared.blobs import FolderBlobStore
from elasticdash.shared.clickhouse import merging
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import QueryLimits
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.domain.score_rules import ScoreConfigRule
from elasticdash.shared.model_prices.catalogues import Catalogues
from elasticdash.shared.otel.decode import DecodeLimits
from elasticdash.shared.postgres import engine, provisioning, schema, score_configs
from elasticdash.shared.postgres.audit import Actor, Change
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.provisioning import Provisioning
from elasticdash.shared.schemas import jobs
from elasticdash.shared.schemas.ingestion import BatchLimits
from elasticdash.shared.security import SecretHasher
from elasticdash.standalone import credentials
from elasticdash.standalone.credentials import Credentials
from elasticdash.standalone.data_folder import DataFolder
from elasticdash.standalone.settings import (
    ClickHouseSettings,
    IngestionSettings,
    InitSettings,
    Settings,
    WorkerSettings,
)
from elasticdash.web.auth.authenticator import Authenticator
from elasticdash.web.ingest.acceptor import AcceptLimits, Acceptor, FindScoreConfigs
from elasticdash.web.ingest.group_commit import GroupCommit
from elasticdash.web.services import Services
from elasticdash.worker.app import Worker, WorkerStores
from elasticdash.worker.ingestion.pipeline import PipelineLimits
from elasticdash.worker.upkeep import UpkeepIntervals

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Embedded:
    """An open Logger: what web needs, who may use it, and how much an earlier stop had left."""

    services: Services
    credentials: Credentials
    resumed_batches: int


@asynccontextmanager
async def opened(folder: DataFolder, settings: Settings, say: Progress) -> AsyncGenerator[Embedded]:
    """The Logger on a data folder, until the block ends; what was accepted by then is stored before it returns."""
    kept = credentials.ensure(folder, settings.init)
    hasher = SecretHasher(kept.pepper)
    database = await _open_metadata(folder, settings, hasher, kept, say)
    clickhouse = await _open_clickhouse(folder, settings.clickhouse, say)
    say("Reading model prices")
    catalogues = await asyncio.to_thread(Catalogues, datetime.now(UTC))
    blobs = FolderBlobStore(folder.blobs)
    broker = queue.in_memory_broker()
    worker = Worker(
        WorkerStores(blobs, clickhouse, database, broker, catalogues),
        _pipeline_limits(settings.worker),
        _upkeep_intervals(settings.worker),
    )
    commit = GroupCommit(
        blobs, lambda key: queue.enqueue(broker, jobs.ProcessRawBatch(key)), settings.ingestion.max_waiting_bytes
    )
    try:
        resumed = await worker.start()
        acceptor = Acceptor(
            commit,
            _score_config_rules(database),
            _accept_limits(settings.ingestion),
            now_us=lambda: time.time_ns() // 1000,
        )
        authenticator = Authenticator(database, hasher)
        services = Services(database=database, clickhouse=clickhouse, authenticator=authenticator, acceptor=acceptor)
        yield Embedded(services, kept, resumed)
    finally:
        await commit.close()
        await worker.drain(settings.worker.drain_timeout_seconds)
        await worker.close()
        blobs.close()
        clickhouse.close()
        await database.close()


async def _open_metadata(
    folder: DataFolder, settings: Settings, hasher: SecretHasher, kept: Credentials, say: Progress
) -> Database:
    say("Opening the metadata store")
    url = f"sqlite+aiosqlite:///{folder.metadata}"
    await schema.upgrade(url, settings.clickhouse.migrations_dir / "postgres")
    database = engine.create_database(url)
    async with database.writing() as session:
        await provisioning.provision(
            session, hasher, _provisioning(settings.init, kept), Change(Actor("system", "start"), datetime.now(UTC))
        )
    return database


async def _open_clickhouse(folder: DataFolder, settings: ClickHouseSettings, say: Progress) -> ClickHouse:
    say("Opening ClickHouse")
    limits = QueryLimits(settings.max_query_seconds, settings.max_query_memory_bytes)
    clickhouse = ClickHouse(f"chdb:///{folder.clickhouse}", settings.pool_size, limits)
    applied = await migrate.migrate_clickhouse(clickhouse, settings.migrations_dir / "clickhouse")
    if applied:
        say(f"Created {len(applied)} tables")
    # The driver's first insert imports for a second: before the first request, not during it.
    await merging.insert_processed_batches(clickhouse, ["warm-up"], int(time.time() * 1000))
    return clickhouse


def _score_config_rules(database: Database) -> FindScoreConfigs:
    async def find(scope: ProjectScope, config_ids: Collection[str]) -> Mapping[str, ScoreConfigRule]:
        async with database.reading() as session:
            return await score_configs.find_rules(session, scope, config_ids)

    return find


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


def _pipeline_limits(settings: WorkerSettings) -> PipelineLimits:
    return PipelineLimits(
        max_rows_per_insert=settings.max_rows_per_insert, max_wait_seconds=settings.max_wait_ms / 1000
    )


def _upkeep_intervals(settings: WorkerSettings) -> UpkeepIntervals:
    return UpkeepIntervals(
        sweep=timedelta(seconds=settings.sweep_interval_seconds),
        retention=timedelta(minutes=settings.retention_interval_minutes),
        raw_retention=timedelta(hours=settings.raw_retention_hours),
    )


def _accept_limits(settings: IngestionSettings) -> AcceptLimits:
    return AcceptLimits(
        max_body_bytes=settings.max_body_bytes,
        max_unpacked_bytes=settings.max_unpacked_bytes,
        batch=BatchLimits(max_events=settings.max_events, max_depth=settings.max_depth),
        decode=DecodeLimits(max_depth=settings.max_depth),
    )
