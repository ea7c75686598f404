"""Settings: ClickHouse."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr

from elasticdash.shared import errors
from elasticdash.shared.settings.group import MIB, SettingsGroup, either


class ClickHouseSettings(SettingsGroup):
    """How ClickHouse is reached and bounded."""

    url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("CLICKHOUSE_URL"),
        description="`http://host:8123` or `https://…`; needed by `elasticdash web` and `worker`",
    )
    user: str = Field(default="default", validation_alias=AliasChoices("CLICKHOUSE_USER"), description="User")
    password: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("CLICKHOUSE_PASSWORD"), description="Password"
    )
    database: str = Field(
        default="default", validation_alias=AliasChoices("CLICKHOUSE_DB"), description="Database with the tables"
    )
    migration_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("CLICKHOUSE_MIGRATION_URL"),
        description="Other address for `elasticdash migrate`; a native one (`clickhouse://…`) is passed over",
    )
    is_cluster: bool = Field(
        default=False,
        validation_alias=AliasChoices("CLICKHOUSE_CLUSTER_ENABLED"),
        description="Whether tables are made replicated, on every node of the cluster",
    )
    cluster_name: str = Field(
        default="default",
        validation_alias=AliasChoices("CLICKHOUSE_CLUSTER_NAME"),
        description="Name of the cluster, where there is one",
    )
    backend_user: str | None = Field(
        default=None,
        validation_alias=either("BACKEND_CLICKHOUSE_USER"),
        description="User that `elasticdash migrate` makes for the ElasticDash Backend, with few rights",
    )
    backend_password: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=either("BACKEND_CLICKHOUSE_PASSWORD"),
        description="Password of that user; a new one replaces the old at the next `elasticdash migrate`",
    )
    pool_size: int = Field(
        default=6,
        validation_alias=AliasChoices("CLICKHOUSE_MAX_OPEN_CONNECTIONS", *either("CLICKHOUSE_POOL_SIZE").choices),
        ge=2,
        description="Statements running at the same time",
    )
    max_query_seconds: int = Field(
        default=30, validation_alias=either("CLICKHOUSE_MAX_QUERY_SECONDS"), description="Longest run of one read"
    )
    max_query_memory_bytes: int = Field(
        default=4096 * MIB,
        validation_alias=either("CLICKHOUSE_MAX_QUERY_MEMORY_BYTES"),
        description="Memory of one read",
    )
    migrations_dir: Path = Field(
        default=Path(__file__).parents[5] / "migrations",
        validation_alias=either("MIGRATIONS_DIR"),
        description="Folder with the migrations of both databases",
    )

    def missing(self) -> Sequence[str]:
        """No address, or one that is not of the HTTP interface."""
        if self.url is None:
            return ["CLICKHOUSE_URL is not set: name the ClickHouse server, http://host:8123"]
        if not self.url.startswith(("http://", "https://")):
            return ["CLICKHOUSE_URL must be the HTTP interface: http://host:8123 or https://host:8443"]
        return ()

    def migration_address(self) -> str:
        """Where migrations run. ConfigurationError when no address is given."""
        if self.migration_url is not None and self.migration_url.startswith(("http://", "https://")):
            return self.migration_url
        if self.url is None:
            raise errors.ConfigurationError(self.missing()[0])
        return self.url
