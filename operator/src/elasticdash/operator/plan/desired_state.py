"""Everything an instance should consist of: a pure function of what was observed and of the release."""

from collections.abc import Sequence
from dataclasses import dataclass

from elasticdash.operator.api.enums import Reason
from elasticdash.operator.naming import names
from elasticdash.operator.plan import connections, locations, migrations, secrets
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.manifests import (
    autoscaling,
    disruption,
    exposure,
    migration_jobs,
    network,
    services,
    workloads,
)
from elasticdash.operator.plan.manifests.blueprint import WEB, WORKER, Blueprint
from elasticdash.operator.plan.manifests.monitoring import resources as monitoring
from elasticdash.operator.plan.manifests.store_servers import servers
from elasticdash.operator.plan.migrations import Plan, Rollout, Target
from elasticdash.operator.plan.observed import ChildKey, Manifest, Observed
from elasticdash.operator.plan.release import Release


@dataclass(frozen=True, slots=True)
class DesiredState:
    """Objects to apply, in this order, and keys of live ones to leave exactly as they are.

    Every other child of the instance is to be pruned. `migration` is None while the stores' addresses aren't known.
    """

    manifests: tuple[Manifest, ...]
    kept: frozenset[ChildKey]
    migration: Plan | None


def desired_state(observed: Observed, release: Release) -> DesiredState:
    """What an instance should consist of now. Its generated Secrets must have been observed (`secrets.generated`)."""
    blueprint = Blueprint(secrets.completed(observed), release)
    plan = None if connections.missing(blueprint.observed) else migrations.plan(blueprint.observed, target(blueprint))
    if plan is None or plan.reason is Reason.RETARGET_BLOCKED:
        # It isn't known which stores are meant: what runs is left alone, with everything it needs.
        return DesiredState((), frozenset(observed.children), plan)
    jobs, kept_jobs = _jobs(blueprint, plan)
    if _is_moving(observed, plan):
        return DesiredState((*_for_move(blueprint), *jobs), frozenset(observed.children), plan)
    deployments, kept_deployments = _deployments(blueprint, plan)
    manifests = (
        *secrets.manifests(blueprint.observed),
        *services.service_accounts(blueprint),
        *network.policies(blueprint),
        *servers.store_servers(blueprint),
        *services.services(blueprint),
        *jobs,
        *deployments,
        *disruption.budgets(blueprint),
        *(autoscaling.autoscalers(blueprint) if deployments or kept_deployments else ()),
        *exposure.exposure(blueprint),
        *monitoring.monitoring(blueprint),
    )
    return DesiredState(manifests, frozenset(kept_jobs + kept_deployments), plan)


def has_stores(observed: Observed, release: Release) -> bool:
    """Whether nothing is to be claimed: the stores are this instance's already, or it isn't known which are meant."""
    blueprint = Blueprint(secrets.completed(observed), release)
    return bool(connections.missing(blueprint.observed)) or migrations.is_claimed(observed, target(blueprint))


def target(blueprint: Blueprint) -> Target:
    """What the schemas have to fit: web's image, and where the data is."""
    observed = blueprint.observed
    return Target(blueprint.version, blueprint.web_image, locations.postgres(observed), locations.clickhouse(observed))


def _is_moving(observed: Observed, plan: Plan) -> bool:
    """Whether other stores than those in use are being made ready."""
    used = observed.instance.status.migrations.applied_target
    return used not in (None, plan.target.stores) and not plan.is_applied


def _for_move(blueprint: Blueprint) -> Sequence[Manifest]:
    """What migrating the new stores takes; all that uses the old ones stays as it is meanwhile."""
    return [
        *secrets.during_move(blueprint.observed),
        *services.service_accounts(blueprint),
        *network.policies_for_move(blueprint),
        *servers.store_servers(blueprint),
    ]


def _jobs(blueprint: Blueprint, plan: Plan) -> tuple[Sequence[Manifest], list[ChildKey]]:
    """A Job can't be changed once it is there: it is kept until it is pruned."""
    made: list[Manifest] = []
    kept: list[ChildKey] = []
    for store in plan.jobs:
        key = ("Job", migrations.job_name(blueprint.name, store, plan.target))
        if key in blueprint.observed.children:
            kept.append(key)
        else:
            made.append(migration_jobs.migration(blueprint, store, plan.target, plan.annotations))
    return made, kept


def _deployments(blueprint: Blueprint, plan: Plan) -> tuple[Sequence[Manifest], list[ChildKey]]:
    """Web and workers of the version whose schema is there.

    While a migration is due the images that run now go on under the rest of the spec, so that drift is repaired and
    new credentials reach them.
    """
    keys: list[ChildKey] = [("Deployment", name) for name in (names.web(blueprint.name), names.worker(blueprint.name))]
    live = [key for key in keys if key in blueprint.observed.children]
    if plan.rollout is Rollout.FOLLOW:
        return _both(blueprint, blueprint.web_image, blueprint.worker_image), []
    images = [_running_image(blueprint, key, component) for key, component in zip(keys, (WEB, WORKER), strict=True)]
    if plan.rollout is Rollout.WAIT or not all(images):
        return (), live
    return _both(blueprint, *images), []


def _both(blueprint: Blueprint, web_image: str, worker_image: str) -> Sequence[Manifest]:
    return [workloads.web(blueprint, web_image), workloads.worker(blueprint, worker_image)]


def _running_image(blueprint: Blueprint, key: ChildKey, component: str) -> str:
    """What the live Deployment runs; what the status remembers of one that was deleted."""
    status = blueprint.instance.status
    remembered = status.web.image if component == WEB else status.worker.image
    live = blueprint.observed.children.get(key, {})
    for container in facts.parts(live, "spec", "template", "spec", "containers"):
        if container.get("name") == component:
            return str(container.get("image") or "")
    return remembered or ""
