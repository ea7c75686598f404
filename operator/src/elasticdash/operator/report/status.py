"""What an instance's status says: a pure function of what was observed and of what came of a look at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from elasticdash.operator.api.enums import ConditionType, Phase, Reason
from elasticdash.operator.api.status import (
    Condition,
    Endpoints,
    Issue,
    LoggerStatus,
    MigrationRun,
    MigrationStatus,
    QueueStatus,
    RotationStatus,
    StoreStatus,
    VersionStatus,
    WorkerStatus,
)
from elasticdash.operator.naming import labels
from elasticdash.operator.plan import job_reports
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.migrations import Plan
from elasticdash.operator.plan.observed import Instance, Observed, QueueSignal
from elasticdash.operator.report import component_status
from elasticdash.operator.report.component_status import Judgement

_WEB_PORT = 3000
_MOST_RUNS = 10
_LONGEST_MESSAGE = 8000
_SHOWN_CHARACTERS = 1000
# A queue whose oldest batch is this many times too old does not move at all.
_STUCK_FACTOR = 10
# Between two of these nothing is written: 0 stays 0, everything else is rounded down.
_AGE_STEPS = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400)
_BLOCKING = frozenset(
    {
        *(Reason.FAILED, Reason.TIMED_OUT, Reason.CHECK_FAILED, Reason.AWAITING_APPROVAL, Reason.LOCK_HELD),
        *(Reason.DOWNGRADE_REFUSED, Reason.RETARGET_BLOCKED, Reason.OWNED_BY_OTHER),
        Reason.UNREACHABLE,
    }
)
# Ready is false when one of these is, for the reason of the first.
_NEEDED = (
    *(ConditionType.SPEC_VALID, ConditionType.SECRETS_READY, ConditionType.STORES_READY),
    *(ConditionType.MIGRATIONS_APPLIED, ConditionType.RECONCILE_SUCCEEDED),
    *(ConditionType.WEB_READY, ConditionType.WORKERS_READY),
)

Judged = dict[ConditionType, Judgement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a look: decisions, and what went wrong.

    `names` are those of web's and the workers' Deployments, `images` what these should run. `missing` are sentences
    about settings that aren't there. `failure` says why objects could not be written. `runs` are the migration Jobs
    that ended. `scaling` judges the workers' autoscaling; `autoscalers` say who sets the numbers.
    """

    names: tuple[str, str]
    images: tuple[str, str]
    desired_version: str
    migration: Plan | None = None
    missing: tuple[str, ...] = ()
    failure: Judgement | None = None
    runs: tuple[MigrationRun, ...] = ()
    scaling: Judgement
    autoscalers: tuple[str, str]
    stores: tuple[StoreStatus, ...] = ()
    rotation: tuple[RotationStatus, ...] = ()
    generated_secrets: tuple[str, ...] = ()


def status(observed: Observed, outcome: Outcome) -> LoggerStatus:
    """The whole status as it should now be; equal to the present one when nothing has changed."""
    before = observed.instance.status
    web_name, worker_name = outcome.names
    web = component_status.of(observed, web_name, "web", outcome.autoscalers[0])
    worker = component_status.of(observed, worker_name, "worker", outcome.autoscalers[1])
    issues = component_status.issues(observed)
    judged = _judged(observed, outcome, issues)
    version = _version(observed, outcome, judged)
    judged[ConditionType.UPGRADE_PROGRESSING] = _upgrade(version, judged)
    judged[ConditionType.READY] = _ready(judged)
    phase = _phase(observed, outcome.migration, judged)
    ready = judged[ConditionType.READY]
    return LoggerStatus(
        observed_generation=observed.instance.generation,
        phase=phase,
        message=None if ready.status == "True" else ready.message[:_SHOWN_CHARACTERS],
        version=version,
        migrations=_migrations(before.migrations, outcome),
        web=web,
        worker=WorkerStatus(**worker.model_dump(), queue=_queue(observed.queue)),
        issues=list(issues),
        stores=list(outcome.stores),
        rotation=list(outcome.rotation),
        endpoints=_endpoints(observed.instance, web_name),
        generated_secrets=list(outcome.generated_secrets),
        conditions=_conditions(observed, judged),
    )


def changed(before: LoggerStatus, at: str, generation: int, phase: Phase, judged: Judged) -> LoggerStatus:
    """The status with a few conditions judged anew and everything else as it was: nothing else was looked at."""
    conditions = {condition.type: condition for condition in before.conditions}
    for name, judgement in judged.items():
        conditions[name] = _condition(conditions.get(name), name, judgement, at, generation)
    update = {"observed_generation": generation, "phase": phase, "conditions": list(conditions.values())}
    return before.model_copy(update=update)


