"""Who may talk to whom, where the cluster's network enforces NetworkPolicies; where it does not, the skip says so."""

from collections.abc import Mapping

import pytest

from support.kubernetes import application
from support.kubernetes.api import Object
from support.kubernetes.cluster import Cluster
from support.kubernetes.operator import Instance
from support.servers import origin

READY_SECONDS = 900
DENIED = "denied"

pytestmark = pytest.mark.timeout(3000)


@pytest.fixture(scope="module")
def guarded(cluster: Cluster, instance: Instance, images: Mapping[str, str]) -> Instance:
    """The instance, ready, in a network in which a policy that denies everything does so."""
    instance.wait_for_phase("Ready", READY_SECONDS)
    labels = {"app": DENIED}
    cluster.api.create(_deny_all(instance.namespace, labels))
    denied = application.run(instance, images["sdk"], DENIED, application.doors(_doors(instance), []), labels)
    if denied:
        origin.skip(
            f"NETWORK POLICIES ARE NOT ENFORCED HERE: one that denies everything let {', '.join(denied)} through"
        )
    return instance


@pytest.mark.capability("Network policies: what others reach")
def test_a_stranger_reaches_the_api_and_the_object_store_and_nothing_else(guarded: Instance, images: Mapping[str, str]):
    expected = ["objectstore", "web"]

    opened = application.run(guarded, images["sdk"], "stranger", application.doors(_doors(guarded), expected))

    assert opened == expected


@pytest.mark.capability("Network policies: what an own pod reaches")
def test_a_migration_reaches_the_stores_and_not_the_api(guarded: Instance, images: Mapping[str, str]):
    expected = ["clickhouse", "objectstore", "postgres", "redis"]
    own = {"app.kubernetes.io/instance": guarded.name, "app.kubernetes.io/component": "migration"}

    opened = application.run(guarded, images["sdk"], "migrating", application.doors(_doors(guarded), expected), own)

    assert opened == expected


def _doors(instance: Instance) -> dict[str, tuple[str, int]]:
    ports = {"web": 3000, "web-operations": 9464, "worker": 3030}
    ports |= {"postgres": 5432, "clickhouse": 8123, "redis": 6379, "objectstore": 9000}
    return {name: (f"{instance.name}-{name}.{instance.namespace}.svc", port) for name, port in ports.items()}


def _deny_all(namespace: str, labels: Mapping[str, str]) -> Object:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": DENIED, "namespace": namespace},
        "spec": {"podSelector": {"matchLabels": dict(labels)}, "policyTypes": ["Ingress", "Egress"]},
    }
