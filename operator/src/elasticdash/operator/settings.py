"""What an operator process is told by its environment; read once."""

import os
import secrets
import socket
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_NAMESPACE_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


def _own_namespace() -> str:
    return _NAMESPACE_FILE.read_text().strip() if _NAMESPACE_FILE.is_file() else "default"


def _own_identity() -> str:
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


class OperatorSettings(BaseSettings):
    """Variables with the prefix ELASTICDASH_OPERATOR_."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, env_prefix="ELASTICDASH_OPERATOR_"
    )

    namespaces: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Namespaces to serve, comma-separated; nothing outside them is read. Unset: the whole cluster",
    )
    namespace: str = Field(default_factory=_own_namespace, description="Where the operator's own Lease is kept")
    identity: str = Field(default_factory=_own_identity, description="Who holds the Lease; the pod's name, if given")
    lease_name: str = Field(default="elasticdash-operator", description="The Lease that one process holds")
    lease_seconds: float = Field(default=15, ge=3, le=120, description="Silence after which another process takes over")
    resync_seconds: float = Field(
        default=60, ge=1, le=600, description="Time between looks at an instance of which no event came; ± 20 %"
    )
    stalled_seconds: float = Field(
        default=300, ge=10, description="How late a look may be before the process counts as not alive"
    )
    host: str = Field(default="0.0.0.0", description="Address of health and metrics")
    port: int = Field(default=8080, ge=0, le=65535, description="Port of health and metrics; 0: any free one")
    service_url: str = Field(
        default="http://{service}.{namespace}.svc:{port}",
        description="Where an instance's Services are reached: {service}, {namespace} and {port} are filled in",
    )
    images: dict[str, str] = Field(
        default_factory=dict[str, str],
        description="Images to use instead of the shipped ones, as JSON: component to reference",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Log from here on")
    log_format: Literal["json", "console"] = Field(default="json", description="How a log line looks")

    @field_validator("namespaces", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
