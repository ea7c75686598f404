"""Where a test's server comes from: the one place that chooses, and says what it chose."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

from support import one_at_a_time

INSTALL_TIMEOUT_SECONDS = 300
_INSTALLING = Path(tempfile.gettempdir()) / "elasticdash-tests-install.lock"


@dataclass(frozen=True, slots=True)
class DebianProgram:
    """A program and the package that brings it. `patterns` are places outside PATH, the newest version last."""

    name: str
    package: str
    patterns: Sequence[str] = ()


def given_url(variable: str) -> str | None:
    """The server that whoever runs the tests provides, None when they don't: it is then started by the test."""
    url = os.environ.get(variable)
    if url:
        _say(f"{variable} is set: using the given server")
    return url


@cache
def program(wanted: DebianProgram) -> Path:
    """Path of a server program: on this machine, else installed from Debian's packages; else the test is skipped."""
    found = _on_machine(wanted)
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        with one_at_a_time.held(_INSTALLING, lambda: _say("waiting: another process installs Debian's packages")):
            found = _on_machine(wanted) or _installed(wanted)
    if found is None:
        reason = (
            f"{wanted.name} is missing: install Debian's {wanted.package}, or run the tests as root where apt works"
        )
        skip(reason)
    _say(f"{wanted.name}: {found}")
    return found


def skip(reason: str) -> NoReturn:
    """Skip the test, and say so where nobody can miss it."""
    _say(f"SKIPPED: {reason}")
    pytest.skip(reason)


def _on_machine(wanted: DebianProgram) -> Path | None:
    on_path = shutil.which(wanted.name)
    if on_path:
        return Path(on_path)
    found = sorted(path for pattern in wanted.patterns for path in glob.glob(pattern))
    return Path(found[-1]) if found else None


def _installed(wanted: DebianProgram) -> Path | None:
    _say(f"installing Debian's {wanted.package} for {wanted.name}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", wanted.package]):
        subprocess.run(
            command, env=environment, check=False, capture_output=True, timeout=INSTALL_TIMEOUT_SECONDS, text=True
        )
    return _on_machine(wanted)


def _say(line: str) -> None:
    # Past the runner's capture: the reader of a log has to see what ran, and what did not.
    print(f"[servers] {line}", file=sys.__stderr__, flush=True)
