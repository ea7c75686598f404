"""Which cluster the tests use, decided once for a run and said aloud."""

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from support.kubernetes import programs
from support.kubernetes.cluster import Cluster
from support.kubernetes.control_plane import ControlPlane
from support.kubernetes.kubeconfig import KubeconfigNotUsableError
from support.kubernetes.local_node import LocalNode
from support.kubernetes.programs import ProgramsMissingError
from support.servers import origin
from support.servers.process import ServerNotReadyError

KUBECONFIG_VARIABLE = "TEST_KUBECONFIG"
FIXTURE = "kubernetes"


def pytest_collection_finish(session: pytest.Session) -> None:
    """Build Kubernetes' programs before the first test if any test needs them: no test's own time is that long."""
    wanted = any(FIXTURE in getattr(item, "fixturenames", ()) for item in session.items)
    if not wanted or session.config.option.collectonly or os.environ.get(KUBECONFIG_VARIABLE):
        return
    try:
        programs.folder_with(programs.CONTROL_PLANE)
    except ProgramsMissingError as error:
        # The fixture skips with the same reason.
        programs.say(str(error))


@pytest.fixture(scope="session")
def kubernetes() -> Generator[Cluster]:
    """One cluster for the run: the one of TEST_KUBECONFIG, else a control plane started here."""
    folder = Path(tempfile.mkdtemp(prefix="kubernetes-"))
    given = os.environ.get(KUBECONFIG_VARIABLE)
    try:
        yield from _given_cluster(Path(given), folder) if given else _own_cluster(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def namespace(kubernetes: Cluster) -> Generator[str]:
    """A namespace of the test's own."""
    with kubernetes.namespace() as name:
        yield name


@pytest.fixture
def local_node(kubernetes: Cluster, namespace: str, tmp_path: Path) -> Generator[LocalNode]:
    """Runs the pods of the test's namespace as this machine's processes; only on a control plane of our own."""
    assert kubernetes.control_plane.controller_manager.is_running
    node = LocalNode(kubernetes.api.access, [namespace], tmp_path / "pods")
    node.start()
    try:
        yield node
    finally:
        node.stop()


def _given_cluster(path: Path, folder: Path) -> Generator[Cluster]:
    try:
        cluster = Cluster(path, folder)
        programs.say(f"cluster of {KUBECONFIG_VARIABLE}, Kubernetes {cluster.version()}")
    except (KubeconfigNotUsableError, OSError) as error:
        pytest.fail(f"{KUBECONFIG_VARIABLE}: {error}")
    yield cluster
    cluster.api.close()


def _own_cluster(folder: Path) -> Generator[Cluster]:
    try:
        control_plane = ControlPlane(folder)
    except ProgramsMissingError as error:
        origin.skip(f"no Kubernetes for tests: {error}")
    try:
        control_plane.start()
        cluster = Cluster(control_plane.kubeconfig, folder, control_plane)
        programs.say(f"control plane of our own, Kubernetes {cluster.version()}; pods are local processes or played")
        yield cluster
        cluster.api.close()
    except ServerNotReadyError as error:
        pytest.fail(f"the control plane did not start: {error}")
    finally:
        control_plane.stop()
