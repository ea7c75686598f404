"""A whole cluster with the operator installed by its chart; `make e2e` prepares what it needs."""

from collections.abc import Generator, Mapping

import pytest
from helm_python import Config

from support.kubernetes.cluster import Cluster
from support.kubernetes.operator import Instance
from support.kubernetes.whole_cluster import cluster, images
from support.operator import chart

__all__ = ["cluster", "images"]

RELEASE = "elasticdash"
INSTALL_SECONDS = 240


@pytest.fixture(scope="session")
def installed(cluster: Cluster, images: Mapping[str, str]) -> Generator[str]:
    """The namespace in which Helm installed the operator, which serves every namespace."""
    repository, tag = images["operator"].rsplit(":", 1)
    registry, repository = repository.split("/", 1)
    components = ("web", "worker", "postgres", "clickhouse", "redis", "objectstore")
    values = {
        "replicas": 1,
        "image": {"registry": registry, "repository": repository, "tag": tag},
        "instanceImages": {name: images[name] for name in components},
        "resyncSeconds": 10,
        "log": {"level": "debug"},
    }
    with (
        cluster.namespace({"pod-security.kubernetes.io/enforce": "restricted"}) as namespace,
        Config(kubeconfig_path=cluster.kubeconfig, namespace=namespace) as helm,
    ):
        helm.install(str(chart.CHART), RELEASE, values, namespace=namespace, wait="watcher", timeout=INSTALL_SECONDS)
        yield namespace
        helm.uninstall(RELEASE, timeout=INSTALL_SECONDS)


@pytest.fixture(scope="session")
def instance(cluster: Cluster, installed: str) -> Generator[Instance]:
    """An instance of profile dev, made of five lines; the tests come one after the other in its life."""
    assert installed
    with cluster.namespace({"pod-security.kubernetes.io/enforce": "restricted"}) as namespace:
        found = Instance(cluster.api, namespace)
        found.apply(profile="dev")
        yield found
