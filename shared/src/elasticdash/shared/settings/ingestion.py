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
    max_waiting_bytes: int = Field(
        default=256 * MIB,
        validation_alias=either("INGESTION_MAX_WAITING_BYTES"),
        description="Bodies being made durable at once; more is answered 503 with Retry-After",
    )
    max_events: int = Field(
        default=100_000, validation_alias=either("INGESTION_MAX_EVENTS"), description="Events in one batch"
    )
    max_depth: int = Field(
        default=200, validation_alias=either("INGESTION_MAX_DEPTH"), description="Nesting depth of an event's JSON"
    )
