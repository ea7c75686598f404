"""Which migration Job is due, whether web and worker may follow, and what a failed one means: pure decisions."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from elasticdash.operator.api.enums import MigrationMode, Reason
from elasticdash.operator.api.status import MigrationRun
from elasticdash.operator.naming import labels
from elasticdash.operator.plan import job_reports
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.job_reports import Check, Report
from elasticdash.operator.plan.observed import Manifest, Observed

# In this order; both run under the advisory lock that the product takes in Postgres.
STORES: tuple[Literal["postgres"], Literal["clickhouse"]] = ("postgres", "clickhouse")
# A class that may pass by itself is tried again this long after its Job gave up; the Job itself tried more often.
RETRY_AFTER = timedelta(seconds=60)

_REASONS: Mapping[str, Reason] = {
    "locked": Reason.LOCK_HELD,
    "newer_schema": Reason.DOWNGRADE_REFUSED,
    "unreachable": Reason.UNREACHABLE,
}
_RETARGETED = (
    "The stores are others than those that were migrated; the data would stay behind. Put the old ones back, or set"
    " spec.migrations.allowRetarget: '{identity}' when the data was moved. Until then everything runs on as it is"
)

_OWNED = (
    "The stores are those of {owner}: give this one a database of its own at Postgres and at ClickHouse, or delete the"
    " other. Until then nothing is touched"
)


class Rollout(StrEnum):
    """What web and worker may do: follow the specification, stay as they run, or not start yet."""

    FOLLOW = "follow"
    KEEP = "keep"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Target:
    """What a migration leads to: an image, and where the stores are (without user or password)."""

    version: str
    image: str
    postgres: str
    clickhouse: str

    @property
    def stores(self) -> str:
        """Sixteen hex digits that stand for the databases; credentials change without changing it."""
        return _digest(self.postgres, self.clickhouse)

    @property
    def is_named_everywhere(self) -> bool:
        """Whether both hosts' names mean the same server in every namespace."""
        return all("." in place.split("/")[0] for place in (self.postgres, self.clickhouse))

    @property
    def identity(self) -> str:
        """Sixteen hex digits that stand for everything here; the first eight end the names of the Jobs."""
        return _digest(self.version, self.image, self.postgres, self.clickhouse)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about migrations now; `target` is what for.

    `jobs` are the stores whose Job has to exist: an existing one is kept as it is, any other Job is pruned.
    `annotations` belong on a Job that is made. `checks` are what a preflight found wrong.
    """

    target: Target
    rollout: Rollout
    reason: Reason
    message: str
    jobs: tuple[str, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    checks: tuple[Check, ...] = ()

    @property
    def is_applied(self) -> bool:
        """Whether the schema is what the target needs."""
        return self.reason is Reason.UP_TO_DATE


def job_name(instance: str, store: str, target: Target) -> str:
    """The Job that migrates one store to this target."""
    return f"{instance}-migrate-{store}-{target.identity[:8]}"


def plan(observed: Observed, target: Target) -> Plan:
    """What is due. Nothing is refused because of a version: only the schema knows, and the Job asks it."""
    applied = observed.instance.status.migrations.applied_identity
    kept = Rollout.KEEP if applied else Rollout.WAIT
    if applied == target.identity:
        return Plan(target, Rollout.FOLLOW, Reason.UP_TO_DATE, f"The schema is that of {target.version}")
    if _is_retargeted(observed, target):
        return Plan(target, kept, Reason.RETARGET_BLOCKED, _RETARGETED.format(identity=target.identity))
    if owner := _owner(observed, target):
        return Plan(target, kept, Reason.OWNED_BY_OTHER, _OWNED.format(owner=owner))
    if not is_claimed(observed, target):
        return Plan(target, kept, Reason.WAITING, "Claims the stores, so that no other instance migrates them")
    if _needs_approval(observed, target):
        message = f"Set spec.migrations.approvedIdentity: {target.identity!r} to let it run"
        return Plan(target, kept, Reason.AWAITING_APPROVAL, message)
    return _with_jobs(observed, target, kept)


def is_claimed(observed: Observed, target: Target) -> bool:
    """Whether these stores are this instance's: its status says so, and others read that before they claim."""
    status = observed.instance.status.migrations
    return target.stores in (status.claimed_target, status.applied_target)


def _owner(observed: Observed, target: Target) -> str | None:
    """Another instance that has these very stores: of two that do, the older one."""
    has_own = is_claimed(observed, target)
    for neighbour in observed.neighbours:
        # The same short name is another server in another namespace.
        is_same_place = neighbour.namespace == observed.instance.namespace or target.is_named_everywhere
        has_them = target.stores in (neighbour.applied_target, neighbour.claimed_target)
        if has_them and is_same_place and (neighbour.is_older or not has_own):
            return f"{neighbour.namespace}/{neighbour.name}"
    return None


