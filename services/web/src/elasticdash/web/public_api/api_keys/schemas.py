"""What the API takes and says about API keys of projects and organizations."""

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from elasticdash.shared import ids
from elasticdash.shared.postgres.api_keys import NewApiKey
from elasticdash.shared.security import shown_secret
from elasticdash.web.wire import Text, Timestamp, WireModel

_PUBLIC_PREFIX = "pk-lf-"
_SECRET_PREFIX = "sk-lf-"
# Colons would end the public half of a Basic header; what is not ASCII gets there in more than one encoding.
_REST = r"[!-9;-~]{8,200}"
PublicKey = Annotated[str, StringConstraints(pattern=f"^{_PUBLIC_PREFIX}{_REST}$")]
SecretKey = Annotated[str, StringConstraints(pattern=f"^{_SECRET_PREFIX}{_REST}$")]


class CreateApiKeyRequest(WireModel):
    """A new key; with a pair of one's own a caller that lost the answer can ask again."""

    note: Annotated[Text | None, Field(max_length=200)] = None
    public_key: PublicKey | None = None
    secret_key: SecretKey | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "CreateApiKeyRequest":
        if (self.public_key is None) != (self.secret_key is None):
            raise ValueError("publicKey and secretKey must be given together, or neither")
        return self

    def pair(self) -> NewApiKey:
        """The key to store, with a generated pair when none was given."""
        return NewApiKey(
            public_key=self.public_key or f"{_PUBLIC_PREFIX}{ids.new_id()}",
            secret_key=self.secret_key or f"{_SECRET_PREFIX}{ids.new_id()}",
            note=self.note,
        )


class CreatedApiKeyResponse(WireModel):
    """The new key: the only time its secret is told."""

    id: str
    created_at: Timestamp
    public_key: str
    secret_key: str
    display_secret_key: str
    note: str | None

    @classmethod
    def from_pair(cls, api_key_id: str, pair: NewApiKey, created_at: Timestamp) -> "CreatedApiKeyResponse":
        """A stored pair as the API shows it once."""
        return cls(
            id=api_key_id,
            created_at=created_at,
            public_key=pair.public_key,
            secret_key=pair.secret_key,
            display_secret_key=shown_secret(pair.secret_key),
            note=pair.note,
        )


class ApiKeyResponse(WireModel):
    """A key without its secret."""

    id: str
    created_at: Timestamp
    expires_at: Timestamp | None
    last_used_at: Timestamp | None
    note: str | None
    public_key: str
    display_secret_key: str


class ApiKeysResponse(WireModel):
    """All keys of one owner, newest first."""

    api_keys: list[ApiKeyResponse]


class DeletedResponse(WireModel):
    """It is gone."""

    success: bool = True
