"""Settings: how long clients may take, and how a server stops."""

from pydantic import Field

from elasticdash.shared.settings.group import SettingsGroup, either


class HttpSettings(SettingsGroup):
    """What a client may take of the server, and how the server stops and is watched."""

    max_concurrent_requests: int = Field(
        default=1024,
        validation_alias=either("HTTP_MAX_CONCURRENT_REQUESTS"),
        ge=1,
        description="Requests answered at the same time; more are answered 503 with Retry-After",
    )
    header_timeout_seconds: float = Field(
        default=10.0,
        validation_alias=either("HTTP_HEADER_TIMEOUT_SECONDS"),
        gt=0,
        description="Longest wait for a request's headers; then 408",
    )
    body_timeout_seconds: float = Field(
        default=15.0,
        validation_alias=either("HTTP_BODY_TIMEOUT_SECONDS"),
        gt=0,
        description="Longest wait for a request's body, beside what its size allows at the rate below; then 408",
    )
    min_body_bytes_per_second: int = Field(
        default=4096,
        validation_alias=either("HTTP_MIN_BODY_BYTES_PER_SECOND"),
        ge=1,
        description="Slowest rate a larger body may arrive at",
    )
    max_header_bytes: int = Field(
        default=32 * 1024,
        validation_alias=either("HTTP_MAX_HEADER_BYTES"),
        ge=1024,
        description="Largest headers of a request; more is answered 431",
    )
    keep_alive_seconds: int = Field(
        default=75,
        validation_alias=either("HTTP_KEEP_ALIVE_SECONDS"),
        ge=1,
        description="How long an idle connection stays open; must exceed what a balancer in front keeps",
    )
    drain_delay_seconds: float | None = Field(
        default=None,
        validation_alias=either("HTTP_DRAIN_DELAY_SECONDS"),
        ge=0,
        description="Time from SIGTERM to the end of listening, for balancers to see /ready fail; unset: 5, of `up` 0",
    )
    operations_port: int | None = Field(
        default=None,
        validation_alias=either("OPERATIONS_PORT"),
        ge=1,
        le=65535,
        description="Port of `/metrics` and `/api/queue` of `elasticdash web` and `up`; unset: not served",
    )
    operations_host: str = Field(
        default="127.0.0.1",
        validation_alias=either("OPERATIONS_HOST"),
        description="Address of that port; 0.0.0.0 lets a scraper on another machine in",
    )
