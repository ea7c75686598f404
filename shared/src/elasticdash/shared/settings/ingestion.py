"""Settings: bounds of what is accepted."""

from pydantic import Field

from elasticdash.shared.settings.group import MIB, SettingsGroup, either


class IngestionSettings(SettingsGroup):
    """Bounds of what is accepted."""

    max_body_bytes: int = Field(
        default=16 * MIB,
        validation_alias=either("INGESTION_MAX_BODY_BYTES"),
        description="Largest request body as sent",
    )
    max_unpacked_bytes: int = Field(
        default=64 * MIB,
        validation_alias=either("INGESTION_MAX_UNPACKED_BYTES"),
        description="Largest body once decompressed",
    )
    max_in_flight_bytes: int = Field(
        default=256 * MIB,
        validation_alias=either("INGESTION_MAX_IN_FLIGHT_BYTES"),
        ge=MIB,
        description="Bodies being received, unpacked and made durable at once; more is answered 503 with Retry-After",
    )
    max_requests: int = Field(
        default=256,
        validation_alias=either("INGESTION_MAX_CONCURRENT_REQUESTS"),
        ge=1,
        description="Requests with events answered at once; more are answered 503 with Retry-After",
    )
    project_share: float = Field(
        default=0.5,
        validation_alias=either("INGESTION_PROJECT_SHARE"),
        gt=0,
        le=1,
        description="Part of these bytes and requests one project may use; the rest is for the others",
    )
    max_backlog_age_seconds: float = Field(
        default=3600.0,
        validation_alias=either("INGESTION_MAX_BACKLOG_AGE_SECONDS"),
        gt=0,
        description="Age of the oldest unstored batch beyond which nothing more is accepted (503)",
    )
    max_backlog_batches: int = Field(
        default=1_000_000,
        validation_alias=either("INGESTION_MAX_BACKLOG_BATCHES"),
        ge=1,
        description="Unstored batches beyond which nothing more is accepted (503)",
    )
    min_free_disk_percent: float = Field(
        default=5.0,
        validation_alias=either("INGESTION_MIN_FREE_DISK_PERCENT"),
        ge=0,
        lt=100,
        description="Free space of the data folder's disk below which nothing more is accepted (503)",
    )
    max_events: int = Field(
        default=100_000, validation_alias=either("INGESTION_MAX_EVENTS"), description="Events in one batch"
    )
    max_depth: int = Field(
        default=200, validation_alias=either("INGESTION_MAX_DEPTH"), description="Nesting depth of an event's JSON"
    )
