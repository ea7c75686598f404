"""Settings: ClickHouse."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr

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
    pool_size: int = Field(
        default=6,
        validation_alias=either("CLICKHOUSE_POOL_SIZE"),
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
