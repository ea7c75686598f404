"""Fixtures of the tests that need a Kubernetes API server."""

from support.kubernetes.fixtures import kubernetes, local_node, namespace, pytest_collection_finish
from support.kubernetes.operator_fixtures import instance, operator, place, ready, stage

__all__ = [
    "instance",
    "kubernetes",
    "local_node",
    "namespace",
    "operator",
    "place",
    "pytest_collection_finish",
    "ready",
    "stage",
]
