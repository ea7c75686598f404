"""What `elasticdash-operator diagnose` says: causes first, with what to do, and no secret whatever happened."""

import json
from dataclasses import replace
from typing import Any

import pytest

from elasticdash.operator.plan.observed import Manifest, Observed
from elasticdash.operator.report import diagnose
from elasticdash.operator.report.diagnose import Diagnosis
from support.operator import looks

CANARY = "canary-p@ss/word"
AT = "2026-01-01T10:00:00Z"
GIVEN = {
    "obs-platform": {
        **looks.STORES,
        "DATABASE_URL": "postgresql://logger:canary-p%40ss%2Fword@pg.databases.svc:5432/logger",
        "CLICKHOUSE_PASSWORD": CANARY,
    }
}


def condition(name: str, status: str, reason: str, message: str = "") -> dict[str, Any]:
    return {"type": name, "status": status, "reason": reason, "message": message, "lastTransitionTime": AT}


def pod(name: str, component: str, container: dict[str, Any]) -> Manifest:
    labels = {"app.kubernetes.io/component": component}
    status = {"phase": "Running", "containerStatuses": [{"name": component, "image": "x:1", **container}]}
    return {"kind": "Pod", "metadata": {"name": name, "labels": labels}, "status": status}


def look(status: dict[str, Any], *pods: Manifest) -> Observed:
    found = looks.look(looks.STANDARD, given=GIVEN, status={"observedGeneration": 1, **status})
    return replace(found, pods=pods)


def subjects(found: Diagnosis) -> list[str]:
    return [finding.subject for finding in found.findings]


@pytest.mark.parametrize("secret", [CANARY, "canary-p%40ss%2Fword"])
def test_no_value_of_a_secret_is_shown_wherever_it_stands(secret: str):
    ended = {"reason": "Error", "exitCode": 1, "message": f"can't log in with {secret}", "finishedAt": AT}
    events = [{"type": "Warning", "reason": "Failed", "message": secret, "involvedObject": {"name": "obs"}}]
    found = look(
        {
            "conditions": [condition("StoresReady", "False", "AuthFailed", f"postgres: {secret}")],
            "rotation": [{"class": "redis", "phase": "Blocked", "message": secret}],
        },
        pod("obs-web-1", "web", {"lastState": {"terminated": ended}, "restartCount": 1}),
    )

    diagnosis = diagnose.diagnose(found, events)

    assert "canary" not in diagnosis.text()
    assert "canary" not in json.dumps(diagnosis.json())
    assert diagnosis.text().count("***") >= 4


def test_addresses_of_stores_are_shown():
    stores = [{"name": "clickhouse", "host": "clickhouse.example.com:8443", "reachable": False}]

    diagnosis = diagnose.diagnose(look({"stores": stores}))

    assert diagnosis.facts["stores"] == ["clickhouse clickhouse.example.com:8443: DOWN"]


def test_a_cause_comes_before_what_follows_from_it():
    ended = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": AT}
    conditions = [
        condition("WebReady", "False", "CrashLoop", "obs-web-1: CrashLoopBackOff"),
        condition("Ready", "False", "Unreachable", "StoresReady: web: ClickHouse is not available"),
        condition("StoresReady", "False", "Unreachable", "web: ClickHouse is not available"),
    ]
    web = pod("obs-web-1", "web", {"lastState": {"terminated": ended}, "restartCount": 3})

    found = diagnose.diagnose(look({"conditions": conditions}, web)).findings

    assert [each.subject for each in found] == ["StoresReady", "WebReady", "pod obs-web-1, container web"]
    assert "ClickHouse is not available" in found[0].found
    assert found[0].advice.startswith("Check host, port")
    assert "OOMKilled (exit code 137)" in found[2].found
    assert "limits.memory" in found[2].advice


def test_what_is_so_by_choice_or_on_its_way_is_no_finding():
    conditions = [
        condition("AutoscalingActive", "False", "Disabled"),
        condition("UpgradeProgressing", "False", "UpToDate"),
        condition("Paused", "False", "NotPaused"),
        condition("Ready", "True", "AllComponentsReady"),
    ]

    found = diagnose.diagnose(look({"conditions": conditions, "phase": "Ready"}))

    assert found.findings == []
    assert found.text().startswith("default/obs: Ready\n\nNothing is wrong.\n")


def test_a_paused_instance_and_a_silent_operator_are_told():
    found = look({"observedGeneration": 3, "conditions": [condition("Paused", "True", "ByUser")]})

    diagnosis = diagnose.diagnose(found)

    assert subjects(diagnosis) == ["operator", "Paused"]


def test_a_failed_migration_is_told_with_its_statement_and_hint():
    run = {
        "store": "clickhouse",
        "identity": "0123",
        "job": "obs-migrate-clickhouse-0123",
        "outcome": "failed_statement",
        "message": "Unknown table",
        "statement": "SELECT * FROM nowhere",
        "hint": "Mend it",
    }

    found = diagnose.diagnose(look({"migrations": {"pendingIdentity": "0123", "history": [run]}})).findings

    assert [(each.subject, each.advice) for each in found] == [("job obs-migrate-clickhouse-0123", "Mend it")]
    assert "Last statement: SELECT * FROM nowhere" in found[0].found
