"""The two components: web and worker."""

from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from elasticdash.operator.api import types
from elasticdash.operator.api.scaling import WebAutoscaling, WorkerAutoscaling
from elasticdash.operator.api.types import Duration, Model, Overlay, Replicas, Resources, Rule

Digest = Annotated[str, StringConstraints(max_length=71, pattern=r"^sha256:[0-9a-f]{64}$")]
Repository = Annotated[
    str, StringConstraints(min_length=1, max_length=255, pattern=r"^[a-z0-9]([a-z0-9._/-]*[a-z0-9])?$")
]


class ComponentImage(Model):
    """Another image than the one this operator's version comes with."""

    repository: Repository | None = Field(default=None, description="Path in the registry, without registry and tag")
    digest: Digest | None = Field(default=None, description="sha256:…, in place of the version's tag")


class Probes(Model):
    """How the kubelet judges a pod."""

    cel_rules: ClassVar = (
        Rule(
            "duration(self.period) >= duration('1s') && duration(self.timeout) >= duration('1s')",
            "period and timeout are at least 1s",
            {"web": {"probes": {"timeout": "100ms"}}},
        ),
        Rule(
            "duration(self.startupTimeout) >= duration(self.period)",
            "startupTimeout must not be shorter than period",
            {"worker": {"probes": {"startupTimeout": "5s"}}},
        ),
    )

    startup_timeout: Duration = Field(default=timedelta(minutes=2), description="Longest start before it is killed")
    period: Duration = Field(default=timedelta(seconds=10), description="Pause between probes")
    timeout: Duration = Field(default=timedelta(seconds=5), description="Longest wait for an answer")
    failure_threshold: Annotated[int, Field(ge=1, le=100)] = Field(
        default=3, description="Failures in a row that count as one"
    )


class Web(Model):
    """The API and the UI."""

    image: ComponentImage = Field(default_factory=ComponentImage, description="Its image")
    replicas: Replicas = Field(default=1, description="Pods, where autoscaling is off")
    resources: Resources = Field(
        default_factory=lambda: types.resources("250m", "512Mi", "1Gi"), description="Its container's resources"
    )
    autoscaling: WebAutoscaling = Field(default_factory=WebAutoscaling, description="Number of pods by load")
    probes: Probes = Field(default_factory=Probes, description="How the kubelet judges it")
    pod_template: Overlay | None = Field(
        default=None, description="Laid over the pod template last: containers by name, the rest key by key"
    )


class Worker(Model):
    """What merges, prices and stores."""

    cel_rules: ClassVar = (
        Rule(
            "duration(self.drainTimeout) >= duration('1s') && duration(self.drainTimeout) <= duration('1h')",
            "drainTimeout is between 1s and 1h",
            {"worker": {"drainTimeout": "90m"}},
        ),
    )

    image: ComponentImage = Field(default_factory=ComponentImage, description="Its image")
    replicas: Replicas = Field(default=1, description="Pods, where autoscaling is off; what kubectl scale sets")
    concurrency: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=64, description="Batches a worker holds at the same time"
    )
    drain_timeout: Duration = Field(
        default=timedelta(seconds=30),
        description="Longest wait for unfinished work at a stop; the grace period follows",
    )
    resources: Resources = Field(
        default_factory=lambda: types.resources("250m", "512Mi", "1Gi"), description="Its container's resources"
    )
    autoscaling: WorkerAutoscaling = Field(default_factory=WorkerAutoscaling, description="Number of pods by the queue")
    probes: Probes = Field(default_factory=Probes, description="How the kubelet judges it")
    pod_template: Overlay | None = Field(
        default=None, description="Laid over the pod template last: containers by name, the rest key by key"
    )
