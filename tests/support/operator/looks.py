"""Instances as the operator would find them, for tests of what it plans."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from elasticdash.operator.api.logger import LoggerSpec
from elasticdash.operator.api.status import LoggerStatus
from elasticdash.operator.naming import kinds
from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import connections, desired_state, observed, secrets
from elasticdash.operator.plan.desired_state import DesiredState
from elasticdash.operator.plan.manifests.blueprint import Blueprint
from elasticdash.operator.plan.observed import ChildKey, Instance, Manifest, Observed
from elasticdash.operator.plan.release import Release

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
RELEASE = Release(operator_namespace="elasticdash-system")
EVERY_API = frozenset({kinds.HTTP_ROUTE, kinds.SCALED_OBJECT, kinds.SERVICE_MONITOR, kinds.PROMETHEUS_RULE})

# One Secret with everything, as a platform team would hand it over.
STORES = {
    "DATABASE_URL": "postgresql://logger:secret@pg.databases.svc:5432/logger",
    "CLICKHOUSE_URL": "https://clickhouse.example.com:8443",
    "CLICKHOUSE_USER": "logger",
    "CLICKHOUSE_PASSWORD": "secret",
    "REDIS_CONNECTION_STRING": "rediss://:secret@10.1.2.3:6380/0",
    "S3_BUCKET": "events",
    "S3_REGION": "eu-central-1",
}
STANDARD = {"storesFrom": {"secretRef": {"name": "obs-platform"}}}
PRODUCTION = {**STANDARD, "profile": "production", "version": "1.2.3", "url": "https://obs.example.com"}
DEV = {"profile": "dev"}


def random_source() -> secrets.RandomSource:
    """Another value at each call, the same ones in every run."""
    count = iter(range(1_000))
    return lambda size: hashlib.sha256(str(next(count)).encode()).hexdigest()[: 2 * size]


def look(
    spec: Mapping[str, Any],
    *children: Manifest,
    given: Mapping[str, Mapping[str, str]] | None = None,
    capabilities: Iterable[str] = (),
    annotations: Mapping[str, str] | None = None,
    status: Mapping[str, Any] | None = None,
) -> Observed:
    """An instance whose own Secrets were generated; `given` are other Secrets, the platform's when nothing is given."""
    instance = Instance(
        *("obs", "default", "uid-of-obs", 1),
        annotations or {},
        LoggerSpec.model_validate(spec),
        LoggerStatus.model_validate(status or {}),
    )
    keyed: dict[ChildKey, Manifest] = {observed.key_of(child): child for child in children}
    found = Observed(
        instance,
        NOW,
        capabilities=frozenset(capabilities),
        children=keyed,
        secrets={"obs-platform": STORES} if given is None else given,
    )
    return secrets.completed(found, secrets.generated(found, random_source()))


def migrated(found: Observed) -> Observed:
    """The same once its schemas are up to date."""
    target = desired_state.target(Blueprint(found, RELEASE))
    status = {"migrations": {"appliedIdentity": target.identity, "appliedTarget": target.stores}}
    return replace(found, instance=replace(found.instance, status=LoggerStatus.model_validate(status)))


def claimed(found: Observed) -> Observed:
    """The same once its status says that the stores are its own."""
    status = found.instance.status
    stores = desired_state.target(Blueprint(found, RELEASE)).stores
    migrations = status.migrations.model_copy(update={"claimed_target": stores})
    return replace(found, instance=replace(found.instance, status=status.model_copy(update={"migrations": migrations})))


def plan(spec: Mapping[str, Any], *children: Manifest, **how: Any) -> DesiredState:
    """What an instance with up-to-date schemas should consist of."""
    return desired_state.desired_state(migrated(look(spec, *children, **how)), RELEASE)


def by_key(state: DesiredState) -> dict[ChildKey, Any]:
    """The objects by kind and name."""
    return {observed.key_of(manifest): manifest for manifest in state.manifests}


def pod_of(state: DesiredState, kind: str, name: str) -> Any:
    """The pod's spec of a Deployment, StatefulSet or Job."""
    return by_key(state)[kind, name]["spec"]["template"]["spec"]


def variables_of(state: DesiredState, kind: str, name: str) -> dict[str, Any]:
    """The variables of the first container: a value, or `secret/key`."""
    entries = pod_of(state, kind, name)["containers"][0]["env"]
    return {entry["name"]: entry.get("value", _source(entry)) for entry in entries}


def settings_of(found: Observed, store: Store) -> dict[str, str]:
    """A store's settings: a value, or `secret/key`."""
    settings = connections.of_store(found, store).settings
    return {
        name: source if isinstance(source, str) else f"{source.name}/{source.key}" for name, source in settings.items()
    }


def _source(entry: Any) -> str:
    reference = entry.get("valueFrom", {}).get("secretKeyRef", {})
    return f"{reference.get('name')}/{reference.get('key')}"
