"""Where an instance keeps its data: the platform's own stores, or single-node ones brought along."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from elasticdash.operator.api.enums import RedisMode, SslMode
from elasticdash.operator.api.types import Json, Model, Quantity, Rule, SecretKeyRef, SecretRef, SubdomainName, Text

HostPort = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=259, pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(:[0-9]{1,5})?$"
    ),
]
Endpoint = Annotated[str, StringConstraints(max_length=512, pattern=r"^https?://[A-Za-z0-9._-]+(:[0-9]{1,5})?$")]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=63, pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$")]

_KEY: dict[str, Json] = {"name": "obs-stores", "key": "value"}
_POSTGRES_PARTS: dict[str, Json] = {
    "host": "db:5432",
    "database": "logger",
    "user": "logger",
    "passwordRef": _KEY,
}


def _stores(**stores: Json) -> dict[str, Json]:
    return {"stores": stores}


class Postgres(Model):
    """Organizations, projects and keys: Postgres 15 or newer."""

    cel_rules: ClassVar = (
        Rule(
            "!(has(self.urlRef) && has(self.host))",
            "give either urlRef or host, not both",
            _stores(postgres={**_POSTGRES_PARTS, "urlRef": _KEY}),
        ),
        Rule(
            "has(self.host) == has(self.database) && has(self.host) == has(self.user)"
            " && has(self.host) == has(self.passwordRef)",
            "host, database, user and passwordRef are given together",
            _stores(postgres={"host": "db:5432", "database": "logger"}),
        ),
        Rule(
            "!has(self.sslMode) || has(self.host)",
            "sslMode goes with host; with a URL, put sslmode into it",
            _stores(postgres={"urlRef": _KEY, "sslMode": "require"}),
        ),
    )

    url_ref: SecretKeyRef | None = Field(
        default=None, description="Key with postgresql://user:password@host:5432/database"
    )
    direct_url_ref: SecretKeyRef | None = Field(
        default=None, description="Key with the URL of the server behind a pooler, which migrations use"
    )
    host: HostPort | None = Field(default=None, description="host or host:port, in place of urlRef")
    database: Identifier | None = Field(default=None, description="Database, where host is given")
    user: Identifier | None = Field(default=None, description="User, where host is given")
    password_ref: SecretKeyRef | None = Field(default=None, description="Key with the password, where host is given")
    ssl_mode: SslMode | None = Field(
        default=None, description="How connections are encrypted, where host is given; unset: prefer"
    )
    admin_ref: SecretKeyRef | None = Field(
        default=None, description="Key with the URL of a login that may create roles: what rotation needs"
    )
    pool_size: int = Field(default=10, ge=1, le=500, description="Connections of one pod")
    max_connections: int | None = Field(
        default=None,
        ge=2,
        le=100_000,
        description="Connections all pods may hold together; no autoscaler goes past what fits",
    )


class ClickHouse(Model):
    """Traces: ClickHouse 25.8 or newer, over its HTTP interface."""

    cel_rules: ClassVar = (
        Rule(
            "!has(self.passwordRef) || has(self.user)",
            "passwordRef needs user",
            _stores(clickhouse={"passwordRef": _KEY}),
        ),
        Rule(
            "has(self.database) == has(oldSelf.database) && (!has(self.database) || self.database == oldSelf.database)",
            "database can't be changed: the data would stay behind; make a new instance",
            _stores(clickhouse={"database": "new"}),
            _stores(clickhouse={"database": "old"}),
        ),
        Rule(
            "has(self.clusterName) == has(oldSelf.clusterName)"
            " && (!has(self.clusterName) || self.clusterName == oldSelf.clusterName)",
            "clusterName can't be changed: tables are made for one cluster or for one server",
            _stores(clickhouse={"clusterName": "other"}),
            _stores(clickhouse={"clusterName": "default"}),
        ),
    )

    url: Endpoint | None = Field(
        default=None, description="http://host:8123 or https://host:8443, without user and password"
    )
    user: Identifier | None = Field(default=None, description="User; unset: default")
    password_ref: SecretKeyRef | None = Field(default=None, description="Key with the user's password")
    database: Identifier | None = Field(default=None, description="Database with the tables; unset: default")
    cluster_name: Identifier | None = Field(
        default=None, description="Name of the cluster, where tables are replicated over several servers"
    )
    admin_ref: SecretKeyRef | None = Field(
        default=None, description="Key with http://user:password@host:8123 of a user that may alter users, for rotation"
    )


class Sentinel(Model):
    """What Redis Sentinel is asked for, and as whom."""

    master_name: Text = Field(description="What the sentinels call the server")
    username: Text | None = Field(default=None, description="User at the sentinels")
    password_ref: SecretKeyRef | None = Field(default=None, description="Key with the password at the sentinels")


class Redis(Model):
    """The queue: Redis or Valkey 7 or newer."""

    cel_rules: ClassVar = (
        Rule(
            "!(has(self.urlRef) && has(self.nodes))",
            "give either urlRef or nodes, not both",
            _stores(redis={"urlRef": _KEY, "nodes": ["redis:6379"]}),
        ),
        Rule(
            "self.mode != 'Single' || !has(self.nodes) || size(self.nodes) == 1",
            "mode Single has exactly one node",
            _stores(redis={"nodes": ["a:6379", "b:6379"]}),
        ),
        Rule(
            "self.mode == 'Single' || has(self.nodes)",
            "modes Sentinel and Cluster need nodes",
            _stores(redis={"mode": "Cluster"}),
        ),
        Rule(
            "(self.mode == 'Sentinel') == has(self.sentinel)",
            "mode Sentinel and sentinel are given together",
            _stores(redis={"mode": "Sentinel", "nodes": ["a:26379"]}),
        ),
        Rule(
            "self.mode != 'Cluster' || self.db == 0",
            "a cluster has only db 0",
            _stores(redis={"mode": "Cluster", "nodes": ["a:6379"], "db": 1}),
        ),
        Rule(
            "!has(self.urlRef) || (!has(self.username) && !has(self.passwordRef) && !self.tls && self.db == 0)",
            "with urlRef, user, password, tls (rediss://) and db belong into the URL",
            _stores(redis={"urlRef": _KEY, "db": 3}),
        ),
    )

    mode: RedisMode = Field(default=RedisMode.SINGLE, description="One server, servers behind sentinels, or a cluster")
    url_ref: SecretKeyRef | None = Field(
        default=None, description="Key with redis://user:password@host:6379/0 or rediss://…; mode Single only"
    )
    nodes: Annotated[list[HostPort], Field(min_length=1, max_length=32)] | None = Field(
        default=None, description="host or host:port of the server, the sentinels or some of the cluster's nodes"
    )
    username: Text | None = Field(default=None, description="User, where the server has users")
    password_ref: SecretKeyRef | None = Field(default=None, description="Key with the password")
    tls: bool = Field(default=False, description="Encrypt connections")
    db: int = Field(default=0, ge=0, le=15, description="Number of the database")
    key_prefix: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9:._-]+$")] | None = (
        Field(default=None, description="Put before every key, for a server that others use too")
    )
    sentinel: Sentinel | None = Field(default=None, description="What the sentinels are asked for; mode Sentinel only")
    admin_ref: SecretKeyRef | None = Field(
        default=None, description="Key with the URL of a user that may change users, for rotation"
    )


class S3(Model):
    """An S3 bucket that exists."""

    cel_rules: ClassVar = (
        Rule(
            "has(self.accessKeyIdRef) == has(self.secretAccessKeyRef)",
            "accessKeyIdRef and secretAccessKeyRef are given together",
            _stores(objectStorage={"s3": {"bucket": "events", "accessKeyIdRef": _KEY}}),
        ),
    )

    bucket: Annotated[str, StringConstraints(min_length=3, max_length=63, pattern=r"^[a-z0-9][a-z0-9.-]*[a-z0-9]$")] = (
        Field(description="Bucket")
    )
    prefix: Annotated[str, StringConstraints(min_length=1, max_length=256)] | None = Field(
        default=None, description="Put before every key"
    )
    region: Text = Field(default="auto", description="Region")
    endpoint: Endpoint | None = Field(default=None, description="Address of an S3 server that is not AWS")
    force_path_style: bool = Field(default=False, description="Bucket in the path, not in the host name")
    access_key_id_ref: SecretKeyRef | None = Field(
        default=None, description="Key with the access key; unset: what the service account's role gives"
    )
    secret_access_key_ref: SecretKeyRef | None = Field(default=None, description="Key with the access key's secret")


class ObjectStorage(Model):
    """Accepted batches, and the files of traces."""

    s3: S3 | None = Field(default=None, description="An S3 bucket")
    external_endpoint: Endpoint | None = Field(
        default=None,
        description="Address at which SDKs and browsers reach the same server, for the files of traces; unset: the one"
        " processes use",
    )


class BundledSizes(Model):
    """Volumes of the bundled stores."""

    postgres: Quantity = Field(default="5Gi", description="Postgres")
    clickhouse: Quantity = Field(default="10Gi", description="ClickHouse")
    redis: Quantity = Field(default="1Gi", description="Redis")
    object_storage: Quantity = Field(default="10Gi", description="Object storage")


class Bundled(Model):
    """Volumes of the single-node stores that profile dev brings along."""

    storage_class: SubdomainName | None = Field(default=None, description="Storage class; unset: the cluster's default")
    sizes: BundledSizes = Field(default_factory=BundledSizes, description="Sizes")


class Stores(Model):
    """Each store that is neither here nor in storesFrom is brought along by profile dev."""

    cel_rules: ClassVar = (
        Rule(
            "!has(self.bundled) || (has(oldSelf.bundled) && self.bundled == oldSelf.bundled)",
            "bundled can't be changed: volumes keep what they were made with",
            _stores(bundled={"sizes": {"postgres": "50Gi"}}),
            _stores(bundled={"sizes": {"postgres": "5Gi"}}),
        ),
    )

    postgres: Postgres = Field(default_factory=Postgres, description="Organizations, projects and keys")
    clickhouse: ClickHouse = Field(default_factory=ClickHouse, description="Traces")
    redis: Redis = Field(default_factory=Redis, description="The queue")
    object_storage: ObjectStorage = Field(
        default_factory=ObjectStorage, description="Accepted batches, and the files of traces"
    )
    bundled: Bundled | None = Field(default=None, description="Volumes of bundled stores; profile dev only")


class StoresFrom(Model):
    """One Secret with the stores' addresses and credentials by the product's own variable names."""

    secret_ref: SecretRef = Field(
        description="Holds DATABASE_URL, CLICKHOUSE_URL, REDIS_…, ELASTICDASH_S3_EVENT_UPLOAD_…"
    )
