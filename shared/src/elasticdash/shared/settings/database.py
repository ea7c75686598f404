"""Settings: the metadata store."""

from pydantic import AliasChoices, Field, SecretStr

from elasticdash.shared.settings.group import SettingsGroup


class DatabaseSettings(SettingsGroup):
    """Postgres with organizations, projects and keys. `elasticdash up` keeps these in its data folder instead."""

    url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL"),
        description="`postgresql://user:password@host:5432/database`; needed by `elasticdash web` and `worker`",
    )
