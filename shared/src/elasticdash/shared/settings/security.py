"""Settings: secrets of the installation."""

from collections.abc import Sequence

from pydantic import AliasChoices, Field, SecretStr

from elasticdash.shared.keyrings import EncryptionKeys, SessionKeys
from elasticdash.shared.settings.group import SettingsGroup, either

_MIN_CHARACTERS = 16


class SecuritySettings(SettingsGroup):
    """What stored secrets are hashed with, and who administers. `elasticdash up` generates its own salt."""

    salt: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("SALT"),
        description="Goes into the stored hashes of API secrets, also of those Langfuse made; same for every process",
    )
    previous_salt: SecretStr | None = Field(
        default=None,
        validation_alias=either("PREVIOUS_SALT"),
        description="The SALT before the present one, or the next: keys under it work; used ones are stored anew",
    )
    session_secret: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("NEXTAUTH_SECRET", "ELASTICDASH_SESSION_SECRET"),
        min_length=_MIN_CHARACTERS,
        description="What sessions of people are kept under, so that the database alone signs nobody in; unset: `SALT`",
    )
    accepted_session_secrets: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("ELASTICDASH_ACCEPTED_SESSION_SECRETS"),
        description="Session secrets that are still, or already, accepted, with commas between them",
    )
    encryption_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("ENCRYPTION_KEY", "ELASTICDASH_ENCRYPTION_KEY"),
        min_length=_MIN_CHARACTERS,
        description="What secrets of providers are encrypted with at rest; unset: none can be kept",
    )
    accepted_encryption_keys: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("ELASTICDASH_ACCEPTED_ENCRYPTION_KEYS"),
        description="Encryption keys that still, or already, decrypt, with commas between them",
    )

    admin_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("ADMIN_API_KEY", "ELASTICDASH_ADMIN_API_KEY"),
        min_length=_MIN_CHARACTERS,
        description="Opens /api/admin, which creates organizations and their API keys; unset: nobody may",
    )

    def missing(self) -> Sequence[str]:
        """No salt: every process would hash API secrets with another one."""
        return () if self.salt else ["SALT is not set: give every process the same, `openssl rand -hex 32` makes one"]

    def session_keys(self, fallback: str, previous_fallback: str | None = None) -> SessionKeys:
        """What sessions are kept under: the secrets of this kind, or what stands in for them."""
        own = _listed(self.session_secret, self.accepted_session_secrets)
        return SessionKeys(own or [secret for secret in (fallback, previous_fallback) if secret])

    def encryption_keys(self) -> EncryptionKeys:
        """What secrets are encrypted with; empty when no key is set."""
        return EncryptionKeys(_listed(self.encryption_key, self.accepted_encryption_keys))


def _listed(newest: SecretStr | None, others: SecretStr | None) -> list[str]:
    if newest is None:
        return []
    accepted = others.get_secret_value().split(",") if others else []
    found = [newest.get_secret_value(), *(secret.strip() for secret in accepted)]
    return list(dict.fromkeys(secret for secret in found if secret))
