"""Fixtures of the tests that need a Kubernetes API server."""

from support.kubernetes.fixtures import kubernetes, local_node, namespace, pytest_collection_finish

__all__ = ["kubernetes", "local_node", "namespace", "pytest_collection_finish"]