def _with_jobs(observed: Observed, target: Target, kept: Rollout) -> Plan:
    annotations = _annotations(observed, target)
    done: list[str] = []
    for store in STORES:
        name = job_name(observed.instance.name, store, target)
        job = observed.children.get(("Job", name))
        if job is None:
            if waited_for := _not_ready_stores(observed):
                return Plan(target, kept, Reason.WAITING, f"Waits for {', '.join(waited_for)}", tuple(done))
            return _running(target, kept, (*done, store), annotations, f"Starts the migration of {store}")
        if job["metadata"].get("deletionTimestamp"):
            return _running(target, kept, tuple(done), annotations, f"Clears away the last try of {store}")
        if facts.true_condition(job, "Failed"):
            return _failed(observed, target, kept, (*done, store), job)
        if not facts.true_condition(job, "Complete"):
            return _running(target, kept, (*done, store), annotations, f"Migrates {store}")
        done.append(store)
    return Plan(target, Rollout.FOLLOW, Reason.UP_TO_DATE, f"The schema is that of {target.version}", tuple(done))


def _running(
    target: Target, kept: Rollout, jobs: tuple[str, ...], annotations: Mapping[str, str], message: str
) -> Plan:
    return Plan(target, kept, Reason.RUNNING, message, jobs, annotations)


def _failed(observed: Observed, target: Target, kept: Rollout, jobs: tuple[str, ...], job: Manifest) -> Plan:
    """Keeps the failed Job for whoever looks at it, until it is tried again."""
    store = jobs[-1]
    report = job_reports.of_job(job, observed.pods)
    ended = facts.true_condition(job, "Failed")
    wanted = observed.instance.annotations.get(labels.RETRY_MIGRATION)
    asked = wanted != facts.part(job, "metadata", "annotations").get(labels.RETRY_MIGRATION)
    passes_by_itself = report.can_be_retried and _age(observed, ended) >= RETRY_AFTER
    if asked or passes_by_itself:
        jobs = jobs[:-1]
    reason = _reason(report, ended)
    return Plan(target, kept, reason, _explained(store, report, target), jobs, checks=report.checks)


def _reason(report: Report, ended: Manifest) -> Reason:
    if report.checks:
        return Reason.CHECK_FAILED
    if ended.get("reason") == "DeadlineExceeded":
        return Reason.TIMED_OUT
    return _REASONS.get(report.outcome, Reason.FAILED)


def _explained(store: str, report: Report, target: Target) -> str:
    parts = [f"The migration of {store} to {target.version} failed: {report.message or 'it said nothing'}"]
    if report.statement:
        parts.append(f"Last statement: {report.statement}")
    if report.hint:
        parts.append(f"What to do: {report.hint}")
    if report.can_be_retried:
        parts.append("It is tried again by itself")
    else:
        parts.append(f"Try again: set the annotation {labels.RETRY_MIGRATION} to a new value")
    return ". ".join(part.rstrip(".") for part in parts)


def _is_retargeted(observed: Observed, target: Target) -> bool:
    applied = observed.instance.status.migrations.applied_target
    return applied not in (None, target.stores) and observed.instance.spec.migrations.allow_retarget != target.identity


def _needs_approval(observed: Observed, target: Target) -> bool:
    rules = observed.instance.spec.migrations
    return rules.mode is MigrationMode.MANUAL and rules.approved_identity != target.identity


def _not_ready_stores(observed: Observed) -> Sequence[str]:
    """Bundled stores that don't answer yet; a Job would only fail on them."""
    return sorted(
        name
        for (kind, name), manifest in observed.children.items()
        if kind == "StatefulSet" and not facts.part(manifest, "status").get("readyReplicas")
    )


def _annotations(observed: Observed, target: Target) -> Mapping[str, str]:
    retry = observed.instance.annotations.get(labels.RETRY_MIGRATION)
    return {labels.MIGRATION_IDENTITY: target.identity, **({labels.RETRY_MIGRATION: retry} if retry else {})}


def _age(observed: Observed, ended: Manifest) -> timedelta:
    at = ended.get("lastTransitionTime")
    return observed.observed_at - datetime.fromisoformat(str(at)) if at else timedelta(0)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def runs(observed: Observed, target: Target) -> Sequence[MigrationRun]:
    """The Jobs of this target that ended, in the order of their stores."""
    found: list[MigrationRun] = []
    for store in STORES:
        name = job_name(observed.instance.name, store, target)
        job = observed.children.get(("Job", name), {})
        if facts.true_condition(job, "Complete"):
            found.append(MigrationRun(store=store, identity=target.identity, job=name, outcome="done"))
        elif ended := facts.true_condition(job, "Failed"):
            report = job_reports.of_job(job, observed.pods)
            found.append(
                MigrationRun(
                    store=store,
                    identity=target.identity,
                    job=name,
                    outcome=report.outcome or str(ended.get("reason") or "failed"),
                    message=report.message or None,
                    statement=report.statement or None,
                    hint=report.hint or None,
                )
            )
    return found
