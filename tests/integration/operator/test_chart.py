"""The chart on a real API server: installed by Helm, upgraded under a live instance, uninstalled."""

import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import yaml
from helm_python import Config

from elasticdash.operator.naming import labels
from support.kubernetes.api import Api, ApiError, Object, eventually
from support.kubernetes.cluster import Cluster
from support.operator import chart, crd_examples, definitions

RELEASE = "elasticdash"
NAME = "elasticdash-operator"
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


@pytest.fixture
def place(kubernetes: Cluster) -> Generator[str]:
    """A namespace that takes restricted pods only."""
    with kubernetes.namespace(RESTRICTED) as name:
        yield name


@pytest.fixture
def helm(kubernetes: Cluster, place: str) -> Generator[Config]:
    """Helm in that namespace of a cluster without the definitions; afterwards it is as other tests need it."""
    definitions.remove(kubernetes.api)
    with Config(kubeconfig_path=kubernetes.kubeconfig, namespace=place) as config:
        yield config
        config.uninstall(RELEASE, ignore_not_found=True)
    definitions.remove(kubernetes.api)
    definitions.install(kubernetes.api)


def _older_chart(folder: Path) -> Path:
    """This chart as it might have been: an older version whose definition lacks a field."""
    older = folder / "elasticdash-operator"
    shutil.copytree(chart.CHART, older)
    document = yaml.safe_load((older / "Chart.yaml").read_text())
    (older / "Chart.yaml").write_text(yaml.safe_dump({**document, "version": "0.0.1", "appVersion": "0.0.1"}))
    path = older / "files/crds/elasticdashloggers.yaml"
    definition = yaml.load(path.read_text(), yaml.CSafeLoader)
    spec = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    del spec["properties"]["upgrade"]
    path.write_text(yaml.safe_dump(definition))
    return older


def _instance(place: str) -> Object:
    made = crd_examples.resource("ElasticDashLogger", spec={"worker": {"concurrency": 7}})
    return {**made, "metadata": {**made["metadata"], "namespace": place}}


def _can(api: Api, verb: str, resource: str, namespace: str | None, group: str = "") -> bool:
    attributes = {"verb": verb, "resource": resource, "group": group, **({"namespace": namespace} if namespace else {})}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = api.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", json=review)
    return bool(answer.json()["status"]["allowed"])


@pytest.mark.parametrize("values", chart.CASES.values(), ids=chart.CASES)
def test_the_server_takes_everything_the_chart_makes(
    kubernetes: Cluster, place: str, values: dict[str, Any], namespace: str
) -> None:
    # Namespaces that a case names, and APIs that are not installed here, are not the chart's.
    present: dict[str, Any] = {"watchNamespaces": [place, namespace]} if values.get("watchNamespaces") else {}
    if "namespace" in values.get("test", {}):
        present["test"] = {**values["test"], "namespace": namespace}

    for made in chart.objects({**values, **present}, namespace=place):
        if made["kind"] == "ServiceMonitor":
            continue
        is_namespaced = "namespace" in made["metadata"]
        kubernetes.api.request(
            "PATCH",
            kubernetes.api.path_of(made),
            json=made,
            params={"dryRun": "All", "fieldValidation": "Strict", "fieldManager": "helm", "force": "true"},
            headers={"Content-Type": "application/apply-patch+yaml"},
        )
        assert is_namespaced or made["kind"].startswith(("Cluster", "CustomResource"))


def test_upgrading_keeps_instances_and_brings_new_fields(
    kubernetes: Cluster, helm: Config, place: str, tmp_path: Path
) -> None:
    helm.install(_older_chart(tmp_path), RELEASE)
    definitions.wait(kubernetes.api)
    before = kubernetes.api.create(_instance(place))

    helm.upgrade(chart.CHART, RELEASE)

    definitions.wait(kubernetes.api)
    after = eventually(
        lambda: kubernetes.api.get(labels.API_VERSION, "ElasticDashLogger", "obs", place),
        lambda found: "upgrade" in found["spec"],
    )
    assert "upgrade" not in before["spec"]
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["spec"] == {**before["spec"], "upgrade": {"progressDeadline": "10m"}}
    deployment = kubernetes.api.get("apps/v1", "Deployment", NAME, place)
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"].endswith(":0.1.0")


def test_uninstalling_leaves_definitions_and_instances(kubernetes: Cluster, helm: Config, place: str) -> None:
    helm.install(chart.CHART, RELEASE)
    definitions.wait(kubernetes.api)
    kubernetes.api.create(_instance(place))

    helm.uninstall(RELEASE)

    assert kubernetes.api.find("apps/v1", "Deployment", NAME, place) is None
    assert kubernetes.api.find(labels.API_VERSION, "ElasticDashLogger", "obs", place) is not None
    assert kubernetes.api.find("rbac.authorization.k8s.io/v1", "ClusterRole", f"{place}-{NAME}") is None


def test_an_installation_after_an_uninstallation_takes_the_definitions_over(
    kubernetes: Cluster, helm: Config, place: str
) -> None:
    helm.install(chart.CHART, RELEASE)
    definitions.wait(kubernetes.api)
    helm.uninstall(RELEASE)

    helm.install(chart.CHART, RELEASE)

    assert kubernetes.api.find("apps/v1", "Deployment", NAME, place) is not None


def test_restricted_namespaces_take_the_operators_pods(kubernetes: Cluster, helm: Config, place: str) -> None:
    helm.install(chart.CHART, RELEASE)

    pods = eventually(
        lambda: kubernetes.api.list("v1", "Pod", place, labelSelector=f"{labels.NAME}={NAME}"),
        lambda found: len(found) == 2,
    )
    assert {pod["spec"]["serviceAccountName"] for pod in pods} == {NAME}


def test_for_the_whole_cluster_the_operator_reaches_every_namespace(
    kubernetes: Cluster, helm: Config, place: str, namespace: str
) -> None:
    helm.install(chart.CHART, RELEASE)
    operator = kubernetes.account(NAME, place).api

    eventually(lambda: _can(operator, "list", "secrets", None), bool)
    assert _can(operator, "patch", "deployments", namespace, "apps")
    assert not _can(operator, "list", "nodes", None)
    assert not _can(operator, "create", "pods", namespace)
    assert not _can(operator, "create", "clusterroles", None, "rbac.authorization.k8s.io")


def test_for_named_namespaces_nothing_else_can_be_read(
    kubernetes: Cluster, helm: Config, place: str, namespace: str
) -> None:
    helm.install(chart.CHART, RELEASE, {"watchNamespaces": [namespace]})
    operator = kubernetes.account(NAME, place).api

    eventually(lambda: _can(operator, "list", "secrets", namespace), bool)
    with pytest.raises(ApiError, match="403"):
        operator.list("v1", "Secret", place)
    with pytest.raises(ApiError, match="403"):
        operator.list("v1", "Secret")
    assert operator.list("v1", "Secret", namespace) == []
    assert _can(operator, "update", "leases", place, "coordination.k8s.io") is False
    lease = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": NAME, "namespace": place},
        "spec": {"holderIdentity": "me"},
    }
    made = operator.create(lease)
    assert operator.get("coordination.k8s.io/v1", "Lease", NAME, place)["metadata"]["uid"] == made["metadata"]["uid"]
