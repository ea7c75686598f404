"""What the API takes and says about connections to providers of models."""

import ipaddress
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from elasticdash.shared.postgres.llm_connections import LlmConnectionFields
from elasticdash.web.pagination import PageMeta
from elasticdash.web.wire import STORABLE, Text, Timestamp, WireModel

Adapter = Literal["anthropic", "openai", "azure", "bedrock", "google-vertex-ai", "google-ai-studio"]
# What each adapter must and may be told besides its secret.
_NEEDED_CONFIG: Mapping[Adapter, str] = {"bedrock": "region"}
_KNOWN_CONFIG: Mapping[Adapter, Mapping[str, type]] = {
    "bedrock": {"region": str},
    "google-vertex-ai": {"location": str},
    "openai": {"useResponsesApi": bool},
}


def _public_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError as error:
        raise ValueError("must be a URL") from error
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise ValueError("must be an http or https URL without credentials")
    if host == "localhost" or host.endswith(".localhost") or not _may_be_public(host):
        raise ValueError("must not lead to this machine or into its network")
    return value


def _may_be_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        # A name; where it leads is looked at when it is used.
        return not host.replace(".", "").isdigit()


BaseUrl = Annotated[Text, Field(max_length=2000), AfterValidator(_public_url)]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$")]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{0,4000}$")]
ModelName = Annotated[Text, Field(min_length=1, max_length=200)]


class UpsertLlmConnectionRequest(WireModel):
    """A provider of the project, created or replaced."""

    provider: Annotated[Text, Field(min_length=1, max_length=100)]
    adapter: Adapter
    secret_key: Annotated[Text, Field(min_length=1, max_length=20_000)]
    base_url: Annotated[BaseUrl | None, Field(alias="baseURL")] = None
    custom_models: Annotated[list[ModelName] | None, Field(max_length=500)] = None
    with_default_models: bool | None = None
    extra_headers: Annotated[dict[HeaderName, HeaderValue] | None, Field(max_length=50)] = None
    config: Annotated[dict[str, Any] | None, STORABLE] = None

    @model_validator(mode="after")
    def _config_fits_adapter(self) -> "UpsertLlmConnectionRequest":
        known, given = _KNOWN_CONFIG.get(self.adapter, {}), self.config or {}
        needed = _NEEDED_CONFIG.get(self.adapter)
        if needed is not None and needed not in given:
            raise ValueError(f"config.{needed} is needed for the adapter {self.adapter}")
        for name, value in given.items():
            if not isinstance(value, known.get(name, ())):
                raise ValueError(f"config of the adapter {self.adapter} takes: {', '.join(known) or 'nothing'}")
        return self

    def fields(self) -> LlmConnectionFields:
        """The same for the store."""
        return LlmConnectionFields(
            provider=self.provider,
            adapter=self.adapter,
            secret_key=self.secret_key,
            base_url=self.base_url,
            custom_models=self.custom_models or [],
            with_default_models=self.with_default_models is not False,
            extra_headers=self.extra_headers or {},
            config=self.config,
        )


class LlmConnectionResponse(WireModel):
    """A provider of the project; its secrets are never told."""

    id: str
    provider: str
    adapter: Adapter
    display_secret_key: str
    base_url: Annotated[str | None, Field(alias="baseURL")]
    custom_models: list[str]
    with_default_models: bool
    extra_header_keys: list[str]
    config: dict[str, Any] | None
    created_at: Timestamp
    updated_at: Timestamp


class LlmConnectionsResponse(WireModel):
    """A page of providers, by name."""

    data: list[LlmConnectionResponse]
    meta: PageMeta


class DeletedResponse(WireModel):
    """It is gone."""

    message: str = "LLM connection successfully deleted"
