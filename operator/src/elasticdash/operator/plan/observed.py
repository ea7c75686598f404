"""What one look at an instance found: plain facts that planning is a pure function of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, cast

from elasticdash.operator.api.logger import LoggerSpec
from elasticdash.operator.api.status import LoggerStatus

# JSON of a Kubernetes object. What is read from one is judged where it is read.
Json: TypeAlias = Any
Manifest: TypeAlias = Mapping[str, Json]
# Kind and name; children live in the instance's namespace.
ChildKey: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Instance:
    """One ElasticDashLogger as the API server holds it."""

    name: str
    namespace: str
    uid: str
    generation: int
    annotations: Mapping[str, str]
    spec: LoggerSpec
    status: LoggerStatus
    is_deleting: bool = False


@dataclass(frozen=True, slots=True)
class QueueSignal:
    """What waits for workers: batches not taken, batches taken and not finished, age of the oldest of both."""

    lag: int
    pending: int
    oldest_age_seconds: float

    @property
    def items(self) -> int:
        """All unfinished batches; a worker's prefetch moves them from lag to pending, so only the sum counts."""
        return self.lag + self.pending


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another instance: where it is, whether it is older than this one, hashes of the stores it migrated and claims."""

    namespace: str
    name: str
    is_older: bool
    applied_target: str | None
    claimed_target: str | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """An instance and everything around it.

    `capabilities` holds "group/version/Kind" of what the API server serves beyond its own groups and of those too
    ("keda.sh/v1alpha1/ScaledObject"; core kinds are "v1/Secret"). `children` are the live objects that carry the
    instance's labels. `secrets` holds decoded values by Secret and key, of the instance's own Secrets and of every
    Secret its spec refers to; one that doesn't exist is absent. `queue` is None when it can't be known now. `problems`
    is what an unready pod says it misses, by component. `neighbours` are all other instances.
    """

    instance: Instance
    observed_at: datetime
    capabilities: frozenset[str] = frozenset()
    children: Mapping[ChildKey, Manifest] = field(default_factory=dict[ChildKey, Manifest])
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    pods: tuple[Manifest, ...] = ()
    queue: QueueSignal | None = None
    problems: Mapping[str, str] = field(default_factory=dict[str, str])
    neighbours: tuple[Neighbour, ...] = ()


def key_of(manifest: Manifest) -> ChildKey:
    """The kind and name of an object."""
    return str(manifest["kind"]), str(manifest["metadata"]["name"])


def part(manifest: Manifest, *path: str) -> Manifest:
    """The object at this path; empty when a part of the way is not there."""
    found: Json = manifest
    for name in path:
        found = cast("Manifest", found).get(name) if isinstance(found, Mapping) else None
    return cast("Manifest", found) if isinstance(found, Mapping) else {}


def parts(manifest: Manifest, *path: str) -> Sequence[Manifest]:
    """The objects of the list at this path; empty when a part of the way is not there."""
    found: Json = part(manifest, *path[:-1]).get(path[-1])
    return cast("Sequence[Manifest]", found) if isinstance(found, list) else ()


def true_condition(manifest: Manifest, name: str) -> Manifest:
    """The condition of this type in an object's status when it is true; else empty."""
    for condition in parts(manifest, "status", "conditions"):
        if condition.get("type") == name and condition.get("status") == "True":
            return condition
    return {}
