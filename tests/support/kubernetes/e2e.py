"""`python -m support.kubernetes.e2e [pytest words]`: run the end-to-end tests where they find a whole Kubernetes.

With TEST_KUBECONFIG that cluster is used, and TEST_IMAGES says as JSON which images it can pull, by component. Without
it everything is built here, and the tests run in namespaces of their own together with the node they start.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from support.kubernetes import images, programs, whole_node
from support.kubernetes.fixtures import KUBECONFIG_VARIABLE
from support.kubernetes.programs import ProgramsMissingError
from support.kubernetes.whole_cluster import ARCHIVE_VARIABLE, IMAGES_VARIABLE

_TIMEOUT_SECONDS = 7200
_SANDBOX = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")


def main(words: Sequence[str]) -> int:
    """Exit code of the tests."""
    if os.environ.get(KUBECONFIG_VARIABLE):
        return _run([], words, {})
    # Sockets below it must have short paths.
    folder = Path(tempfile.mkdtemp(prefix="e2e-"))
    try:
        programs.folder_with([*programs.CONTROL_PLANE, *programs.NODE])
        with suppress(ProgramsMissingError):
            # The node says what is then not proven.
            programs.folder_with(programs.NETWORK, programs.KUBE_ROUTER)
        archive = folder / "images.tar"
        built = images.archive(archive)
        return _run(_SANDBOX, words, {ARCHIVE_VARIABLE: str(archive), IMAGES_VARIABLE: json.dumps(dict(built))})
    except (ProgramsMissingError, pytest.skip.Exception) as error:
        # The tests skip themselves, and say that it is this command that prepares them.
        programs.say(f"NO END-TO-END TESTS HERE: {error}")
        return _run([], words, {})
    finally:
        whole_node.remove_cgroups(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _run(prefix: Sequence[str], words: Sequence[str], variables: Mapping[str, str]) -> int:
    command = [*prefix, sys.executable, "-m", "pytest", "tests/e2e", *words]
    return subprocess.run(command, env={**os.environ, **variables}, check=False, timeout=_TIMEOUT_SECONDS).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
