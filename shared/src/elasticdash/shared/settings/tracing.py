"""Settings: where traces of our own work go."""

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from elasticdash.shared.settings.group import SettingsGroup


class TracingSettings(SettingsGroup):
    """OpenTelemetry of the Logger itself: a span for every request and every job. Off without an endpoint."""

    endpoint: str | None = Field(
        default=None,
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="OTLP/HTTP receiver of our own traces, as `http://collector:4318`; `/v1/traces` is added",
    )
    headers: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="OTEL_EXPORTER_OTLP_HEADERS",
        description="Headers for the receiver, as `name=value,name=value`; values are percent-encoded",
    )
    service_name: str | None = Field(
        default=None,
        validation_alias="OTEL_SERVICE_NAME",
        description="What the traces call this process; unset: `elasticdash-web`, `-worker` or `-up`",
    )
    sampled_share: float = Field(
        default=1.0,
        validation_alias="OTEL_TRACE_SAMPLING_RATIO",
        ge=0,
        le=1,
        description="Share of requests and jobs that are traced",
    )

    @field_validator("endpoint")
    @classmethod
    def _is_absolute(cls, endpoint: str | None) -> str | None:
        parts = urlsplit(endpoint) if endpoint else None
        if parts and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("must look like http://host:4318")
        return endpoint
