"""Settings: the metadata store."""

from collections.abc import Sequence

from pydantic import AliasChoices, Field, SecretStr

from elasticdash.shared import database_url, errors
from elasticdash.shared.settings.group import SettingsGroup, either


class DatabaseSettings(SettingsGroup):
    """Postgres 15 or newer with organizations, projects and keys. `elasticdash up` keeps these in its data folder.

    `DATABASE_URL` takes libpq's parameters (`sslmode`, `sslrootcert`, `target_session_attrs`, several hosts …) and
    Prisma's (`schema`, `connection_limit`, `pool_timeout`, `connect_timeout`, `pgbouncer`).
    """

    url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL"),
        description="`postgresql://user:password@host:5432/database`; needed by `elasticdash web` and `worker`",
    )
    direct_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DIRECT_URL"),
        description="The server behind a pooler, for migrations; unset: `DATABASE_URL`",
    )
    host: str | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_HOST"),
        description="`host:port`, in place of `DATABASE_URL` together with the next four",
    )
    username: str | None = Field(
        default=None, validation_alias=AliasChoices("DATABASE_USERNAME"), description="User, where `DATABASE_HOST` is"
    )
    password: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_PASSWORD"),
        description="Password, where `DATABASE_HOST` is",
    )
    name: str | None = Field(
        default=None, validation_alias=AliasChoices("DATABASE_NAME"), description="Database, where `DATABASE_HOST` is"
    )
    arguments: str = Field(
        default="",
        validation_alias=AliasChoices("DATABASE_ARGS"),
        description="Parameters of the URL, where `DATABASE_HOST` is: `sslmode=require&schema=…`",
    )
    max_connections: int = Field(
        default=10,
        validation_alias=either("DATABASE_MAX_CONNECTIONS"),
        ge=1,
        description="Connections of one process; `connection_limit` in the URL goes first",
    )
    max_wait_ms: int = Field(
        default=2000,
        validation_alias=either("DATABASE_MAX_WAIT_MS"),
        ge=1,
        description="Longest wait for a free connection, in milliseconds; then the answer is 503",
    )
    connect_timeout_seconds: int = Field(
        default=3, validation_alias=either("DATABASE_CONNECT_TIMEOUT_SECONDS"), ge=1, description="Longest connecting"
    )
    statement_timeout_seconds: int = Field(
        default=5,
        validation_alias=either("DATABASE_STATEMENT_TIMEOUT_SECONDS"),
        ge=1,
        description="Longest run of one statement",
    )
    lock_timeout_seconds: int = Field(
        default=3,
        validation_alias=either("DATABASE_LOCK_TIMEOUT_SECONDS"),
        ge=1,
        description="Longest wait for another transaction's lock",
    )

    def missing(self) -> Sequence[str]:
        """Neither a URL nor its parts, or a URL that can't be understood."""
        parts = {"DATABASE_HOST": self.host, "DATABASE_USERNAME": self.username, "DATABASE_NAME": self.name}
        absent = [name for name, value in parts.items() if value is None]
        if self.url is None and len(absent) == len(parts):
            return [
                "DATABASE_URL is not set: name the Postgres database, postgresql://user:password@host:5432/database"
            ]
        if self.url is None and absent:
            return [f"{', '.join(absent)} not set beside the other parts of the database's address: set all or a URL"]
        try:
            database_url.parse(self.address())
            database_url.parse(self.direct_address())
        except errors.ConfigurationError as error:
            return [str(error)]
        return ()

    def address(self) -> str:
        """The URL, given or put together from its parts; holds the password."""
        if self.url is not None:
            return self.url.get_secret_value()
        password = self.password.get_secret_value() if self.password else ""
        return database_url.assembled(
            host=self.host or "",
            username=self.username or "",
            password=password,
            name=self.name or "",
            arguments=self.arguments,
        )

    def direct_address(self) -> str:
        """Where migrations run."""
        return self.direct_url.get_secret_value() if self.direct_url else self.address()
