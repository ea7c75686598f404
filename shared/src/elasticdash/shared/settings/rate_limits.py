"""Settings: how often a project may call."""

from typing import Literal

from pydantic import Field, Json, NonNegativeInt

from elasticdash.shared.settings.group import SettingsGroup, either

# Langfuse's names of the kinds of calls; "ingestion-events" counts what ingestion requests carry.
Resource = Literal["ingestion", "ingestion-events", "prompts", "public-api-metrics", "public-api"]


class RateLimitSettings(SettingsGroup):
    """Calls a minute of each project at each web process; 0 is no limit. A project's own limits go before these."""

    ingestion: int = Field(
        default=0,
        validation_alias=either("RATE_LIMIT_INGESTION_PER_MINUTE"),
        ge=0,
        description="Requests with events; past it 429, at the OTLP endpoints 503",
    )
    ingestion_events: int = Field(
        default=0,
        validation_alias=either("RATE_LIMIT_INGESTION_EVENTS_PER_MINUTE"),
        ge=0,
        description="Events and spans",
    )
    public_api: int = Field(
        default=0,
        validation_alias=either("RATE_LIMIT_PUBLIC_API_PER_MINUTE"),
        ge=0,
        description="Reads and writes of the public API",
    )
    metrics: int = Field(
        default=0,
        validation_alias=either("RATE_LIMIT_METRICS_PER_MINUTE"),
        ge=0,
        description="Queries of the metrics API",
    )
    prompts: int = Field(
        default=0,
        validation_alias=either("RATE_LIMIT_PROMPTS_PER_MINUTE"),
        ge=0,
        description="Reads and writes of prompts",
    )
    by_project: Json[dict[str, dict[Resource, NonNegativeInt]]] = Field(
        default={},
        validate_default=False,
        validation_alias=either("RATE_LIMITS_BY_PROJECT"),
        description="Limits of single projects in place of these, as JSON: project id to ingestion, ingestion-events, "
        "public-api, public-api-metrics or prompts to calls a minute",
    )
