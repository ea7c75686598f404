"""ElasticDashLogger: one instance of the Logger."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from elasticdash.operator.api.components import Web, Worker
from elasticdash.operator.api.enums import DeletionPolicy, Profile, PullPolicy
from elasticdash.operator.api.exposure import Exposure, NetworkPolicy, Observability
from elasticdash.operator.api.lifecycle import Bootstrap, Migrations, Secrets, Upgrade
from elasticdash.operator.api.status import LoggerStatus
from elasticdash.operator.api.stores import Stores, StoresFrom
from elasticdash.operator.api.types import (
    Annotations,
    Json,
    Labels,
    Model,
    Overlay,
    Rule,
    SecretKeyRef,
    SubdomainName,
)

_FROM: dict[str, Json] = {"storesFrom": {"secretRef": {"name": "obs-stores"}}}
_PRODUCTION: dict[str, Json] = {"profile": "production", **_FROM}

_POSTGRES_GIVEN = "(has(self.stores.postgres.urlRef) || has(self.stores.postgres.host))"
_CLICKHOUSE_GIVEN = "has(self.stores.clickhouse.url)"
_REDIS_GIVEN = "(has(self.stores.redis.urlRef) || has(self.stores.redis.nodes))"
_S3_GIVEN = "has(self.stores.objectStorage.s3)"
_ROTATES = "self.secrets.rotation.classes.exists(c, c == '{0}')"


def _rotated(store: str) -> dict[str, Json]:
    return {"profile": "dev", "secrets": {"rotation": {"every": "720h", "classes": [store]}}}


class Image(Model):
    """Where images come from."""

    registry: (
        Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[a-z0-9]([a-z0-9.:/_-]*[a-z0-9])?$")]
        | None
    ) = Field(default=None, description="Registry of all images, those of stores and Jobs included")
    pull_policy: PullPolicy = Field(default=PullPolicy.IF_NOT_PRESENT, description="When images are fetched")
    pull_secrets: Annotated[list[SubdomainName], Field(max_length=8)] = Field(
        default_factory=list[SubdomainName], description="Secrets with the registry's credentials"
    )


class Tls(Model):
    """Whom to trust."""

    trusted_ca_ref: SecretKeyRef | None = Field(
        default=None, description="Key with certificates (PEM) of authorities that the stores' certificates come from"
    )


class Security(Model):
    """What pods run as; everything else is what the restricted pod security standard asks for."""

    run_as_user: Annotated[int, Field(ge=1, le=2_147_483_647)] = Field(default=10001, description="User id")
    fs_group: Annotated[int, Field(ge=1, le=2_147_483_647)] = Field(default=10001, description="Group id of volumes")
    read_only_root_filesystem: bool = Field(default=True, description="Whether only /tmp can be written to")


class Scheduling(Model):
    """Where pods run; a component's podTemplate goes before it."""

    node_selector: Labels = Field(default_factory=dict, description="Labels a node must have")
    tolerations: Annotated[list[Overlay], Field(max_length=32)] = Field(
        default_factory=list[Overlay], description="Taints (Toleration) that are tolerated"
    )
    affinity: Overlay | None = Field(default=None, description="Affinity")
    topology_spread: Annotated[list[Overlay], Field(max_length=8)] | None = Field(
        default=None, description="TopologySpreadConstraints; unset: over zones and hosts where possible"
    )
    priority_class_name: SubdomainName | None = Field(default=None, description="Priority class")


class ServiceAccount(Model):
    """The pods' identity; they get no token for the cluster's API."""

    annotations: Annotations = Field(default_factory=dict, description="Annotations, as for a cloud's role")


