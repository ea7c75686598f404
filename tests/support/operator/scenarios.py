"""Instances that together have every field set, and everything that is decided about one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from elasticdash.operator import reconcile
from elasticdash.operator.api.enums import RotationClass, WorkerScaling
from elasticdash.operator.api.logger import LoggerSpec
from elasticdash.operator.api.status import LoggerStatus
from elasticdash.operator.plan import desired_state, profiles, scaling, secrets
from elasticdash.operator.plan.manifests.blueprint import Blueprint
from elasticdash.operator.plan.observed import Observed, QueueSignal
from elasticdash.operator.rotation import requests
from support.operator import looks


def _key(name: str) -> dict[str, str]:
    return {"name": name, "key": "value"}


_URL_VALUES = {
    "postgres-url": "postgresql://logger:secret@db.example.com:5432/logger",
    "redis-url": "redis://:secret@redis.example.com:6379/0",
    "secret": "secret",
    "stores": "",
}
# Each Secret and each key also by the name a mutant gives it.
SECRETS: Mapping[str, Mapping[str, str]] = {
    name + ending: {**looks.STORES, "value": value, "value-b": value}
    for name, value in _URL_VALUES.items()
    for ending in ("", "-b")
}

_OPTIONS = {
    "tls": {"trustedCaRef": _key("secret")},
    "env": [{"name": "TZ", "value": "UTC"}],
    "secrets": {"existingRef": {"name": "secret"}},
    "bootstrap": {"adminUser": {"passwordRef": _key("secret")}},
}
_S3 = {"bucket": "events", "accessKeyIdRef": _key("secret"), "secretAccessKeyRef": _key("secret")}
_PARTS = {"host": "db:5432", "database": "logger", "user": "logger", "passwordRef": _key("secret")}


@dataclass(frozen=True)
class Scenario:
    """A spec in its surroundings. `applied` says what the schemas are at: this plan, nothing, or other stores."""

    spec: Mapping[str, Any]
    applied: str = "this"
    capabilities: frozenset[str] = field(default=looks.EVERY_API)

    def decisions(self, spec: Mapping[str, Any]) -> tuple[Any, ...]:
        """Everything pure that is decided about the scenario with this spec in place of its own."""
        found = self._observed(spec)
        random = looks.random_source()
        return (
            reconcile.is_paused(found.instance),
            desired_state.desired_state(found, looks.RELEASE),
            secrets.generated(replace(found, secrets=SECRETS), random),
            _sizes(found),
            [requests.next_due(found, each, None) for each in RotationClass],
        )

    def identity(self) -> str:
        """What a migration to the present spec is called."""
        return desired_state.target(Blueprint(self._observed(self.spec), looks.RELEASE)).identity

    def _observed(self, spec: Mapping[str, Any]) -> Observed:
        found = looks.look(spec, given=SECRETS, capabilities=self.capabilities)
        applied = {
            "this": lambda: looks.migrated(found).instance.status,
            "nothing": lambda: looks.claimed(found).instance.status,
            "other stores": lambda: LoggerStatus.model_validate(
                {"migrations": {"appliedIdentity": "0" * 16, "appliedTarget": "1" * 16}}
            ),
        }[self.applied]()
        return replace(found, instance=replace(found.instance, status=applied))


def _sizes(found: Observed) -> list[int]:
    """Numbers of workers that Builtin scaling comes to: little to do, late, much to do, nothing to do, blind."""
    if profiles.worker_scaling(found.instance.spec, found.capabilities) is not WorkerScaling.BUILTIN:
        return []
    signals = [
        *[QueueSignal(lag=700, pending=0, oldest_age_seconds=5.0)] * 3,
        *[QueueSignal(lag=700, pending=0, oldest_age_seconds=90.0)] * 6,
        *[QueueSignal(lag=90_000, pending=100, oldest_age_seconds=300.0)] * 12,
        *[QueueSignal(lag=0, pending=0, oldest_age_seconds=0.0)] * 60,
        *[None] * 8,
    ]
    sizes = [1]
    memory = scaling.Memory(since=0.0)
    for number, signal in enumerate(signals):
        decision = scaling.decide(sizes[-1], signal, found.instance.spec, memory, 15.0 * number)
        sizes.append(decision.replicas)
        memory = decision.memory
    return sizes


SCENARIOS: Mapping[str, Scenario] = {
    "dev": Scenario({"profile": "dev", **_OPTIONS, "stores": {"bundled": {"storageClass": "fast"}}}),
    "dev that scales": Scenario(
        {
            "profile": "dev",
            "web": {"autoscaling": {"mode": "HPA"}},
            "worker": {"autoscaling": {"mode": "HPA"}},
            "stores": {"postgres": {"maxConnections": 80}},
        }
    ),
    "rotating": Scenario(
        {"profile": "dev", "secrets": {"rotation": {"every": "720h", "classes": ["salt", "session-secret"]}}}
    ),
    "standard": Scenario(
        {"storesFrom": {"secretRef": {"name": "stores"}}, "worker": {"autoscaling": {"mode": "Auto"}}}
    ),
    "without KEDA": Scenario(
        {"storesFrom": {"secretRef": {"name": "stores"}}, "worker": {"autoscaling": {"mode": "Builtin"}}},
        capabilities=frozenset(),
    ),
    "stores by URL": Scenario(
        {
            "stores": {
                "postgres": {
                    "urlRef": _key("postgres-url"),
                    "directUrlRef": _key("postgres-url"),
                    "adminRef": _key("postgres-url"),
                },
                "clickhouse": {
                    "url": "http://clickhouse:8123",
                    "user": "logger",
                    "passwordRef": _key("secret"),
                    "adminRef": _key("secret"),
                },
                "redis": {"urlRef": _key("redis-url"), "adminRef": _key("redis-url")},
                "objectStorage": {"s3": _S3},
            }
        }
    ),
    "stores by parts": Scenario(
        {
            "stores": {
                "postgres": {**_PARTS, "sslMode": "require"},
                "clickhouse": {"url": "http://clickhouse:8123", "clusterName": "default"},
                "redis": {
                    "mode": "Sentinel",
                    "nodes": ["a:26379"],
                    "passwordRef": _key("secret"),
                    "sentinel": {"masterName": "main", "username": "watcher", "passwordRef": _key("secret")},
                },
                "objectStorage": {"s3": {"bucket": "events"}},
            }
        }
    ),
    "exposed": Scenario(
        {
            "storesFrom": {"secretRef": {"name": "stores"}},
            "profile": "production",
            "url": "https://obs.example.com",
            "exposure": {
                "ingress": {"tls": {"secretName": "tls", "issuerRef": {"name": "public"}}},
                "gateway": {"parentRefs": [{"name": "public"}]},
            },
        }
    ),
    "waiting for approval": Scenario({"profile": "dev", "migrations": {"mode": "Manual"}}, applied="nothing"),
    "migrating": Scenario({"profile": "dev"}, applied="nothing"),
    "moved": Scenario({"storesFrom": {"secretRef": {"name": "stores"}}}, applied="other stores"),
}


def complete(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The spec with every default, as the API server holds it."""
    return LoggerSpec.model_validate(spec).model_dump(mode="json", by_alias=True, exclude_none=True)
