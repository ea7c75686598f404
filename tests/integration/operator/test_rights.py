"""The chart's roles and what the operator really does: the API server's audit log has the last word, both ways."""

from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from elasticdash.operator.naming import labels
from support.kubernetes import operator as operators
from support.kubernetes.api import Api, Object, eventually
from support.kubernetes.audit import Request
from support.kubernetes.cluster import Cluster, User
from support.kubernetes.local_node import LocalNode
from support.kubernetes.operator import Instance, Operator
from support.operator import chart, definitions, looks, optional_apis
from support.operator.fake_web import FakeWeb

Right = tuple[str, str, str]
NAME = "elasticdash-operator"
ROLES = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ServiceAccount")
WAIT_SECONDS = 120
EVERYTHING: dict[str, Any] = {
    "storesFrom": {"secretRef": {"name": "platform"}},
    "url": "https://obs.example.com",
    "exposure": {"ingress": {}, "gateway": {"parentRefs": [{"name": "public"}]}},
}
ELSEWHERE = {
    **looks.STORES,
    "DATABASE_URL": "postgresql://logger:secret@pg.elsewhere.svc:5432/logger",
    "CLICKHOUSE_URL": "https://clickhouse.elsewhere.example.com:8443",
}
LITTLE: dict[str, Any] = {
    "storesFrom": {"secretRef": {"name": "platform"}},
    "networkPolicy": {"enabled": False},
    "observability": {"serviceMonitor": "Off", "prometheusRule": "Off", "dashboard": "Off"},
    "web": {"autoscaling": {"mode": "None"}},
    "worker": {"autoscaling": {"mode": "None"}},
}


@pytest.fixture
def place(kubernetes: Cluster, namespace: str, tmp_path: Path) -> Generator[str]:
    """A namespace where pods are played, migrations end well, and every API is there."""
    definitions.install(kubernetes.api)
    node = LocalNode(kubernetes.api.access, [namespace], tmp_path / "pods", runs=lambda _: False)
    with optional_apis.installed(kubernetes.api), operators.jobs_that_succeed(kubernetes.api, namespace):
        node.start()
        yield namespace
        node.stop()


def _made_by_chart(values: dict[str, Any], place: str) -> list[Object]:
    return [each for each in chart.objects(values, namespace=place) if each["kind"] in ROLES]


def _granted(made: Iterable[Object]) -> set[Right]:
    return {
        (group, resource, verb)
        for role in made
        if role["metadata"]["name"].endswith((NAME, f"{NAME}-lease"))
        for rule in role.get("rules", [])
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def _used(requests: Iterable[Request]) -> set[Right]:
    """Rights that requests needed; an apply that made its object needs to create, too."""
    used = {(request.group, request.resource, request.verb) for request in requests}
    made = [request for request in requests if request.verb == "patch" and request.status_code == 201]
    return used | {(request.group, request.resource, "create") for request in made}


def _live(kubernetes: Cluster, place: str) -> None:
    """Everything an operator has to do: instances and a project come, change and go."""
    api = kubernetes.api
    _given(api, place, "platform", looks.STORES)
    _given(api, place, "elsewhere", ELSEWHERE)
    bundled, other = Instance(api, place, "obs"), Instance(api, place, "std")
    bundled.apply(profile="dev", deletionPolicy="Delete", worker={"autoscaling": {"mode": "Builtin"}})
    other.apply(**EVERYTHING)
    bundled.wait_for_phase("Ready", WAIT_SECONDS)
    other.wait_for_phase("Ready", WAIT_SECONDS)
    project = {
        "apiVersion": labels.API_VERSION,
        "kind": "ElasticDashProject",
        "metadata": {"name": "chat", "namespace": place},
        "spec": {"loggerRef": {"name": "obs"}},
    }
    api.apply(project)
    eventually(
        lambda: api.find("v1", "Secret", "chat-keys", place) or {}, lambda found: bool(found.get("data")), WAIT_SECONDS
    )
    other.apply(**LITTLE)
    _move(bundled)
    eventually(lambda: other.child("networking.k8s.io/v1", "NetworkPolicy", "web"), lambda found: found is None)
    api.delete(project)
    other.delete()


def _given(api: Api, place: str, name: str, stores: Mapping[str, str]) -> None:
    metadata = {"name": name, "namespace": place}
    api.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": dict(stores)})


def _move(instance: Instance) -> None:
    """From bundled stores to the platform's, which has to be allowed by name."""
    # Not those of the other instance: stores have one owner.
    spec = {**LITTLE, "storesFrom": {"secretRef": {"name": "elsewhere"}}, "deletionPolicy": "Delete"}
    instance.apply(**spec)
    instance.wait_for("MigrationsApplied", "RetargetBlocked", WAIT_SECONDS)
    identity = instance.get()["status"]["migrations"]["pendingIdentity"]
    instance.apply(**spec, migrations={"allowRetarget": identity})
    eventually(lambda: instance.child("apps/v1", "StatefulSet", "redis"), lambda found: found is None, WAIT_SECONDS)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("is_namespaced", [False, True], ids=["cluster", "namespace"])
def test_the_operator_needs_every_right_the_chart_grants_and_no_other(
    kubernetes: Cluster, place: str, tmp_path: Path, is_namespaced: bool
) -> None:
    made = _made_by_chart({"watchNamespaces": [place]} if is_namespaced else {}, place)
    for each in made:
        kubernetes.api.apply(each)
    account: User = kubernetes.account(NAME, place)
    audit_log = kubernetes.audit_log
    since = audit_log.size()

    with FakeWeb().served() as url:
        settings = {"NAMESPACE": place, "LEASE_NAME": NAME, "SERVICE_URL": url, "RESYNC_SECONDS": "2"}
        with Operator(account.kubeconfig, [place] if is_namespaced else [], tmp_path, settings):
            _live(kubernetes, place)

    requests = audit_log.requests(user=account.name, since=since)
    if is_namespaced:
        assert {request.namespace for request in requests} <= {place}
    # One that serves the whole cluster is also refused in namespaces of other tests, which are being deleted.
    requests = [request for request in requests if request.namespace in (place, "")]
    assert [request for request in requests if request.status_code == 403] == []
    assert sorted(_granted(made) - _used(requests)) == []
