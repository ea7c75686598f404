"""A whole cluster with the operator installed by its chart; `make e2e` prepares what it needs."""

from collections.abc import Callable, Generator, Mapping
from typing import Any

import pytest
from helm_python import Config

from support.kubernetes import operator
from support.kubernetes.cluster import Cluster
from support.kubernetes.operator import Instance
from support.kubernetes.whole_cluster import RELEASE, TEST_SECONDS, cluster, images
from support.operator import chart

__all__ = ["cluster", "images"]

INSTALL_SECONDS = 240


@pytest.fixture(autouse=True)
def _proven(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """The report says what the product can do when the test passes; the page of results is made from it."""
    marker = request.node.get_closest_marker("capability")
    record_property("capability", marker.args[0])


RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


@pytest.fixture(scope="session")
def home(cluster: Cluster) -> Generator[str]:
    """The namespace of the instance, another than the operator's."""
    with cluster.namespace(RESTRICTED) as namespace:
        yield namespace


@pytest.fixture(scope="session")
def installed(cluster: Cluster, images: Mapping[str, str], home: str) -> Generator[Config]:
    """Helm, which installed the operator as `RELEASE`; that serves every namespace."""
    repository, tag = images["operator"].rsplit(":", 1)
    registry, repository = repository.split("/", 1)
    components = ("web", "worker", "postgres", "clickhouse", "redis", "objectstore")
    values: dict[str, Any] = {
        "replicas": 1,
        "image": {"registry": registry, "repository": repository, "tag": tag},
        "instanceImages": {name: images[name] for name in components},
        "resyncSeconds": 10,
        # A crowded node would starve it: who does not renew the Lease in time ends, and waits longer after each end.
        "resources": {"requests": {"cpu": "500m", "memory": "192Mi"}},
        "log": {"level": "debug"},
        "test": {"logger": "obs", "namespace": home, "timeoutSeconds": TEST_SECONDS},
    }
    if _has_definitions(cluster):
        # Of an earlier run in a cluster that was given: they belong to a release that is gone.
        operator.install_crds(cluster.api)
        values["crds"] = {"install": False}
    with (
        cluster.namespace(RESTRICTED) as namespace,
        Config(kubeconfig_path=cluster.kubeconfig, namespace=namespace) as helm,
    ):
        helm.install(str(chart.CHART), RELEASE, values, namespace=namespace, wait="watcher", timeout=INSTALL_SECONDS)
        yield helm
        helm.uninstall(RELEASE, timeout=INSTALL_SECONDS)


@pytest.fixture(scope="session")
def instance(cluster: Cluster, installed: Config, home: str) -> Instance:
    """An instance of profile dev, made of five lines; the tests come one after the other in its life."""
    assert installed
    found = Instance(cluster.api, home)
    found.apply(profile="dev")
    return found


def _has_definitions(cluster: Cluster) -> bool:
    kind, name = "CustomResourceDefinition", "elasticdashloggers.elasticdash.io"
    return cluster.api.find("apiextensions.k8s.io/v1", kind, name) is not None
