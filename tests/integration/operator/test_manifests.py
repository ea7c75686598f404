"""Everything the operator makes, on a real API server: known fields only, restricted pods, and stable once applied."""

from collections.abc import Generator, Mapping
from typing import Any

import pytest

from elasticdash.operator.plan import desired_state
from elasticdash.operator.plan.desired_state import DesiredState
from elasticdash.operator.plan.observed import Manifest
from support.kubernetes.api import Api, ApiError
from support.kubernetes.cluster import Cluster
from support.operator import applied, definitions_of_others, looks

_LEVEL = "pod-security.kubernetes.io"
RESTRICTED = {f"{_LEVEL}/enforce": "restricted", f"{_LEVEL}/warn": "restricted"}
# An apply that changes nothing may still meet a controller that writes a status at the same moment.
_TRIES = 5

_NO_RIGHTS = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}

EVERYTHING: Mapping[str, Any] = {
    **looks.PRODUCTION,
    "image": {"registry": "mirror.example.com", "pullPolicy": "Always", "pullSecrets": ["mirror"]},
    "web": {
        "podTemplate": {"spec": {"containers": [{"name": "proxy", "image": "x", "securityContext": _NO_RIGHTS}]}},
        "resources": {"requests": {"cpu": 1}, "limits": {"memory": "2Gi"}},
    },
    "worker": {"autoscaling": {"mode": "HPA"}, "drainTimeout": "10m"},
    "exposure": {
        "service": {"type": "LoadBalancer", "annotations": {"lb": "internal"}},
        "ingress": {"className": "nginx", "annotations": {"a": "b"}, "tls": {"issuerRef": {"name": "le"}}},
        "gateway": {"parentRefs": [{"name": "public", "namespace": "edge", "sectionName": "https"}]},
    },
    "tls": {"trustedCaRef": {"name": "obs-platform", "key": "CA"}},
    "networkPolicy": {
        "ingressFrom": [{"namespaceSelector": {"matchLabels": {"team": "a"}}}],
        "extraEgress": [{"ports": [{"protocol": "TCP", "port": 4317}]}],
    },
    "observability": {"labels": {"release": "prometheus"}},
    "scheduling": {
        "nodeSelector": {"pool": "a"},
        "tolerations": [{"key": "dedicated", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "high",
    },
    "serviceAccount": {"annotations": {"role": "reader"}},
    "env": [
        {"name": "TZ", "value": "UTC"},
        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
    ],
    "envFrom": [{"configMapRef": {"name": "own", "optional": True}}],
}
SPECS: Mapping[str, Mapping[str, Any]] = {
    "dev": looks.DEV,
    "standard": looks.STANDARD,
    "production": looks.PRODUCTION,
    "keda": {**looks.STANDARD, "worker": {"autoscaling": {"scaleToZero": True, "fallback": {"replicas": 4}}}},
    "everything": EVERYTHING,
    "deleted-with-its-data": {**looks.DEV, "deletionPolicy": "Delete"},
}


@pytest.fixture
def restricted(kubernetes: Cluster) -> Generator[str]:
    """A namespace that takes only pods under the restricted standard."""
    with kubernetes.namespace(RESTRICTED) as name:
        yield name


@pytest.fixture(scope="module")
def kinds_of_others(kubernetes: Cluster) -> Generator[None]:
    """KEDA's, the Gateway API's and the Prometheus operator's kinds are served."""
    with definitions_of_others.installed(kubernetes.api):
        yield


def _state(api: Api, namespace: str, spec: Mapping[str, Any], capabilities: frozenset[str]) -> DesiredState:
    given = {"obs-platform": {**looks.STORES, "CA": "PEM"}}
    found = looks.look(spec, given=given, capabilities=capabilities)
    return applied.after_migration(applied.placed(api, namespace, found))


def _is_stable(api: Api, manifest: Manifest) -> bool:
    for _ in range(_TRIES):
        before = applied.version_of(api, manifest)
        if applied.apply(api, manifest).stored["metadata"]["resourceVersion"] == before:
            return True
    return False


def test_the_namespace_takes_no_pod_that_may_do_more(kubernetes: Cluster, restricted: str) -> None:
    state = _state(kubernetes.api, restricted, looks.STANDARD, frozenset())
    (web,) = (
        each for each in state.manifests if each["kind"] == "Deployment" and each["metadata"]["name"] == "obs-web"
    )
    pod = {**web["spec"]["template"]["spec"], "hostNetwork": True, "serviceAccountName": "default"}
    loose = {**web, "spec": {"template": {**web["spec"]["template"], "spec": pod}}}

    with pytest.raises(ApiError, match="violates PodSecurity"):
        applied.make_pods(kubernetes.api, restricted, loose)


@pytest.mark.parametrize("name", SPECS)
def test_the_api_server_knows_every_field_and_warns_of_nothing(
    kubernetes: Cluster, restricted: str, kinds_of_others: None, name: str
) -> None:
    state = _state(kubernetes.api, restricted, SPECS[name], looks.EVERY_API)

    for manifest in state.manifests:
        assert applied.apply(kubernetes.api, manifest).warnings == ()


@pytest.mark.parametrize("name", [name for name in SPECS if name != "everything"])
def test_every_pod_is_admitted_where_only_restricted_ones_are(kubernetes: Cluster, restricted: str, name: str) -> None:
    api = kubernetes.api
    state = _state(api, restricted, SPECS[name], frozenset())
    for manifest in state.manifests:
        if manifest["kind"] == "ServiceAccount":
            applied.apply(api, manifest)

    for manifest in state.manifests:
        applied.make_pods(api, restricted, manifest)


def test_the_pods_of_a_migration_are_admitted_too(kubernetes: Cluster, restricted: str) -> None:
    api = kubernetes.api
    found = looks.claimed(applied.placed(api, restricted, looks.look(looks.STANDARD)))
    state = desired_state.desired_state(found, looks.RELEASE)
    jobs = [each for each in state.manifests if each["kind"] == "Job"]

    for manifest in [*(each for each in state.manifests if each["kind"] == "ServiceAccount"), *jobs]:
        assert applied.apply(api, manifest).warnings == ()
    applied.make_pods(api, restricted, jobs[0])


@pytest.mark.parametrize("name", SPECS)
def test_applying_again_changes_nothing(kubernetes: Cluster, restricted: str, kinds_of_others: None, name: str) -> None:
    api = kubernetes.api
    state = _state(api, restricted, SPECS[name], looks.EVERY_API)
    for manifest in state.manifests:
        applied.apply(api, manifest)

    unstable = [each["metadata"]["name"] for each in state.manifests if not _is_stable(api, each)]

    assert unstable == []
