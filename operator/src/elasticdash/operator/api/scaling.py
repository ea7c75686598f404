"""How many pods there are, and who decides."""

from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from elasticdash.operator.api.enums import WebScaling, WorkerScaling
from elasticdash.operator.api.types import Duration, Json, Model, Rule

_Bound = Annotated[int, Field(ge=1, le=1000)]
_Percent = Annotated[int, Field(ge=1, le=1000)]
_MIN_WITHIN_MAX = "self.minReplicas <= self.maxReplicas"


def _web(**autoscaling: Json) -> dict[str, Json]:
    return {"web": {"autoscaling": autoscaling}}


def _worker(**autoscaling: Json) -> dict[str, Json]:
    return {"worker": {"autoscaling": autoscaling}}


class ScaleUp(Model):
    """How fast pods are added: the larger of both steps."""

    cel_rules: ClassVar = (
        Rule(
            "duration(self.window) <= duration('1h')",
            "window is at most 1h",
            _web(behavior={"scaleUp": {"window": "2h"}}),
        ),
        Rule(
            "duration(self.period) >= duration('1s') && duration(self.period) <= duration('30m')",
            "period is between 1s and 30m",
            _web(behavior={"scaleUp": {"period": "31m"}}),
        ),
    )

    window: Duration = Field(
        default=timedelta(0), description="The lowest number wanted within this time is what counts"
    )
    percent: _Percent = Field(default=100, description="Part of the present pods added in one period")
    pods: _Percent = Field(default=4, description="Pods added in one period")
    period: Duration = Field(default=timedelta(seconds=30), description="Length of a step")


class ScaleDown(Model):
    """How fast pods are taken away."""

    cel_rules: ClassVar = (
        Rule(
            "duration(self.window) <= duration('1h')",
            "window is at most 1h",
            _worker(behavior={"scaleDown": {"window": "61m"}}),
        ),
        Rule(
            "duration(self.period) >= duration('1s') && duration(self.period) <= duration('30m')",
            "period is between 1s and 30m",
            _worker(behavior={"scaleDown": {"period": "500ms"}}),
        ),
    )

    window: Duration = Field(
        default=timedelta(minutes=5), description="The highest number wanted within this time is what counts"
    )
    percent: Annotated[int, Field(ge=1, le=100)] = Field(
        default=25, description="Part of the present pods taken away in one period, at least one pod"
    )
    period: Duration = Field(default=timedelta(minutes=1), description="Length of a step")


class Behavior(Model):
    """How fast the number of pods follows what is wanted."""

    scale_up: ScaleUp = Field(default_factory=ScaleUp, description="Adding pods")
    scale_down: ScaleDown = Field(default_factory=ScaleDown, description="Taking pods away")


class WebAutoscaling(Model):
    """The number of web pods follows their CPU."""

    cel_rules: ClassVar = (
        Rule(_MIN_WITHIN_MAX, "minReplicas must not be above maxReplicas", _web(minReplicas=5, maxReplicas=2)),
    )

    mode: WebScaling = Field(default=WebScaling.AUTO, description="Auto is HPA, and None in profile dev")
    min_replicas: _Bound = Field(default=2, description="Fewest pods")
    max_replicas: _Bound = Field(default=10, description="Most pods")
    target_cpu_percent: _Percent = Field(default=70, description="Aim, in percent of the CPU request")
    behavior: Behavior = Field(default_factory=Behavior, description="How fast")


class Fallback(Model):
    """What happens while the queue can't be read."""

    failure_threshold: Annotated[int, Field(ge=1, le=100)] = Field(
        default=3, description="Failed reads in a row until it applies"
    )
    replicas: _Bound | None = Field(
        default=None, description="Workers then, where there are not more already; unset: minReplicas"
    )


class WorkerAutoscaling(Model):
    """The number of workers follows the queue: what waits, what is taken, and the age of the oldest."""

    cel_rules: ClassVar = (
        Rule(_MIN_WITHIN_MAX, "minReplicas must not be above maxReplicas", _worker(minReplicas=30)),
        Rule(
            "!self.scaleToZero || !(self.mode in ['HPA', 'None'])",
            "scaleToZero needs mode Auto, KEDA or Builtin: CPU can't wake workers up",
            _worker(mode="HPA", scaleToZero=True),
        ),
        Rule(
            "!has(self.fallback.replicas) || self.fallback.replicas <= self.maxReplicas",
            "fallback.replicas must not be above maxReplicas",
            _worker(fallback={"replicas": 21}),
        ),
        Rule(
            "duration(self.maxOldestAge) >= duration('1s') && duration(self.maxOldestAge) <= duration('24h')",
            "maxOldestAge is between 1s and 24h",
            _worker(maxOldestAge="25h"),
        ),
    )

    mode: WorkerScaling = Field(
        default=WorkerScaling.AUTO,
        description="Auto is KEDA where its API exists, else Builtin, and None in profile dev",
    )
    min_replicas: _Bound = Field(default=2, description="Fewest workers, unless scaleToZero")
    max_replicas: _Bound = Field(default=20, description="Most workers")
    target_queue_items: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=500, description="Batches one worker should have before it"
    )
    max_oldest_age: Duration = Field(
        default=timedelta(minutes=1), description="Age of the oldest batch beyond which workers are added"
    )
    target_cpu_percent: _Percent = Field(default=70, description="Aim of mode HPA, in percent of the CPU request")
    scale_to_zero: bool = Field(default=False, description="No workers while nothing waits")
    fallback: Fallback = Field(default_factory=Fallback, description="While the queue can't be read")
    behavior: Behavior = Field(default_factory=Behavior, description="How fast")
