"""Settings: secrets of the installation."""

from pydantic import AliasChoices, Field, SecretStr

from elasticdash.shared.settings.group import SettingsGroup, either


class SecuritySettings(SettingsGroup):
    """What stored secrets are hashed with. `elasticdash up` generates its own."""

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
