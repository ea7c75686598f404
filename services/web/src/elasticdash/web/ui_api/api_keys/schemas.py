"""API keys as the settings page shows them."""

from typing import Annotated

from pydantic import Field

from elasticdash.web.wire import Text, Timestamp, WireModel


class ApiKeyShape(WireModel):
    """A key without its secret."""

    id: str
    public_key: str
    display_secret_key: str
    note: str | None
    created_at: Timestamp
    last_used_at: Timestamp | None
    expires_at: Timestamp | None


class ApiKeysShape(WireModel):
    """All keys of a project, newest first."""

    keys: list[ApiKeyShape]


class CreateApiKeyRequest(WireModel):
    """What tells the new key from others."""

    note: Annotated[Text | None, Field(max_length=200)] = None


class CreatedApiKeyShape(WireModel):
    """The new key: the only time its secret is shown."""

    id: str
    public_key: str
    secret_key: str
