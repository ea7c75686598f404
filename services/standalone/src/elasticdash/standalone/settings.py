"""Every setting of the embedded Logger, read once from the environment."""

from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_MIB = 1024 * 1024


def _either(name: str) -> AliasChoices:
    """A variable under our prefix, or under Langfuse's."""
    return AliasChoices(f"ELASTICDASH_{name}", f"LANGFUSE_{name}")


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class InitSettings(_Settings):
    """What the first start creates. Unset: an organization and project named "default", generated keys, one admin."""

    org_id: str | None = Field(default=None, validation_alias=_either("INIT_ORG_ID"), description="Organization id")
    org_name: str | None = Field(
        default=None, validation_alias=_either("INIT_ORG_NAME"), description="Organization name"
    )
    project_id: str | None = Field(default=None, validation_alias=_either("INIT_PROJECT_ID"), description="Project id")
    project_name: str | None = Field(
        default=None, validation_alias=_either("INIT_PROJECT_NAME"), description="Project name"
    )
    project_retention_days: int | None = Field(
        default=None,
        validation_alias=_either("INIT_PROJECT_RETENTION"),
        ge=3,
        description="Days traces are kept; unset: forever",
    )
    project_public_key: str | None = Field(
        default=None, validation_alias=_either("INIT_PROJECT_PUBLIC_KEY"), description="Public API key"
    )
    project_secret_key: str | None = Field(
        default=None, validation_alias=_either("INIT_PROJECT_SECRET_KEY"), description="Secret API key"
    )
    user_email: str | None = Field(
        default=None, validation_alias=_either("INIT_USER_EMAIL"), description="Admin's e-mail"
    )
    user_name: str | None = Field(default=None, validation_alias=_either("INIT_USER_NAME"), description="Admin's name")
    user_password: str | None = Field(
        default=None, validation_alias=_either("INIT_USER_PASSWORD"), description="Admin's password; unset: generated"
    )


class IngestionSettings(_Settings):
    """Bounds of what is accepted."""

    max_body_bytes: int = Field(
        default=16 * _MIB,
        validation_alias=_either("INGESTION_MAX_BODY_BYTES"),
        description="Largest request body as sent",
    )
    max_unpacked_bytes: int = Field(
        default=64 * _MIB,
        validation_alias=_either("INGESTION_MAX_UNPACKED_BYTES"),
        description="Largest body once decompressed",
    )
    max_waiting_bytes: int = Field(
        default=256 * _MIB,
        validation_alias=_either("INGESTION_MAX_WAITING_BYTES"),
        description="Bodies being made durable at once; more is answered 503 with Retry-After",
    )
    max_events: int = Field(
        default=100_000, validation_alias=_either("INGESTION_MAX_EVENTS"), description="Events in one batch"
    )
    max_depth: int = Field(
        default=200, validation_alias=_either("INGESTION_MAX_DEPTH"), description="Nesting depth of an event's JSON"
    )


class WorkerSettings(_Settings):
    """How raw batches are processed and kept."""

    max_rows_per_insert: int = Field(
        default=10_000,
        validation_alias=_either("INGESTION_CLICKHOUSE_WRITE_BATCH_SIZE"),
        description="Rows in one insert",
    )
    max_wait_ms: int = Field(
        default=1000,
        validation_alias=_either("INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS"),
        description="Longest wait for an insert to fill while more is being decoded, in milliseconds",
    )
    sweep_interval_seconds: int = Field(
        default=60,
        validation_alias=_either("SWEEP_INTERVAL_SECONDS"),
        description="Pause between looks for unprocessed batches",
    )
    retention_interval_minutes: int = Field(
        default=60,
        validation_alias=_either("RETENTION_INTERVAL_MINUTES"),
        description="Pause between deletions of what projects no longer keep",
    )
    raw_retention_hours: int = Field(
        default=24,
        validation_alias=_either("RAW_RETENTION_HOURS"),
        description="How long processed raw batches are kept",
    )
    drain_timeout_seconds: int = Field(
        default=30,
        validation_alias=_either("DRAIN_TIMEOUT_SECONDS"),
        description="Longest wait for unfinished work at stop",
    )


class ClickHouseSettings(_Settings):
    """How ClickHouse is reached and bounded."""

    pool_size: int = Field(
        default=6,
        validation_alias=_either("CLICKHOUSE_POOL_SIZE"),
        ge=2,
        description="Statements running at the same time",
    )
    max_query_seconds: int = Field(
        default=30, validation_alias=_either("CLICKHOUSE_MAX_QUERY_SECONDS"), description="Longest run of one read"
    )
    max_query_memory_bytes: int = Field(
        default=4096 * _MIB,
        validation_alias=_either("CLICKHOUSE_MAX_QUERY_MEMORY_BYTES"),
        description="Memory of one read",
    )
    migrations_dir: Path = Field(
        default=Path(__file__).parents[5] / "migrations",
        validation_alias=_either("MIGRATIONS_DIR"),
        description="Folder with the migrations of both databases",
    )


class Settings(_Settings):
    """What concerns the process as a whole."""

    init: InitSettings = Field(default_factory=InitSettings)
    ingestion: IngestionSettings = Field(default_factory=IngestionSettings)
    worker: WorkerSettings = Field(default_factory=WorkerSettings)
    clickhouse: ClickHouseSettings = Field(default_factory=ClickHouseSettings)
    log_level: str = Field(
        default="warning", validation_alias=_either("LOG_LEVEL"), description="Least severe log shown"
    )
