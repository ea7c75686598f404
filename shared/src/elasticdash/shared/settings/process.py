"""Settings: the process as a whole."""

from pydantic import AliasChoices, Field

from elasticdash.shared.settings.group import SettingsGroup, either


class ProcessSettings(SettingsGroup):
    """Where `elasticdash web` and `worker` listen, and what any process logs."""

    host: str = Field(
        default="0.0.0.0",
        # Not HOSTNAME: containers set that to their own name, and would stop answering on localhost.
        validation_alias=either("HOST"),
        description="Address to listen on",
    )
    web_port: int = Field(
        default=3000, validation_alias=AliasChoices("PORT"), ge=1, le=65535, description="Port of `elasticdash web`"
    )
    log_level: str = Field(
        default="warning",
        validation_alias=either("LOG_LEVEL"),
        description="Least severe log shown: debug, info, warning or error",
    )
