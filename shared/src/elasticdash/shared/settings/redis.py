"""Settings: the queue's Redis."""

from pydantic import AliasChoices, Field, SecretStr

from elasticdash.shared.settings.group import SettingsGroup


class RedisSettings(SettingsGroup):
    """Redis or Valkey 7 or newer, which carries references to accepted batches. `elasticdash up` needs none."""

    url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("REDIS_CONNECTION_STRING", "REDIS_URL"),
        description="`redis://user:password@host:6379/0`, in place of the parts",
    )
    host: str | None = Field(default=None, validation_alias=AliasChoices("REDIS_HOST"), description="Host name")
    port: int = Field(default=6379, validation_alias=AliasChoices("REDIS_PORT"), ge=1, le=65535, description="Port")
    auth: SecretStr | None = Field(default=None, validation_alias=AliasChoices("REDIS_AUTH"), description="Password")
