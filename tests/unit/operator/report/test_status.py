"""What the status says: phases, conditions and their reasons, steady while nothing changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from elasticdash.operator.api.enums import ConditionType, Phase, Reason
from elasticdash.operator.api.logger import LoggerSpec
from elasticdash.operator.api.status import Condition, LoggerStatus, MigrationRun, RotationStatus
from elasticdash.operator.plan.job_reports import Check
from elasticdash.operator.plan.migrations import Plan, Rollout, Target
from elasticdash.operator.plan.observed import ChildKey, Instance, Manifest, Observed, QueueSignal
from elasticdash.operator.report import status
from elasticdash.operator.report.component_status import Judgement
from elasticdash.operator.report.status import Outcome

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
TARGET = Target("1.1.0", "web:1.1.0", "db:5432/logger", "ch:8123/logger")
APPLIED = Plan(TARGET, Rollout.FOLLOW, Reason.UP_TO_DATE, "The schema is that of 1.1.0")
EMPTY = QueueSignal(0, 0, 0)
DISABLED = Judgement("False", Reason.DISABLED)


def deployment(
    component: str, *, ready: int = 2, updated: int = 2, conditions: Any = (), image: str = "1.1.0"
) -> Manifest:
    container = {"name": component, "image": f"{component}:{image}"}
    counts = {"replicas": 2, "readyReplicas": ready, "availableReplicas": ready, "updatedReplicas": updated}
    return {
        "metadata": {"generation": 3},
        "spec": {"replicas": 2, "template": {"spec": {"containers": [container]}}},
        "status": {"observedGeneration": 3, "conditions": list(conditions), **counts},
    }


def waiting_pod(component: str, reason: str, **more: Any) -> Manifest:
    container = {"name": component, "image": "x:1", "state": {"waiting": {"reason": reason}}, **more}
    labels = {"app.kubernetes.io/component": component}
    return {"metadata": {"name": f"{component}-1", "labels": labels}, "status": {"containerStatuses": [container]}}


def look(
    web: Manifest | None = None,
    worker: Manifest | None = None,
    *,
    pods: tuple[Manifest, ...] = (),
    before: LoggerStatus | None = None,
    queue: QueueSignal | None = EMPTY,
) -> Observed:
    children: dict[ChildKey, Manifest] = {
        ("Deployment", "obs-web"): deployment("web") if web is None else web,
        ("Deployment", "obs-worker"): deployment("worker") if worker is None else worker,
    }
    spec = LoggerSpec.model_validate({"profile": "dev"})
    instance = Instance("obs", "prod", "u", 7, {}, spec, before or LoggerStatus())
    return Observed(
        instance, NOW, children={key: child for key, child in children.items() if child}, pods=pods, queue=queue
    )


def outcome(**changes: Any) -> Outcome:
    given: dict[str, Any] = {
        "names": ("obs-web", "obs-worker"),
        "images": ("web:1.1.0", "worker:1.1.0"),
        "desired_version": "1.1.0",
        "migration": APPLIED,
        "scaling": DISABLED,
        "autoscalers": ("None", "None"),
        **changes,
    }
    return Outcome(**given)


def condition(found: LoggerStatus, name: ConditionType) -> Condition:
    return next(condition for condition in found.conditions if condition.type == name)


def test_all_well():
    found = status.status(look(), outcome())

    assert (found.phase, found.message, found.observed_generation) == (Phase.READY, None, 7)
    assert {condition.type for condition in found.conditions} == set(ConditionType)
    assert condition(found, ConditionType.READY).reason == Reason.ALL_COMPONENTS_READY
    assert found.version.running == "1.1.0"
    assert (found.web.summary, found.worker.summary) == ("2/2", "2/2")
    assert found.endpoints.ingestion == "http://obs-web.prod.svc:3000/api/public/otel"


def test_a_later_look_at_the_same_changes_nothing():
    first = status.status(look(queue=QueueSignal(120, 3, 4)), outcome())

    later = replace(look(before=first, queue=QueueSignal(180, 3, 4.9)), observed_at=NOW + timedelta(hours=1))

    assert status.status(later, outcome()) == first


def test_a_condition_keeps_its_time_until_its_status_changes():
    first = status.status(look(), outcome())
    at = NOW + timedelta(minutes=5)

    broken = status.status(replace(look(deployment("web", ready=0), before=first), observed_at=at), outcome())

    assert condition(broken, ConditionType.WEB_READY).last_transition_time == "2026-01-01T12:05:00Z"
    assert condition(broken, ConditionType.WORKERS_READY).last_transition_time == "2026-01-01T12:00:00Z"


@pytest.mark.parametrize(
    ("plan", "phase", "reason"),
    [
        (None, Phase.PENDING, Reason.WAITING),
        (Plan(TARGET, Rollout.WAIT, Reason.WAITING, ""), Phase.PENDING, Reason.STARTING),
        (Plan(TARGET, Rollout.WAIT, Reason.RUNNING, ""), Phase.MIGRATING, Reason.RUNNING),
        (Plan(TARGET, Rollout.KEEP, Reason.FAILED, "no"), Phase.BLOCKED, Reason.FAILED),
        (Plan(TARGET, Rollout.KEEP, Reason.RETARGET_BLOCKED, "no"), Phase.BLOCKED, Reason.RETARGET_BLOCKED),
        (Plan(TARGET, Rollout.KEEP, Reason.AWAITING_APPROVAL, "no"), Phase.BLOCKED, Reason.AWAITING_APPROVAL),
    ],
)
def test_a_migration_that_is_not_done_keeps_it_from_being_ready(plan: Plan | None, phase: Phase, reason: Reason):
    found = status.status(look(), outcome(migration=plan))

    assert found.phase == phase
    assert condition(found, ConditionType.READY).reason == reason
    assert found.migrations.applied_identity is None


def test_a_failed_upgrade_says_what_runs_on():
    before = status.status(look(), outcome())
    target = replace(TARGET, version="1.2.0")
    failed = Plan(target, Rollout.KEEP, Reason.FAILED, "The migration failed: column exists")

    found = status.status(look(before=before), outcome(migration=failed, desired_version="1.2.0"))

    upgrade = condition(found, ConditionType.UPGRADE_PROGRESSING)
    assert (upgrade.status, upgrade.reason) == ("False", Reason.UPGRADE_BLOCKED)
    assert "1.1.0 runs on" in upgrade.message
    assert (found.version.running, found.version.desired) == ("1.1.0", "1.2.0")
    assert found.migrations.applied_identity == TARGET.identity
    assert found.migrations.pending_identity == target.identity


def test_a_finished_upgrade_remembers_what_ran_before():
    before = status.status(look(), outcome())
    plan = replace(APPLIED, target=replace(TARGET, version="1.2.0"))
    new = {"web": deployment("web", image="1.2.0"), "worker": deployment("worker", image="1.2.0")}

    found = status.status(
        look(new["web"], new["worker"], before=before),
        outcome(migration=plan, desired_version="1.2.0", images=("web:1.2.0", "worker:1.2.0")),
    )

    assert (found.version.running, found.version.previous) == ("1.2.0", "1.1.0")


@pytest.mark.parametrize(
    ("pod", "reason", "words"),
    [
        (
            waiting_pod("web", "CrashLoopBackOff", lastState={"terminated": {"exitCode": 137, "reason": "OOMKilled"}}),
            Reason.CRASH_LOOP,
            "OOMKilled, exit code 137",
        ),
        (waiting_pod("web", "ImagePullBackOff"), Reason.IMAGE_PULL, "Image x:1"),
        (waiting_pod("web", "CreateContainerConfigError"), Reason.MISSING, "Secret"),
    ],
)
def test_a_pod_with_a_problem_says_why_web_is_not_ready(pod: Manifest, reason: Reason, words: str):
    found = status.status(look(deployment("web", ready=1, updated=1), pods=(pod,)), outcome())

    web = condition(found, ConditionType.WEB_READY)
    assert (web.status, web.reason) == ("False", reason)
    assert words in web.message
    assert [issue.pod for issue in found.issues] == ["web-1"]


def test_a_quota_and_a_stuck_rollout_are_named():
    quota = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}
    stuck = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}

    limited = status.status(look(deployment("web", ready=1, conditions=[quota])), outcome())
    blocked = status.status(look(deployment("web", ready=1, updated=1, conditions=[stuck])), outcome())

    assert condition(limited, ConditionType.WEB_READY).reason == Reason.QUOTA_EXCEEDED
    assert condition(blocked, ConditionType.WEB_READY).reason == Reason.UPGRADE_BLOCKED


def test_what_a_preflight_found_is_said_of_the_stores():
    checks = (Check("redis", Reason.AUTH_FAILED, "WRONGPASS"),)
    plan = Plan(TARGET, Rollout.WAIT, Reason.CHECK_FAILED, "redis connection: WRONGPASS", checks=checks)

    found = status.status(look(), outcome(migration=plan))

    stores = condition(found, ConditionType.STORES_READY)
    assert (stores.status, stores.reason, stores.message) == ("False", Reason.AUTH_FAILED, "redis: WRONGPASS")
    assert found.phase == Phase.BLOCKED


def test_missing_settings_are_all_named():
    found = status.status(
        look(), outcome(missing=("Secret a does not exist", "nothing says where redis is"), migration=None)
    )

    secrets = condition(found, ConditionType.SECRETS_READY)
    assert secrets.reason == Reason.MISSING
    assert "Secret a does not exist; nothing says where redis is" in secrets.message
    assert found.phase == Phase.BLOCKED


def test_what_could_not_be_written_degrades_it():
    failure = Judgement("False", Reason.FORBIDDEN, "PATCH services: forbidden")

    found = status.status(look(), outcome(failure=failure))

    assert (found.phase, condition(found, ConditionType.READY).reason) == (Phase.DEGRADED, Reason.FORBIDDEN)


@pytest.mark.parametrize(
    ("queue", "reason"),
    [
        (None, Reason.UNKNOWN),
        (QueueSignal(0, 0, 0), Reason.WITHIN_TARGET),
        (QueueSignal(5, 0, 61), Reason.BACKLOGGED),
        (QueueSignal(5, 0, 601), Reason.STUCK),
    ],
)
def test_the_queues_age_is_judged_and_keeps_nothing_from_being_ready(queue: QueueSignal | None, reason: Reason):
    found = status.status(look(queue=queue), outcome())

    assert condition(found, ConditionType.QUEUE_HEALTHY).reason == reason
    assert found.phase == Phase.READY


def test_a_blocked_rotation_is_named():
    rotation = RotationStatus.model_validate({"class": "redis", "phase": "Blocked", "message": "old one in use"})

    found = status.status(look(), outcome(rotation=(rotation,)))

    judged = condition(found, ConditionType.ROTATION_READY)
    assert (judged.reason, judged.message) == (Reason.BLOCKED, "redis: old one in use")


def test_runs_are_kept_once_newest_first_and_at_most_ten():
    runs = [MigrationRun(store="postgres", identity=f"{number}", job="j", outcome="done") for number in range(12)]
    found = LoggerStatus()
    for run in [*runs, runs[-1]]:
        found = status.status(look(before=found), outcome(runs=(run,)))

    assert [run.identity for run in found.migrations.history] == [f"{number}" for number in range(11, 1, -1)]


def test_a_paused_instance_changes_only_that_it_is_paused():
    before = status.status(look(), outcome())
    judged = {ConditionType.PAUSED: Judgement("True", Reason.BY_USER)}

    found = status.changed(before, "2026-01-02T00:00:00Z", 8, Phase.PAUSED, judged)

    assert (found.phase, found.observed_generation) == (Phase.PAUSED, 8)
    assert condition(found, ConditionType.PAUSED).last_transition_time == "2026-01-02T00:00:00Z"
    assert condition(found, ConditionType.READY) == condition(before, ConditionType.READY)
    assert status.changed(found, "2026-01-03T00:00:00Z", 8, Phase.PAUSED, judged) == found


def test_every_value_fits_what_the_api_server_takes():
    long = "x" * 20_000
    plan = Plan(TARGET, Rollout.KEEP, Reason.FAILED, long)

    found = status.status(look(), outcome(migration=plan))

    LoggerStatus.model_validate(found.model_dump(by_alias=True))


def test_a_store_that_is_away_is_named_while_it_is():
    found = replace(look(web=deployment("web", ready=0)), problems={"web": "ClickHouse is not available"})

    stores = condition(status.status(found, outcome()), ConditionType.STORES_READY)

    assert (stores.status, stores.reason) == ("False", Reason.UNREACHABLE)
    assert stores.message == "web: ClickHouse is not available"