def timestamp(at: datetime) -> str:
    """A time as Kubernetes writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _judged(observed: Observed, outcome: Outcome, issues: Sequence[Issue]) -> Judged:
    web_name, worker_name = outcome.names
    judged: Judged = {
        ConditionType.SPEC_VALID: Judgement("True", Reason.VALID, "The specification can be followed"),
        ConditionType.SECRETS_READY: _secrets(outcome),
        ConditionType.WEB_READY: component_status.judge(observed, web_name, "web", issues),
        ConditionType.WORKERS_READY: component_status.judge(observed, worker_name, "worker", issues),
        ConditionType.MIGRATIONS_APPLIED: _migration(outcome),
        ConditionType.AUTOSCALING_ACTIVE: outcome.scaling,
        ConditionType.QUEUE_HEALTHY: _queue_health(observed),
        ConditionType.ROTATION_READY: _rotation(outcome.rotation),
        ConditionType.PAUSED: Judgement("False", Reason.NOT_PAUSED),
        ConditionType.RECONCILE_SUCCEEDED: outcome.failure or Judgement("True", Reason.SUCCEEDED),
    }
    judged[ConditionType.STORES_READY] = _stores(observed, outcome, judged)
    return judged


def _secrets(outcome: Outcome) -> Judgement:
    if outcome.missing:
        return Judgement("False", Reason.MISSING, "; ".join(outcome.missing)[:_SHOWN_CHARACTERS])
    return Judgement("True", Reason.GENERATED, "All Secrets and their keys are there")


def _migration(outcome: Outcome) -> Judgement:
    plan = outcome.migration
    if plan is None:
        return Judgement("False", Reason.WAITING, "Waits until it is known where the stores are")
    return Judgement("True" if plan.is_applied else "False", plan.reason, plan.message)


def _stores(observed: Observed, outcome: Outcome, judged: Judged) -> Judgement:
    """From the checks before a migration; later from web and workers, which are ready only while stores answer."""
    plan = outcome.migration
    if plan is not None and plan.checks:
        first = plan.checks[0]
        return Judgement("False", first.reason, "; ".join(f"{each.store}: {each.message}" for each in plan.checks))
    if plan is not None and plan.reason is Reason.WAITING:
        return Judgement("False", Reason.STARTING, plan.message)
    if plan is not None and plan.reason is Reason.UNREACHABLE:
        return Judgement("False", Reason.UNREACHABLE, plan.message)
    parts = (judged[ConditionType.WEB_READY], judged[ConditionType.WORKERS_READY])
    if all(part.status == "True" for part in parts):
        return Judgement("True", Reason.REACHABLE, "Web and workers reach all stores")
    if observed.problems:
        said = (f"{component}: {problem}" for component, problem in sorted(observed.problems.items()))
        return Judgement("False", Reason.UNREACHABLE, "; ".join(said))
    if silent := [store.name for store in outcome.stores if store.reachable is False]:
        return Judgement("False", Reason.UNREACHABLE, f"{', '.join(silent)} can't be reached")
    return Judgement("Unknown", Reason.UNKNOWN, "Not known until web and workers are ready")


def _queue_health(observed: Observed) -> Judgement:
    signal = observed.queue
    if signal is None:
        return Judgement("Unknown", Reason.UNKNOWN, "The queue can't be read now")
    limit = observed.instance.spec.worker.autoscaling.max_oldest_age.total_seconds()
    if not signal.items or signal.oldest_age_seconds <= limit:
        return Judgement("True", Reason.WITHIN_TARGET, "What waits is younger than worker.autoscaling.maxOldestAge")
    if signal.oldest_age_seconds > limit * _STUCK_FACTOR:
        return Judgement("False", Reason.STUCK, "What waits gets older and older: look at the workers' log")
    return Judgement("False", Reason.BACKLOGGED, "What waits is older than worker.autoscaling.maxOldestAge")


def _rotation(rotations: Sequence[RotationStatus]) -> Judgement:
    blocked = [each for each in rotations if each.phase == "Blocked"]
    if blocked:
        message = "; ".join(f"{each.rotation_class}: {each.message or 'blocked'}" for each in blocked)
        is_refusal = any("refused" in (each.message or "").lower() for each in blocked)
        return Judgement("False", Reason.STORE_REJECTED if is_refusal else Reason.BLOCKED, message)
    running = [str(each.rotation_class) for each in rotations if each.phase not in ("Idle", "Done")]
    if running:
        return Judgement("True", Reason.IN_PROGRESS, f"Rotates {', '.join(running)}")
    return Judgement("True", Reason.IDLE, "Nothing is being rotated")


def _upgrade(version: VersionStatus, judged: Judged) -> Judgement:
    if version.running == version.desired:
        return Judgement("False", Reason.UP_TO_DATE, f"All pods run {version.running}")
    step = next(
        (judged[name] for name in (*_NEEDED[1:4], *_NEEDED[5:]) if judged[name].status != "True"),
        Judgement("False", Reason.ROLLING),
    )
    stays = f"; {version.running} runs on" if version.running else ""
    is_refused = judged[ConditionType.MIGRATIONS_APPLIED].reason in _BLOCKING
    if is_refused or step.reason is Reason.UPGRADE_BLOCKED:
        return Judgement("False", Reason.UPGRADE_BLOCKED, f"{step.message}{stays}")
    return Judgement("True", Reason.IN_PROGRESS, f"To {version.desired}: {step.message}{stays}")


def _ready(judged: Judged) -> Judgement:
    for name in _NEEDED:
        if judged[name].status == "False":
            return Judgement("False", judged[name].reason, f"{name}: {judged[name].message}")
    return Judgement("True", Reason.ALL_COMPONENTS_READY, "Web and workers of the present specification are ready")


def _phase(observed: Observed, plan: Plan | None, judged: Judged) -> Phase:
    ready = judged[ConditionType.READY]
    if ready.status == "True":
        return Phase.READY
    is_refused = judged[ConditionType.MIGRATIONS_APPLIED].reason in _BLOCKING
    if is_refused or judged[ConditionType.SECRETS_READY].status == "False":
        return Phase.BLOCKED
    if plan is not None and plan.reason is Reason.RUNNING:
        return Phase.PREFLIGHT if _is_in_preflight(observed) else Phase.MIGRATING
    if plan is None or plan.reason is Reason.WAITING:
        return Phase.PENDING
    if ready.reason in (Reason.ROLLING, Reason.WAITING, Reason.STARTING):
        return Phase.PROGRESSING
    return Phase.DEGRADED


def _is_in_preflight(observed: Observed) -> bool:
    return any(
        container.get("name") == job_reports.PREFLIGHT and not facts.part(container, "state", "terminated")
        for pod in observed.pods
        for container in facts.parts(pod, "status", "initContainerStatuses")
    )


def _version(observed: Observed, outcome: Outcome, judged: Judged) -> VersionStatus:
    before = observed.instance.status.version
    deployments = [observed.children.get(("Deployment", name), {}) for name in outcome.names]
    runs_all = all(
        component_status.is_rolled_out(deployment) and component_status.image_of(deployment, component) == image
        for deployment, component, image in zip(deployments, ("web", "worker"), outcome.images, strict=True)
    )
    running, previous = before.running, before.previous
    if runs_all and judged[ConditionType.MIGRATIONS_APPLIED].status == "True" and running != outcome.desired_version:
        running, previous = outcome.desired_version, running
    return VersionStatus(desired=outcome.desired_version, running=running, previous=previous)


def _migrations(before: MigrationStatus, outcome: Outcome) -> MigrationStatus:
    plan = outcome.migration
    new = [run for run in outcome.runs if run not in before.history]
    history = [*reversed(new), *before.history][:_MOST_RUNS]
    if plan is None:
        return before.model_copy(update={"history": history})
    update: dict[str, object] = {"history": history, "pending_identity": plan.target.identity}
    if plan.reason not in (Reason.OWNED_BY_OTHER, Reason.RETARGET_BLOCKED):
        update["claimed_target"] = plan.target.stores
    if plan.is_applied:
        target = plan.target
        update |= {
            "applied_identity": target.identity,
            "applied_version": target.version,
            "applied_target": target.stores,
            "pending_identity": None,
        }
    retried = plan.annotations.get(labels.RETRY_MIGRATION)
    return before.model_copy(update={**update, **({"retried": retried} if retried else {})})


def _queue(signal: QueueSignal | None) -> QueueStatus | None:
    if signal is None:
        return None
    age = max((step for step in _AGE_STEPS if step <= signal.oldest_age_seconds), default=0)
    return QueueStatus(depth=_rounded(signal.lag), pending=_rounded(signal.pending), oldest_age_seconds=age)


def _rounded(count: int) -> int:
    """The first digit and zeros."""
    scale = 10 ** (len(str(count)) - 1)
    return count // scale * scale


def _endpoints(instance: Instance, web_name: str) -> Endpoints:
    internal = f"http://{web_name}.{instance.namespace}.svc:{_WEB_PORT}"
    external = instance.spec.url
    return Endpoints(external=external, internal=internal, ingestion=f"{external or internal}/api/public/otel")


def _conditions(observed: Observed, judged: Mapping[ConditionType, Judgement]) -> list[Condition]:
    before = {condition.type: condition for condition in observed.instance.status.conditions}
    at, generation = timestamp(observed.observed_at), observed.instance.generation
    return [_condition(before.get(name), name, judged[name], at, generation) for name in ConditionType]


def _condition(before: Condition | None, name: str, judged: Judgement, at: str, generation: int) -> Condition:
    is_same = before is not None and before.status == judged.status
    return Condition(
        type=name,
        status=judged.status,
        observed_generation=generation,
        last_transition_time=before.last_transition_time if before is not None and is_same else at,
        reason=judged.reason,
        message=judged.message[:_LONGEST_MESSAGE],
    )
