"""Every setting of the Logger, read once from the environment."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from elasticdash.shared.settings import reading
from elasticdash.shared.settings.blob_store import BlobStoreSettings
from elasticdash.shared.settings.clickhouse import ClickHouseSettings
from elasticdash.shared.settings.database import DatabaseSettings
from elasticdash.shared.settings.group import SettingsGroup
from elasticdash.shared.settings.http import HttpSettings
from elasticdash.shared.settings.ingestion import IngestionSettings
from elasticdash.shared.settings.init import InitSettings
from elasticdash.shared.settings.media import MediaSettings
from elasticdash.shared.settings.process import ProcessSettings
from elasticdash.shared.settings.rate_limits import RateLimitSettings
from elasticdash.shared.settings.redis import RedisSettings
from elasticdash.shared.settings.security import SecuritySettings
from elasticdash.shared.settings.settled_webhook import SettledWebhookSettings
from elasticdash.shared.settings.sign_in import SignInSettings
from elasticdash.shared.settings.tracing import TracingSettings
from elasticdash.shared.settings.worker import WorkerSettings


@dataclass(frozen=True, slots=True)
class Settings:
    """All groups; creating it reads the environment."""

    process: ProcessSettings = field(default_factory=ProcessSettings)
    http: HttpSettings = field(default_factory=HttpSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    clickhouse: ClickHouseSettings = field(default_factory=ClickHouseSettings)
    redis: RedisSettings = field(default_factory=RedisSettings)
    blob_store: BlobStoreSettings = field(default_factory=BlobStoreSettings)
    media: MediaSettings = field(default_factory=MediaSettings)
    security: SecuritySettings = field(default_factory=SecuritySettings)
    sign_in: SignInSettings = field(default_factory=SignInSettings)
    init: InitSettings = field(default_factory=InitSettings)
    ingestion: IngestionSettings = field(default_factory=IngestionSettings)
    rate_limits: RateLimitSettings = field(default_factory=RateLimitSettings)
    worker: WorkerSettings = field(default_factory=WorkerSettings)
    settled_webhook: SettledWebhookSettings = field(default_factory=SettledWebhookSettings)
    tracing: TracingSettings = field(default_factory=TracingSettings)


def groups() -> Sequence[type[SettingsGroup]]:
    """The classes of all groups, in the order they are documented in."""
    types = [group.type for group in fields(Settings)]
    return [type_ for type_ in types if isinstance(type_, type) and issubclass(type_, SettingsGroup)]


def for_one_process() -> Settings:
    """What `elasticdash up` runs on. ConfigurationError names every variable that can't be understood."""
    reading.check(*groups())
    return Settings()


def for_shared_stores() -> Settings:
    """What `elasticdash web` and `worker` run on. ConfigurationError names all that is missing or wrong."""
    reading.check_complete(*groups())
    return Settings()
