"""Settings: the queue's Redis."""

from collections.abc import Sequence

from pydantic import AliasChoices, Field, SecretStr

from elasticdash.shared.settings.group import SettingsGroup


class RedisSettings(SettingsGroup):
    """Redis or Valkey 7 or newer, which carries references to accepted batches. `elasticdash up` needs none."""

    url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("REDIS_CONNECTION_STRING", "REDIS_URL"),
        description="`redis://user:password@host:6379/0`, `rediss://` for TLS; in place of the parts",
    )
    host: str | None = Field(default=None, validation_alias=AliasChoices("REDIS_HOST"), description="Host name")
    port: int = Field(default=6379, validation_alias=AliasChoices("REDIS_PORT"), ge=1, le=65535, description="Port")
    username: str | None = Field(
        default=None, validation_alias=AliasChoices("REDIS_USERNAME"), description="User, where the server has users"
    )
    auth: SecretStr | None = Field(default=None, validation_alias=AliasChoices("REDIS_AUTH"), description="Password")
    database: int = Field(
        default=0,
        validation_alias=AliasChoices("REDIS_DB"),
        ge=0,
        description="Number of the database; a cluster has 0",
    )
    key_prefix: str = Field(
        default="",
        validation_alias=AliasChoices("REDIS_KEY_PREFIX"),
        description="Put before every key, for a server that others use too",
    )
    tls_enabled: bool = Field(
        default=False, validation_alias=AliasChoices("REDIS_TLS_ENABLED"), description="Encrypt connections"
    )
    tls_ca: str | None = Field(
        default=None,
        validation_alias=AliasChoices("REDIS_TLS_CA_PATH", "REDIS_TLS_CA"),
        description="File of the authority to trust; unset: the system's",
    )
    tls_cert: str | None = Field(
        default=None,
        validation_alias=AliasChoices("REDIS_TLS_CERT_PATH", "REDIS_TLS_CERT"),
        description="File of our certificate, where the server asks for one",
    )
    tls_key: str | None = Field(
        default=None,
        validation_alias=AliasChoices("REDIS_TLS_KEY_PATH", "REDIS_TLS_KEY"),
        description="File of its key",
    )
    tls_key_passphrase: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("REDIS_TLS_KEY_PASSPHRASE"), description="Passphrase of that key"
    )
    tls_reject_unauthorized: bool = Field(
        default=True,
        validation_alias=AliasChoices("REDIS_TLS_REJECT_UNAUTHORIZED"),
        description="Refuse a server whose certificate can't be verified",
    )
    cluster_enabled: bool = Field(
        default=False, validation_alias=AliasChoices("REDIS_CLUSTER_ENABLED"), description="The server is a cluster"
    )
    cluster_nodes: str = Field(
        default="",
        validation_alias=AliasChoices("REDIS_CLUSTER_NODES"),
        description="Some of its nodes, `host:port,host:port`",
    )
    sentinel_enabled: bool = Field(
        default=False,
        validation_alias=AliasChoices("REDIS_SENTINEL_ENABLED"),
        description="Ask sentinels for the server",
    )
    sentinel_nodes: str = Field(
        default="",
        validation_alias=AliasChoices("REDIS_SENTINEL_NODES"),
        description="Sentinels, `host:port,host:port`",
    )
    sentinel_master_name: str | None = Field(
        default=None,
        validation_alias=AliasChoices("REDIS_SENTINEL_MASTER_NAME"),
        description="What the sentinels call the server",
    )
    sentinel_username: str | None = Field(
        default=None, validation_alias=AliasChoices("REDIS_SENTINEL_USERNAME"), description="User at the sentinels"
    )
    sentinel_password: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("REDIS_SENTINEL_PASSWORD"), description="Password at the sentinels"
    )

    def missing(self) -> Sequence[str]:
        """No address."""
        if self.url is None and self.host is None and not (self.cluster_nodes or self.sentinel_nodes):
            return ["REDIS_HOST is not set: name the Redis server, or give REDIS_CONNECTION_STRING"]
        return ()