class EnvVar(Model):
    """A variable of web, worker and migrations."""

    cel_rules: ClassVar = (
        Rule(
            "has(self.value) != has(self.valueFrom)",
            "give either value or valueFrom",
            {"env": [{"name": "TZ"}]},
        ),
        Rule(
            "!(self.name in ['PORT', 'ELASTICDASH_WORKER_PORT', 'ELASTICDASH_OPERATIONS_PORT',"
            " 'ELASTICDASH_OPERATIONS_HOST', 'ELASTICDASH_MIGRATIONS_DIR', 'DATABASE_URL', 'DIRECT_URL',"
            " 'CLICKHOUSE_URL', 'REDIS_CONNECTION_STRING', 'SALT', 'ELASTICDASH_PREVIOUS_SALT', 'NEXTAUTH_SECRET',"
            " 'ELASTICDASH_ACCEPTED_SESSION_SECRETS', 'ENCRYPTION_KEY', 'ELASTICDASH_ACCEPTED_ENCRYPTION_KEYS',"
            " 'ADMIN_API_KEY'])",
            "the operator sets this variable itself",
            {"env": [{"name": "PORT", "value": "80"}]},
        ),
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = Field(
        description="Name"
    )
    value: Annotated[str, StringConstraints(max_length=8192)] | None = Field(default=None, description="Value")
    value_from: Overlay | None = Field(default=None, description="Source (EnvVarSource)")


class LoggerSpec(Model):
    """What an instance should be."""

    cel_rules: ClassVar = (
        Rule(
            f"self.profile == 'dev' || has(self.storesFrom) || ({_POSTGRES_GIVEN} && {_CLICKHOUSE_GIVEN}"
            f" && {_REDIS_GIVEN} && {_S3_GIVEN})",
            "profiles standard and production need storesFrom, or all of postgres, clickhouse, redis and objectStorage",
            {"profile": "standard", "stores": {"clickhouse": {"url": "http://clickhouse:8123"}}},
        ),
        Rule(
            "!has(self.stores.bundled) || (self.profile == 'dev' && !has(self.storesFrom))",
            "stores.bundled is for profile dev without storesFrom",
            {**_FROM, "stores": {"bundled": {}}},
        ),
        Rule(
            "self.profile != 'production' || !has(self.version) || self.version.matches('^[0-9]+[.][0-9]+[.][0-9]+')"
            " || (has(self.web.image.digest) && has(self.worker.image.digest))",
            "profile production needs a full version (1.2.3) or digests of both images",
            {**_PRODUCTION, "version": "1.2"},
        ),
        Rule(
            "self.profile != 'production' || self.web.autoscaling.mode != 'None' || self.web.replicas >= 2",
            "profile production needs at least 2 web replicas",
            {**_PRODUCTION, "web": {"autoscaling": {"mode": "None"}}},
        ),
        Rule(
            "self.profile != 'production' || self.worker.autoscaling.mode != 'None' || self.worker.replicas >= 2",
            "profile production needs at least 2 worker replicas",
            {**_PRODUCTION, "worker": {"autoscaling": {"mode": "None"}}},
        ),
        Rule(
            "self.profile != 'production' || (self.web.autoscaling.minReplicas >= 2"
            " && (self.worker.autoscaling.scaleToZero || self.worker.autoscaling.minReplicas >= 2))",
            "profile production needs minReplicas of at least 2",
            {**_PRODUCTION, "web": {"autoscaling": {"minReplicas": 1}}},
        ),
        Rule(
            "!has(self.stores.postgres.maxConnections) || (self.web.autoscaling.minReplicas"
            " + self.worker.autoscaling.minReplicas) * self.stores.postgres.poolSize"
            " <= self.stores.postgres.maxConnections",
            "stores.postgres.maxConnections must hold a pool for each of the fewest web pods and workers",
            {"stores": {"postgres": {"maxConnections": 30}}},
        ),
        Rule(
            "!has(self.exposure.ingress) || has(self.url) || size(self.exposure.ingress.hosts) > 0",
            "exposure.ingress needs hosts or url",
            {"exposure": {"ingress": {}}},
        ),
        Rule(
            "!has(self.exposure.gateway) || has(self.url) || size(self.exposure.gateway.hostnames) > 0",
            "exposure.gateway needs hostnames or url",
            {"exposure": {"gateway": {"parentRefs": [{"name": "public"}]}}},
        ),
        Rule(
            f"!{_ROTATES.format('postgres')} || has(self.stores.postgres.adminRef)",
            "rotating postgres needs stores.postgres.adminRef, for a bundled store too",
            _rotated("postgres"),
        ),
        Rule(
            f"!{_ROTATES.format('clickhouse')} || has(self.stores.clickhouse.adminRef)",
            "rotating clickhouse needs stores.clickhouse.adminRef, for a bundled store too",
            _rotated("clickhouse"),
        ),
        Rule(
            f"!{_ROTATES.format('redis')} || has(self.stores.redis.adminRef)"
            " || (self.profile == 'dev' && !has(self.stores.redis.urlRef) && !has(self.stores.redis.nodes))",
            "rotating redis needs stores.redis.adminRef, except for the bundled one",
            {**_rotated("redis"), "stores": {"redis": {"nodes": ["redis:6379"]}}},
        ),
    )

    version: (
        Annotated[str, StringConstraints(max_length=64, pattern=r"^[0-9]+(\.[0-9]+){0,2}(-[0-9A-Za-z.-]+)?$")] | None
    ) = Field(default=None, description="The Logger's version; unset: the one this operator comes with")
    profile: Profile = Field(
        default=Profile.STANDARD,
        description="dev brings its own single-node stores and scales nothing; production refuses what is fragile",
    )
    url: (
        Annotated[
            str, StringConstraints(max_length=270, pattern=r"^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$")
        ]
        | None
    ) = Field(default=None, description="Address from outside; unset: that of the Service in the cluster")
    paused: bool = Field(default=False, description="Whether the operator leaves everything as it is")
    deletion_policy: DeletionPolicy = Field(
        default=DeletionPolicy.RETAIN, description="What becomes of bundled stores' volumes and generated Secrets"
    )
    image: Image = Field(default_factory=Image, description="Where images come from")
    web: Web = Field(default_factory=Web, description="The API and the UI")
    worker: Worker = Field(default_factory=Worker, description="What merges, prices and stores")
    stores_from: StoresFrom | None = Field(
        default=None, description="One Secret with the addresses of all stores; stores goes before it, key by key"
    )
    stores: Stores = Field(default_factory=Stores, description="The stores, field by field")
    secrets: Secrets = Field(default_factory=Secrets, description="Secrets and their rotation")
    migrations: Migrations = Field(default_factory=Migrations, description="Migrations of the stores")
    upgrade: Upgrade = Field(default_factory=Upgrade, description="Upgrades")
    exposure: Exposure = Field(default_factory=Exposure, description="Ways to it from outside")
    tls: Tls = Field(default_factory=Tls, description="Whom to trust")
    network_policy: NetworkPolicy = Field(default_factory=NetworkPolicy, description="Network policies")
    observability: Observability = Field(default_factory=Observability, description="Logs and monitoring")
    security: Security = Field(default_factory=Security, description="What pods run as")
    scheduling: Scheduling = Field(default_factory=Scheduling, description="Where pods run")
    service_account: ServiceAccount = Field(default_factory=ServiceAccount, description="The pods' identity")
    env: Annotated[list[EnvVar], Field(max_length=128)] = Field(
        default_factory=list[EnvVar],
        description="More variables of web, worker and migrations",
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
    )
    env_from: Annotated[list[Overlay], Field(max_length=16)] = Field(
        default_factory=list[Overlay], description="Sources (EnvFromSource) of more variables"
    )
    bootstrap: Bootstrap = Field(default_factory=Bootstrap, description="What the first start creates")


class Logger(Model):
    """One instance of ElasticDash Logger."""

    cel_rules: ClassVar = (
        Rule(
            "size(self.metadata.name) <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
            "the name must be a lower-case DNS label of at most 40 characters that starts with a letter",
            {"metadata": {"name": "a" * 41}},
        ),
    )

    spec: LoggerSpec = Field(description="What it should be")
    status: LoggerStatus = Field(default_factory=LoggerStatus, description="What it is")
