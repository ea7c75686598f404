"""Settings: the process as a whole."""

from typing import Literal

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
    worker_port: int = Field(
        default=3030,
        validation_alias=either("WORKER_PORT"),
        ge=1,
        le=65535,
        description="Port of `elasticdash worker`: `/api/health`, `/api/ready`, `/metrics`, `/api/queue`",
    )
    log_level: Literal["debug", "info", "warning", "error"] | None = Field(
        default=None,
        validation_alias=either("LOG_LEVEL"),
        description="Least severe log shown: debug, info, warning or error; unset: info, warning for `elasticdash up`",
    )
    log_format: Literal["json", "console"] | None = Field(
        default=None,
        validation_alias=either("LOG_FORMAT"),
        description="json or console; unset: json, console for `elasticdash up`",
    )
    is_access_logged: bool = Field(
        default=False, validation_alias=either("LOG_REQUESTS"), description="Whether every request gets a line"
    )
