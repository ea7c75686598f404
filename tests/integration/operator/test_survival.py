"""Processes that are killed, one that takes over, an API server that restarts, and a right that is missing."""

import random
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from support.kubernetes.api import Object, eventually
from support.kubernetes.operator import Instance, Operator
from support.kubernetes.operator_fixtures import QUICK, Stage

KILLS = 20
_READ = ["get", "list", "watch"]
_WRITE = [*_READ, "create", "patch", "delete"]
ROLE: list[dict[str, Any]] = [
    {"apiGroups": ["elasticdash.io"], "resources": ["elasticdashloggers", "elasticdashprojects"], "verbs": _READ},
    {"apiGroups": ["elasticdash.io"], "resources": ["elasticdashloggers/status"], "verbs": ["patch"]},
    {"apiGroups": [""], "resources": ["secrets", "services", "serviceaccounts", "configmaps"], "verbs": _WRITE},
    {"apiGroups": [""], "resources": ["pods"], "verbs": _READ},
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]},
    {"apiGroups": ["apps"], "resources": ["deployments", "statefulsets"], "verbs": _WRITE},
    {"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["patch"]},
    {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": _WRITE},
    {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"], "verbs": _WRITE},
    {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": _WRITE},
    {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies", "ingresses"], "verbs": _WRITE},
    {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update"]},
]


def test_a_right_that_is_missing_is_named_and_stops_nothing_else(
    stage: Stage, instance: Instance, tmp_path: Path
) -> None:
    rules = [rule for rule in ROLE if rule["apiGroups"] != ["networking.k8s.io"]]
    policies = {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies", "ingresses"], "verbs": _READ}
    user = stage.cluster.user(instance.namespace, [*rules, policies])
    with Operator(user.kubeconfig, [instance.namespace], tmp_path, QUICK):
        instance.apply(profile="dev")

        found = instance.wait_for("ReconcileSucceeded", "Forbidden")

        assert "networkpolicies" in found["message"]
        instance.wait_for("WebReady", "Available")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_process_killed_anywhere_leaves_what_the_next_one_completes(
    stage: Stage, instance: Instance, tmp_path: Path
) -> None:
    picked = random.Random(4)
    settings = {**QUICK, "IDENTITY": "the-pod-that-restarts"}
    operator = Operator(stage.cluster.kubeconfig, [instance.namespace], tmp_path, settings)
    specification: dict[str, Any] = {"profile": "dev"}
    instance.apply(**specification)
    for number in range(KILLS):
        operator.process.start()
        eventually(lambda: operator.metric("elasticdash_operator_is_leader"), lambda leads: leads == 1)
        time.sleep(picked.uniform(0, 1.5))
        operator.process.kill()
        if number % 5 == 4:
            # There is something to do after every fifth.
            specification = {**specification, "web": {"replicas": number % 3 + 1}}
            instance.apply(**specification)
    with operator:
        _settle(instance)
        survived = _shape(instance)
        passwords = instance.children()["Secret", "obs-generated"]["data"]
        instance.delete()
        eventually(instance.children, lambda children: all(kind == "Secret" for kind, _ in children))
        instance.apply(**specification)
        _settle(instance)

        assert _shape(instance) == survived
        assert instance.children()["Secret", "obs-generated"]["data"] == passwords


@pytest.mark.slow
def test_another_process_takes_over_within_half_a_minute(stage: Stage, instance: Instance, tmp_path: Path) -> None:
    settings = {"RESYNC_SECONDS": "2"}  # a Lease as long as in a real cluster
    kubeconfig, namespaces = stage.cluster.kubeconfig, [instance.namespace]
    with Operator(kubeconfig, namespaces, tmp_path, settings) as first:
        eventually(lambda: first.metric("elasticdash_operator_is_leader"), lambda leads: leads == 1)
        with Operator(kubeconfig, namespaces, tmp_path, settings) as second:
            instance.apply(profile="dev")
            instance.wait_for_phase("Ready")
            assert second.metric("elasticdash_operator_is_leader") == 0
            assert second.metric("elasticdash_operator_reconciles_total") == 0

            first.process.kill()
            killed_at = time.monotonic()
            instance.api.delete(instance.children()["Service", "obs-web"])

            eventually(instance.children, lambda children: ("Service", "obs-web") in children, 45)
            assert time.monotonic() - killed_at < 30
            assert second.metric("elasticdash_operator_is_leader") == 1


def test_an_api_server_that_restarts_is_found_again(stage: Stage, instance: Instance, tmp_path: Path) -> None:
    # Longer than the restart: a process that can't renew its Lease ends, and its kubelet starts another.
    settings = {**QUICK, "LEASE_SECONDS": "120"}
    control_plane = stage.cluster.control_plane
    with Operator(stage.cluster.kubeconfig, [instance.namespace], tmp_path, settings) as operator:
        instance.apply(profile="dev")
        instance.wait_for_phase("Ready")
        pid = operator.process.pid

        control_plane.restart_api_server()
        instance.api.delete(instance.children()["Service", "obs-web"])

        eventually(instance.children, lambda children: ("Service", "obs-web") in children, 90)
        assert operator.process.is_running
        assert operator.process.pid == pid


def _settle(instance: Instance) -> None:
    instance.wait_for_phase("Ready", 120)
    eventually(instance.jobs, lambda jobs: jobs == [])


def _shape(instance: Instance) -> Mapping[tuple[str, str], Object]:
    """What the children are, without what differs between two that were made the same way."""
    return {
        key: {
            "labels": child["metadata"]["labels"],
            "annotations": {
                name: value
                for name, value in child["metadata"].get("annotations", {}).items()
                if name.startswith("elasticdash.io/")
            },
            **{part: _without_addresses(child[part]) for part in ("spec", "data") if part in child},
        }
        for key, child in instance.children().items()
    }


def _without_addresses(part: Object) -> Object:
    return {name: value for name, value in part.items() if name not in ("clusterIP", "clusterIPs")}
