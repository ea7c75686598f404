"""Which migration Job is due, what web and worker may do meanwhile, and what a failed one means."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from elasticdash.operator.api.enums import Reason
from elasticdash.operator.api.logger import LoggerSpec
from elasticdash.operator.api.status import LoggerStatus
from elasticdash.operator.naming import labels
from elasticdash.operator.plan import migrations
from elasticdash.operator.plan.migrations import Rollout, Target
from elasticdash.operator.plan.observed import ChildKey, Instance, Manifest, Neighbour, Observed

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
OLD = Target("1.0.0", "web:1.0.0", "db:5432/logger", "ch:8123/logger")
NEW = replace(OLD, version="1.1.0", image="web:1.1.0")
MOVED = replace(NEW, postgres="other:5432/logger")
POSTGRES = migrations.job_name("obs", "postgres", NEW)
CLICKHOUSE = migrations.job_name("obs", "clickhouse", NEW)


def look(
    *children: Manifest,
    applied: Target | None = OLD,
    claimed: Target | None = None,
    pods: tuple[Manifest, ...] = (),
    spec: dict[str, Any] | None = None,
    annotations: dict[str, str] | None = None,
) -> Observed:
    status: dict[str, Any] = {}
    if applied:
        status = {"migrations": {"appliedIdentity": applied.identity, "appliedTarget": applied.stores}}
    if claimed:
        status.setdefault("migrations", {})["claimedTarget"] = claimed.stores
    instance = Instance(
        *("obs", "default", "u", 1),
        annotations or {},
        LoggerSpec.model_validate({"profile": "dev", **(spec or {})}),
        LoggerStatus.model_validate(status),
    )
    keyed: dict[ChildKey, Manifest] = {(child["kind"], child["metadata"]["name"]): child for child in children}
    return Observed(instance, NOW, children=keyed, pods=pods)


def job(name: str, condition: str = "", *, ended: datetime = NOW, reason: str = "", **metadata: Any) -> Manifest:
    conditions = [{"type": condition, "status": "True", "lastTransitionTime": f"{ended:%Y-%m-%dT%H:%M:%SZ}"}]
    if reason:
        conditions[0]["reason"] = reason
    return {
        "kind": "Job",
        "metadata": {"name": name, "uid": name, **metadata},
        "status": {"conditions": conditions if condition else []},
    }


def pod(of: str, exit_code: int, message: object = "", *, container: str = "migrate") -> Manifest:
    said = message if isinstance(message, str) else json.dumps(message)
    ended = {"exitCode": exit_code, "message": said, "reason": "Error", "finishedAt": "2026-01-01T11:59:00Z"}
    key = "initContainerStatuses" if container == "preflight" else "containerStatuses"
    return {
        "metadata": {"name": f"{of}-x", "ownerReferences": [{"uid": of}]},
        "status": {key: [{"name": container, "state": {"terminated": ended}}]},
    }


FAILED_STATEMENT = {
    "outcome": "failed_statement",
    "message": "column exists",
    "statement": "ALTER TABLE x",
    "hint": "drop it",
    "can_be_retried": False,
}
LOCKED = {"outcome": "locked", "message": "another runs", "can_be_retried": True}


SHARED = replace(NEW, postgres="db.example.com:5432/logger", clickhouse="ch.example.com:8123/logger")


@pytest.mark.parametrize(
    ("target", "namespace", "is_older", "own"),
    [
        (NEW, "default", True, None),
        (NEW, "default", False, None),
        (SHARED, "other", False, None),
        (NEW, "default", True, OLD),
    ],
)
def test_stores_that_another_instance_migrated_are_not_touched(
    target: Target, namespace: str, is_older: bool, own: Target | None
) -> None:
    neighbour = Neighbour(namespace, "first", is_older, target.stores)

    planned = migrations.plan(replace(look(applied=own), neighbours=(neighbour,)), target)

    assert (planned.reason, planned.jobs) == (Reason.OWNED_BY_OTHER, ())
    assert planned.rollout is (Rollout.KEEP if own else Rollout.WAIT)
    assert f"{namespace}/first" in planned.message


@pytest.mark.parametrize(
    ("neighbour", "own"),
    [
        # A short name means another server there.
        (Neighbour("other", "first", True, NEW.stores), None),
        (Neighbour("default", "first", True, MOVED.stores), None),
        (Neighbour("default", "first", True, None), None),
        # Who had them first keeps them.
        (Neighbour("default", "second", False, NEW.stores), OLD),
    ],
)
def test_other_instances_on_other_stores_are_no_hindrance(neighbour: Neighbour, own: Target | None) -> None:
    planned = migrations.plan(replace(look(applied=own, claimed=NEW), neighbours=(neighbour,)), NEW)

    assert (planned.reason, planned.jobs) == (Reason.RUNNING, ("postgres",))


@pytest.mark.parametrize("is_older", [True, False])
def test_stores_that_another_claimed_first_are_not_touched(is_older: bool) -> None:
    neighbour = Neighbour("default", "first", is_older, None, NEW.stores)

    planned = migrations.plan(replace(look(applied=None), neighbours=(neighbour,)), NEW)

    assert (planned.reason, planned.rollout, planned.jobs) == (Reason.OWNED_BY_OTHER, Rollout.WAIT, ())


def test_nothing_is_migrated_before_the_claim_is_there_for_others_to_read() -> None:
    planned = migrations.plan(look(applied=None), NEW)

    assert (planned.reason, planned.rollout, planned.jobs) == (Reason.WAITING, Rollout.WAIT, ())
    assert not planned.is_applied


def test_who_claimed_first_goes_on_when_another_wants_the_same_stores() -> None:
    neighbour = Neighbour("default", "second", False, None, None)

    planned = migrations.plan(replace(look(applied=None, claimed=NEW), neighbours=(neighbour,)), NEW)

    assert planned.jobs == ("postgres",)


def test_other_stores_than_the_migrated_are_refused_and_named() -> None:
    planned = migrations.plan(look(), MOVED)

    assert (planned.reason, planned.rollout, planned.jobs) == (Reason.RETARGET_BLOCKED, Rollout.KEEP, ())
    assert MOVED.identity in planned.message


def test_other_stores_are_taken_when_just_they_were_allowed() -> None:
    allowed = {"migrations": {"allowRetarget": MOVED.identity}}

    assert migrations.plan(look(spec=allowed), MOVED).jobs == ()
    assert migrations.plan(look(spec=allowed, claimed=MOVED), MOVED).jobs == ("postgres",)
    assert migrations.plan(look(spec=allowed), replace(MOVED, clickhouse="x")).reason is Reason.RETARGET_BLOCKED


def test_a_failed_statement_keeps_the_old_version_and_the_job_and_says_all() -> None:
    seen = look(job(POSTGRES, "Failed"), pods=(pod(POSTGRES, 10, FAILED_STATEMENT),))

    planned = migrations.plan(seen, NEW)

    assert (planned.reason, planned.rollout, planned.jobs) == (Reason.FAILED, Rollout.KEEP, ("postgres",))
    for part in ("column exists", "ALTER TABLE x", "drop it", labels.RETRY_MIGRATION):
        assert part in planned.message


def test_a_failed_statement_is_not_tried_again_by_itself() -> None:
    long_ago = job(POSTGRES, "Failed", ended=NOW - timedelta(days=3))

    planned = migrations.plan(look(long_ago, pods=(pod(POSTGRES, 10, FAILED_STATEMENT),)), NEW)

    assert planned.jobs == ("postgres",)


def test_the_retry_annotation_clears_a_failed_job_away_once() -> None:
    retry = {labels.RETRY_MIGRATION: "1"}
    failed = job(POSTGRES, "Failed")
    again = job(POSTGRES, "Failed", annotations=retry)

    assert migrations.plan(look(failed, annotations=retry), NEW).jobs == ()
    assert migrations.plan(look(annotations=retry), NEW).annotations[labels.RETRY_MIGRATION] == "1"
    assert migrations.plan(look(again, annotations=retry), NEW).jobs == ("postgres",)


@pytest.mark.parametrize(("seconds", "jobs"), [(59, ("postgres",)), (60, ())])
def test_a_held_lock_is_tried_again_after_a_while(seconds: int, jobs: tuple[str, ...]) -> None:
    held = job(POSTGRES, "Failed", ended=NOW - timedelta(seconds=seconds))

    planned = migrations.plan(look(held, pods=(pod(POSTGRES, 11, LOCKED),)), NEW)

    assert (planned.reason, planned.jobs) == (Reason.LOCK_HELD, jobs)


def test_a_newer_schema_refuses_the_older_version() -> None:
    newer = {"outcome": "newer_schema", "message": "the schema is of 2.0", "hint": "Use the version that made it"}

    planned = migrations.plan(look(job(POSTGRES, "Failed"), pods=(pod(POSTGRES, 13, newer),)), NEW)

    assert (planned.reason, planned.rollout) == (Reason.DOWNGRADE_REFUSED, Rollout.KEEP)


def test_a_job_past_its_time_says_so() -> None:
    late = job(POSTGRES, "Failed", reason="DeadlineExceeded")

    assert migrations.plan(look(late), NEW).reason is Reason.TIMED_OUT


@pytest.mark.parametrize(
    ("check", "message", "reason"),
    [
        ("connection", 'password authentication failed for user "logger"', Reason.AUTH_FAILED),
        ("connection", "certificate verify failed", Reason.TLS_FAILED),
        ("connection", "no answer in 15 s", Reason.UNREACHABLE),
        ("version", "ClickHouse 24.1 is too old", Reason.VERSION_TOO_OLD),
        ("eviction", "maxmemory-policy is allkeys-lru", Reason.CHECK_FAILED),
    ],
)
def test_a_preflight_names_the_store_and_what_is_wrong_with_it(check: str, message: str, reason: Reason) -> None:
    finding = {"store": "redis", "check": check, "level": "fail", "message": message, "remedy": "Mend it"}
    said = pod(POSTGRES, 1, {"outcome": "fail", "findings": [finding]}, container="preflight")

    planned = migrations.plan(look(job(POSTGRES, "Failed"), pods=(said,)), NEW)

    assert planned.reason is Reason.CHECK_FAILED
    assert [(check.store, check.reason) for check in planned.checks] == [("redis", reason)]
    assert message in planned.message


def test_a_container_that_said_nothing_is_explained_by_its_end() -> None:
    planned = migrations.plan(look(job(POSTGRES, "Failed"), pods=(pod(POSTGRES, 137),)), NEW)

    assert planned.reason is Reason.FAILED
    assert "137" in planned.message


def test_only_an_approved_run_starts_in_mode_manual() -> None:
    manual = {"migrations": {"mode": "Manual"}}
    approved = {"migrations": {"mode": "Manual", "approvedIdentity": NEW.identity}}

    assert migrations.plan(look(spec=manual), NEW).reason is Reason.AWAITING_APPROVAL
    assert migrations.plan(look(spec=manual), NEW).jobs == ()
    assert migrations.plan(look(spec=approved), NEW).jobs == ("postgres",)


def test_nothing_starts_before_the_bundled_stores_are_ready() -> None:
    starting = {"kind": "StatefulSet", "metadata": {"name": "obs-postgres"}, "status": {"replicas": 1}}

    planned = migrations.plan(look(starting, applied=None, claimed=NEW), NEW)

    assert (planned.reason, planned.rollout, planned.jobs) == (Reason.WAITING, Rollout.WAIT, ())
    assert "obs-postgres" in planned.message


def test_a_job_that_runs_is_kept_while_a_store_restarts() -> None:
    restarting = {"kind": "StatefulSet", "metadata": {"name": "obs-postgres"}, "status": {"replicas": 1}}

    assert migrations.plan(look(restarting, job(POSTGRES)), NEW).jobs == ("postgres",)


def test_stores_go_one_after_the_other_and_web_follows_the_last() -> None:
    first = migrations.plan(look(), NEW)
    running = migrations.plan(look(job(POSTGRES)), NEW)
    second = migrations.plan(look(job(POSTGRES, "Complete")), NEW)
    done = migrations.plan(look(job(POSTGRES, "Complete"), job(CLICKHOUSE, "Complete")), NEW)

    assert [each.jobs for each in (first, running, second)] == [("postgres",), ("postgres",), migrations.STORES]
    assert {each.rollout for each in (first, running, second)} == {Rollout.KEEP}
    assert (done.rollout, done.reason) == (Rollout.FOLLOW, Reason.UP_TO_DATE)
    assert done.jobs == migrations.STORES  # kept until the status says that they succeeded


def test_after_the_status_is_saved_no_job_is_needed() -> None:
    planned = migrations.plan(look(job(POSTGRES, "Complete"), applied=NEW), NEW)

    assert (planned.rollout, planned.jobs) == (Rollout.FOLLOW, ())


def test_going_back_to_what_is_applied_needs_no_job() -> None:
    failed = job(POSTGRES, "Failed")

    assert migrations.plan(look(failed, applied=OLD), OLD).rollout is Rollout.FOLLOW


def test_a_job_that_is_going_is_waited_for() -> None:
    going = job(POSTGRES, "Failed", deletionTimestamp="2026-01-01T11:59:59Z")

    planned = migrations.plan(look(going), NEW)

    assert (planned.reason, planned.jobs) == (Reason.RUNNING, ())


def test_credentials_are_no_part_of_the_identity_but_everything_else_is() -> None:
    others = [
        replace(NEW, version="2"),
        replace(NEW, image="x"),
        replace(NEW, postgres="x"),
        replace(NEW, clickhouse="x"),
    ]

    assert len({NEW.identity, *(other.identity for other in others)}) == 5
    assert NEW.stores == replace(NEW, image="x", version="2").stores
