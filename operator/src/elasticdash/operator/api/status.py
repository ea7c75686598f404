"""What an instance is: written by the operator only, with no value that changes by itself."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from elasticdash.operator.api.enums import Phase, RotationClass
from elasticdash.operator.api.types import Model

_Line = Annotated[str, StringConstraints(max_length=1024)]
_Long = Annotated[str, StringConstraints(max_length=8192)]


class Condition(Model):
    """One thing that is true, false or not known."""

    type: Annotated[str, StringConstraints(max_length=64)] = Field(description="What it is about")
    status: Literal["True", "False", "Unknown"] = Field(description="True, False or Unknown")
    observed_generation: int | None = Field(default=None, description="metadata.generation it was judged at")
    last_transition_time: Annotated[str, StringConstraints(max_length=64)] = Field(
        description="When status last changed", json_schema_extra={"format": "date-time"}
    )
    reason: Annotated[str, StringConstraints(max_length=64)] = Field(description="Why, in one word")
    message: _Long = Field(default="", description="Why, in a sentence, and what to do")


class VersionStatus(Model):
    """Versions of the Logger."""

    desired: _Line | None = Field(default=None, description="What should run")
    running: _Line | None = Field(default=None, description="What all pods run")
    previous: _Line | None = Field(default=None, description="What ran before")


class MigrationRun(Model):
    """A migration that ended."""

    store: Literal["postgres", "clickhouse"] = Field(description="Store")
    identity: _Line = Field(description="Identity")
    job: _Line = Field(description="Job")
    outcome: _Line = Field(description="Outcome: done, failed_statement, locked, unreachable, …")
    message: _Long | None = Field(default=None, description="What it said")
    statement: _Long | None = Field(default=None, description="Its last statement")
    hint: _Long | None = Field(default=None, description="What to do")


class MigrationStatus(Model):
    """Where the stores' schemas are."""

    applied_identity: _Line | None = Field(default=None, description="Identity that both stores are at")
    applied_version: _Line | None = Field(default=None, description="Version that migrated last")
    applied_target: _Line | None = Field(default=None, description="Hash of the stores' addresses that were migrated")
    claimed_target: _Line | None = Field(
        default=None, description="Hash of the stores' addresses that no other instance may migrate"
    )
    pending_identity: _Line | None = Field(default=None, description="Identity that waits, runs or failed")
    last_job: _Line | None = Field(default=None, description="Job that ran last")
    retried: _Line | None = Field(default=None, description="Value of the retry annotation that was honoured last")
    history: Annotated[list[MigrationRun], Field(max_length=10)] = Field(
        default_factory=list[MigrationRun], description="The last runs, newest first"
    )


class QueueStatus(Model):
    """The queue when the number of workers was last judged, rounded so that it rarely changes."""

    depth: int | None = Field(default=None, description="Batches no worker has taken")
    pending: int | None = Field(default=None, description="Batches being worked on")
    oldest_age_seconds: int | None = Field(default=None, description="Age of the oldest")


class ComponentStatus(Model):
    """The pods of a component."""

    replicas: int = Field(default=0, description="Pods")
    ready: int = Field(default=0, description="Pods that are ready")
    updated: int = Field(default=0, description="Pods of the present template")
    summary: _Line | None = Field(default=None, description="ready/replicas")
    selector: _Line | None = Field(default=None, description="Label selector of the pods")
    image: _Line | None = Field(default=None, description="Image")
    config_hash: _Line | None = Field(default=None, description="Hash of the configuration")
    autoscaler: _Line | None = Field(default=None, description="Who sets the number of pods: KEDA, HPA, Builtin, None")


class WorkerStatus(ComponentStatus):
    """The workers."""

    queue: QueueStatus | None = Field(default=None, description="What is before them")


class Issue(Model):
    """A pod that has a problem."""

    component: _Line = Field(description="Component")
    pod: _Line = Field(description="Pod")
    container: _Line | None = Field(default=None, description="Container")
    reason: _Line = Field(description="Reason, as Kubernetes names it")
    message: _Line | None = Field(default=None, description="Message")
    hint: _Line | None = Field(default=None, description="What to do")
    fatal: bool = Field(default=False, description="Whether it won't mend by itself")


class StoreStatus(Model):
    """A store."""

    name: Literal["postgres", "clickhouse", "redis", "objectStorage"] = Field(description="Store")
    host: _Line | None = Field(default=None, description="Address, without credentials")
    bundled: bool = Field(default=False, description="Whether it was brought along")
    reachable: bool | None = Field(default=None, description="Whether it answers; absent: not known")


class RotationStatus(Model):
    """Where the rotation of one class is."""

    rotation_class: RotationClass = Field(alias="class", description="What is rotated")
    phase: _Line = Field(description="Idle, Preparing, Rolling, Verifying, Revoking, Done or Blocked")
    active_id: _Line | None = Field(default=None, description="Which credential is in use; never the credential")
    requested: _Line | None = Field(default=None, description="What asked for it last")
    started: _Line | None = Field(default=None, description="When the present one began")
    last_rotated: _Line | None = Field(default=None, description="When the last one ended")
    next_due: _Line | None = Field(default=None, description="When the next one is due")
    message: _Line | None = Field(default=None, description="What it waits for")


class Endpoints(Model):
    """Where the instance is reached."""

    external: _Line | None = Field(default=None, description="From outside")
    internal: _Line | None = Field(default=None, description="In the cluster")
    ingestion: _Line | None = Field(default=None, description="OpenTelemetry endpoint")


class LoggerStatus(Model):
    """What an instance is."""

    observed_generation: int | None = Field(default=None, description="metadata.generation this was made from")
    phase: Phase | None = Field(default=None, description="One word, made from the conditions")
    message: _Line | None = Field(default=None, description="The first thing that is not as it should be")
    version: VersionStatus = Field(default_factory=VersionStatus, description="Versions")
    migrations: MigrationStatus = Field(default_factory=MigrationStatus, description="Schemas")
    web: ComponentStatus = Field(default_factory=ComponentStatus, description="Web")
    worker: WorkerStatus = Field(default_factory=WorkerStatus, description="Workers")
    issues: Annotated[list[Issue], Field(max_length=20)] = Field(
        default_factory=list[Issue], description="Pods that have a problem"
    )
    stores: Annotated[list[StoreStatus], Field(max_length=8)] = Field(
        default_factory=list[StoreStatus],
        description="Stores",
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
    )
    rotation: Annotated[list[RotationStatus], Field(max_length=8)] = Field(
        default_factory=list[RotationStatus],
        description="Rotations",
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["class"]},
    )
    endpoints: Endpoints = Field(default_factory=Endpoints, description="Where it is reached")
    generated_secrets: Annotated[list[_Line], Field(max_length=16)] = Field(
        default_factory=list[_Line], description="Secrets the operator made"
    )
    conditions: Annotated[list[Condition], Field(max_length=32)] = Field(
        default_factory=list[Condition],
        description="What is true, false or not known",
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]},
    )
