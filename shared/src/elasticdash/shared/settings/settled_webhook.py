"""Settings: whom the worker tells of traces that settled."""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from elasticdash.shared.settings.group import SettingsGroup, either


class SettledWebhookSettings(SettingsGroup):
    """Whom the worker tells of traces that nothing was added to for a while (settled-webhook.md). Off without a URL."""

    url: SecretStr | None = Field(
        default=None,
        validation_alias=either("SETTLED_WEBHOOK_URL"),
        description="Where each settled trace is posted: http or https",
    )
    secret: SecretStr | None = Field(
        default=None,
        validation_alias=either("SETTLED_WEBHOOK_SECRET"),
        description="Signs what is posted; needed where the URL is",
    )
    idle_seconds: float = Field(
        default=60.0,
        validation_alias=either("SETTLED_WEBHOOK_IDLE_SECONDS"),
        gt=0,
        le=3600,
        description="A trace is settled when nothing was added to it for this long",
    )
    timeout_seconds: float = Field(
        default=10.0,
        validation_alias=either("SETTLED_WEBHOOK_TIMEOUT_SECONDS"),
        gt=0,
        description="Longest wait for an answer",
    )
    max_attempts: int = Field(
        default=5,
        validation_alias=either("SETTLED_WEBHOOK_MAX_ATTEMPTS"),
        ge=1,
        le=20,
        description="How often a trace is posted before it is given up; pauses grow from 10 seconds to half an hour",
    )
    allowed_networks: str = Field(
        default="",
        validation_alias=either("SETTLED_WEBHOOK_ALLOWED_NETWORKS"),
        description="Networks that may be posted to though not public, as `10.0.0.0/8,127.0.0.1/32`",
    )

    @field_validator("url")
    @classmethod
    def _is_absolute(cls, url: SecretStr | None) -> SecretStr | None:
        parts = urlsplit(url.get_secret_value()) if url else None
        # The port raises where it is none.
        if parts and (parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0):
            raise ValueError("must look like https://host/path")
        return url

    @field_validator("allowed_networks")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        _networks(text)
        return text

    @model_validator(mode="after")
    def _is_signed(self) -> Self:
        if self.url and not self.secret:
            raise ValueError("ELASTICDASH_SETTLED_WEBHOOK_URL needs ELASTICDASH_SETTLED_WEBHOOK_SECRET")
        return self

    def networks(self) -> Sequence[IPv4Network | IPv6Network]:
        """The allowed networks."""
        return _networks(self.allowed_networks)


def _networks(text: str) -> Sequence[IPv4Network | IPv6Network]:
    return [ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()]
