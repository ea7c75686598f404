"""Settings: secrets of the installation."""

from collections.abc import Sequence

from pydantic import AliasChoices, Field, SecretStr

from elasticdash.shared.settings.group import SettingsGroup, either


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
        description="The SALT before the present one: keys stored under it still work, and are stored anew when used",
    )

    admin_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("ADMIN_API_KEY", "ELASTICDASH_ADMIN_API_KEY"),
        min_length=16,
        description="Opens /api/admin, which creates organizations and their API keys; unset: nobody may",
    )

    def missing(self) -> Sequence[str]:
        """No salt: every process would hash API secrets with another one."""
        return () if self.salt else ["SALT is not set: give every process the same, `openssl rand -hex 32` makes one"]
