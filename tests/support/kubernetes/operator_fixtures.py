"""Fixtures of tests that run the operator as a process beside a real API server."""

from collections.abc import Generator
from dataclasses import dataclass, field

import pytest

from support.kubernetes import operator as operators
from support.kubernetes.cluster import Cluster
from support.kubernetes.local_node import LocalNode
from support.kubernetes.operator import Instance, Operator

# Looks follow each other quickly, so that a test sees many of them.
QUICK = {"RESYNC_SECONDS": "2", "LEASE_SECONDS": "15"}


@dataclass(frozen=True, slots=True)
class Stage:
    """A cluster with our resources, and a node that plays the pods of some namespaces: ready at once."""

    cluster: Cluster
    played: list[str] = field(default_factory=list[str])


@pytest.fixture(scope="module")
def stage(kubernetes: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    operators.install_crds(kubernetes.api)
    found = Stage(kubernetes)
    # The node looks at this very list in every round.
    node = LocalNode(kubernetes.api.access, found.played, tmp_path_factory.mktemp("pods"), runs=lambda _: False)
    node.start()
    yield found
    node.stop()


@pytest.fixture(scope="module")
def operator(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Generator[Operator]:
    """One process that serves the whole cluster."""
    with Operator(stage.cluster.kubeconfig, [], tmp_path_factory.mktemp("operator"), QUICK) as running:
        yield running


@pytest.fixture
def place(stage: Stage, namespace: str) -> Generator[str]:
    """A namespace whose pods are played and whose migrations succeed at once."""
    stage.played.append(namespace)
    with operators.jobs_that_succeed(stage.cluster.api, namespace):
        yield namespace
    stage.played.remove(namespace)


@pytest.fixture
def instance(stage: Stage, place: str) -> Generator[Instance]:
    """A resource that isn't there yet; it is deleted after the test."""
    found = Instance(stage.cluster.api, place)
    yield found
    found.delete()


@pytest.fixture
def ready(instance: Instance, operator: Operator) -> Instance:
    """An instance of profile dev that is ready."""
    assert operator.process.is_running
    instance.apply(profile="dev")
    instance.wait_for_phase("Ready")
    return instance
