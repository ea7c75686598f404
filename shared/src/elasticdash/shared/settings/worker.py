"""Settings: how raw batches are processed and kept."""

from pydantic import Field

from elasticdash.shared.settings.group import SettingsGroup, either


class WorkerSettings(SettingsGroup):
    """How raw batches are processed and kept."""

    max_rows_per_insert: int = Field(
        default=10_000,
        validation_alias=either("INGESTION_CLICKHOUSE_WRITE_BATCH_SIZE"),
        description="Rows in one insert",
    )
    max_wait_ms: int = Field(
        default=1000,
        validation_alias=either("INGESTION_CLICKHOUSE_WRITE_INTERVAL_MS"),
        description="Longest wait for an insert to fill while more is being decoded, in milliseconds",
    )
    max_objects_in_flight: int = Field(
        default=64,
        validation_alias=either("INGESTION_QUEUE_PROCESSING_CONCURRENCY"),
        ge=1,
        description="Accepted batches a worker reads from the queue and holds in memory at the same time",
    )
    max_attempts: int = Field(
        default=5,
        validation_alias=either("QUEUE_MAX_ATTEMPTS"),
        ge=1,
        description="How often a batch is tried, crashes included, before it goes to the dead letters",
    )
    sweep_interval_seconds: int = Field(
        default=60,
        validation_alias=either("SWEEP_INTERVAL_SECONDS"),
        description="Pause between looks for unprocessed batches",
    )
    retention_interval_minutes: int = Field(
        default=60,
        validation_alias=either("RETENTION_INTERVAL_MINUTES"),
        description="Pause between deletions of what projects no longer keep",
    )
    raw_retention_hours: int = Field(
        default=24,
        validation_alias=either("RAW_RETENTION_HOURS"),
        description="How long processed raw batches are kept",
    )
    drain_timeout_seconds: int = Field(
        default=30,
        validation_alias=either("DRAIN_TIMEOUT_SECONDS"),
        description="Longest wait for unfinished work at stop",
    )
