"""The whole cluster of the end-to-end tests, and the images it has."""

import json
import os
import shutil
import tempfile
from collections.abc import Generator, Mapping
from pathlib import Path

import pytest

from support.kubernetes import programs
from support.kubernetes.cluster import Cluster
from support.kubernetes.fixtures import KUBECONFIG_VARIABLE
from support.kubernetes.whole_node import WholeNode
from support.servers import origin

ARCHIVE_VARIABLE = "ELASTICDASH_E2E_IMAGES"
IMAGES_VARIABLE = "TEST_IMAGES"
# What Helm installs the operator as, and the longest that `helm test` may take where Python starts slowly.
RELEASE = "elasticdash"
TEST_SECONDS = 240


@pytest.fixture(scope="session")
def images() -> Mapping[str, str]:
    """References by component of images the cluster has or can pull."""
    given = os.environ.get(IMAGES_VARIABLE)
    if not given:
        origin.skip(f"no images for the cluster: run `make e2e`, or say in {IMAGES_VARIABLE} which it can pull")
    return json.loads(given)


@pytest.fixture(scope="session")
def cluster(images: Mapping[str, str]) -> Generator[Cluster]:
    """The cluster of TEST_KUBECONFIG, else a node started here."""
    folder = Path(tempfile.mkdtemp(prefix="node-"))
    given = os.environ.get(KUBECONFIG_VARIABLE)
    try:
        if given:
            cluster = Cluster(Path(given), folder)
            programs.say(f"end-to-end on the cluster of {KUBECONFIG_VARIABLE}, Kubernetes {cluster.version()}")
            yield cluster
        else:
            yield from _own_node()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _own_node() -> Generator[Cluster]:
    archive = os.environ.get(ARCHIVE_VARIABLE)
    if not archive:
        origin.skip("no node here: it is started by `make e2e`, in namespaces of its own")
    # Who made this folder removes it, and the node's cgroups, whatever becomes of this process.
    node = WholeNode(Path(archive).parent)
    try:
        cluster = node.start()
        programs.say(f"end-to-end on a node of our own, Kubernetes {cluster.version()}")
        node.load(Path(archive))
        yield cluster
    finally:
        node.stop()
