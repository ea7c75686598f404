"""Gathers what came of a look at an instance into what its status is made from."""

from collections.abc import Sequence
from typing import Literal

from elasticdash.operator.api.enums import Reason, WorkerScaling
from elasticdash.operator.api.status import MigrationRun, RotationStatus, StoreStatus
from elasticdash.operator.naming import kinds, names
from elasticdash.operator.naming.stores import Store
from elasticdash.operator.plan import connections, migrations, profiles, scaling, secrets
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.desired_state import DesiredState
from elasticdash.operator.plan.manifests.blueprint import Blueprint
from elasticdash.operator.plan.observed import Observed
from elasticdash.operator.plan.release import Release
from elasticdash.operator.report.component_status import Judgement
from elasticdash.operator.report.status import Outcome

_STORES: dict[Store, Literal["postgres", "clickhouse", "redis", "objectStorage"]] = {
    Store.POSTGRES: "postgres",
    Store.CLICKHOUSE: "clickhouse",
    Store.REDIS: "redis",
    Store.OBJECT_STORE: "objectStorage",
}

# What web and workers call each where they say why they aren't ready.
_SAID: dict[Store, str] = {
    Store.POSTGRES: "metadata store",
    Store.CLICKHOUSE: "clickhouse",
    Store.REDIS: "redis",
    Store.OBJECT_STORE: "object store",
}


def outcome(
    observed: Observed,
    release: Release,
    wanted: DesiredState,
    scaled: scaling.Decision | None,
    failure: Judgement | None,
    rotation: Sequence[RotationStatus],
) -> Outcome:
    """What the status is made from. `scaled` is None where the operator doesn't scale by itself."""
    blueprint, name = Blueprint(observed, release), observed.instance.name
    own = (names.generated_secret(name), secrets.keys_secret(observed), names.stores_secret(name))
    return Outcome(
        names=(names.web(name), names.worker(name)),
        images=(blueprint.web_image, blueprint.worker_image),
        desired_version=blueprint.version,
        migration=wanted.migration,
        missing=tuple(connections.missing(observed)),
        failure=failure,
        runs=tuple(_runs(observed, wanted)),
        scaling=_autoscaling(observed, scaled),
        autoscalers=(blueprint.web_scaling, blueprint.worker_scaling),
        stores=tuple(_stores(observed, wanted)),
        rotation=tuple(rotation),
        generated_secrets=tuple(sorted(secret for secret in own if secret in observed.secrets)),
    )


def _runs(observed: Observed, wanted: DesiredState) -> Sequence[MigrationRun]:
    return migrations.runs(observed, wanted.migration.target) if wanted.migration else ()


def _stores(observed: Observed, wanted: DesiredState) -> Sequence[StoreStatus]:
    failed = {check.store for check in wanted.migration.checks} if wanted.migration else set[str]()
    problems = " ".join(observed.problems.values()).lower()
    found: list[StoreStatus] = []
    for store, connection in connections.of_stores(observed).items():
        hosts = ",".join(f"{each.host}:{each.port}" for each in connection.endpoints if each.host)
        is_failed = store in failed or (store is Store.OBJECT_STORE and "bucket" in failed)
        is_failed = is_failed or _SAID[store] in problems
        if connection.is_bundled:
            server = observed.children.get(("StatefulSet", names.store(observed.instance.name, store)), {})
            is_failed = is_failed or not facts.part(server, "status").get("readyReplicas")
        found.append(
            StoreStatus(
                name=_STORES[store],
                host=hosts or None,
                bundled=connection.is_bundled,
                reachable=False if is_failed else True if connection.is_bundled else None,
            )
        )
    return found


def _autoscaling(observed: Observed, scaled: scaling.Decision | None) -> Judgement:
    mode = profiles.worker_scaling(observed.instance.spec, observed.capabilities)
    if mode is WorkerScaling.NONE:
        return Judgement("False", Reason.DISABLED, "spec.worker.replicas says how many workers there are")
    if mode is WorkerScaling.BUILTIN:
        return _builtin(scaled)
    if mode is WorkerScaling.KEDA:
        return _keda(observed)
    name = names.worker(observed.instance.name)
    scaler = observed.children.get(("HorizontalPodAutoscaler", name), {})
    for condition in facts.parts(scaler, "status", "conditions"):
        if condition.get("type") == "ScalingActive" and condition.get("status") == "False":
            return Judgement("False", Reason.METRIC_UNAVAILABLE, str(condition.get("message") or ""))
    if facts.true_condition(scaler, "ScalingLimited").get("reason") == "TooManyReplicas":
        return Judgement("True", Reason.AT_MAX, "More workers are wanted than worker.autoscaling.maxReplicas")
    return Judgement("True", Reason.HPA, "The number of workers follows their CPU")


def _builtin(scaled: scaling.Decision | None) -> Judgement:
    if scaled is None:
        return Judgement("Unknown", Reason.WAITING, "There are no workers yet")
    if scaled.reason is Reason.METRIC_UNAVAILABLE:
        return Judgement("False", scaled.reason, "Web can't say what waits in the queue; no worker is taken away")
    if scaled.reason is Reason.AT_MAX:
        return Judgement("True", scaled.reason, "More workers are wanted than worker.autoscaling.maxReplicas")
    if scaled.reason is Reason.CONNECTIONS_EXHAUSTED:
        message = "More workers are wanted than stores.postgres.maxConnections has room for"
        return Judgement("True", scaled.reason, message)
    return Judgement("True", Reason.BUILTIN, "The number of workers follows the queue")


def _keda(observed: Observed) -> Judgement:
    if kinds.SCALED_OBJECT not in observed.capabilities:
        return Judgement("False", Reason.METRIC_UNAVAILABLE, "KEDA isn't installed; worker.autoscaling.minReplicas run")
    scaler = observed.children.get(("ScaledObject", names.worker(observed.instance.name)), {})
    for condition in facts.parts(scaler, "status", "conditions"):
        if condition.get("type") in ("Ready", "Active") and condition.get("reason") == "TriggerError":
            return Judgement("False", Reason.METRIC_UNAVAILABLE, str(condition.get("message") or ""))
    return Judgement("True", Reason.KEDA, "KEDA sets the number of workers")
