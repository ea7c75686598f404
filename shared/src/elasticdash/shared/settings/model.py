"""Every setting of the Logger, read once from the environment."""

from dataclasses import dataclass, field

from elasticdash.shared.settings.blob_store import BlobStoreSettings
from elasticdash.shared.settings.clickhouse import ClickHouseSettings
from elasticdash.shared.settings.database import DatabaseSettings
from elasticdash.shared.settings.ingestion import IngestionSettings
from elasticdash.shared.settings.init import InitSettings
from elasticdash.shared.settings.process import ProcessSettings
from elasticdash.shared.settings.redis import RedisSettings
from elasticdash.shared.settings.security import SecuritySettings
from elasticdash.shared.settings.worker import WorkerSettings


@dataclass(frozen=True, slots=True)
class Settings:
    """All groups; creating it reads the environment."""

    process: ProcessSettings = field(default_factory=ProcessSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    clickhouse: ClickHouseSettings = field(default_factory=ClickHouseSettings)
    redis: RedisSettings = field(default_factory=RedisSettings)
    blob_store: BlobStoreSettings = field(default_factory=BlobStoreSettings)
    security: SecuritySettings = field(default_factory=SecuritySettings)
    init: InitSettings = field(default_factory=InitSettings)
    ingestion: IngestionSettings = field(default_factory=IngestionSettings)
    worker: WorkerSettings = field(default_factory=WorkerSettings)
