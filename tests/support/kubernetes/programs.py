"""Programs of a Kubernetes for tests: those at hand, else built from Go modules into a cache outside the checkout."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support import one_at_a_time
from support.servers import origin
from support.servers.origin import DebianProgram

CONTROL_PLANE = ("kube-apiserver", "kube-controller-manager")
NODE = ("kube-scheduler", "kubelet", "kube-proxy")
NETWORK = ("kube-router",)
ETCD = DebianProgram("etcd", "etcd-server")
ASSETS_VARIABLE = "KUBEBUILDER_ASSETS"
BUILD_TIMEOUT_SECONDS = 1500
_PROGRESS_PAUSE_SECONDS = 15.0
_GO_PLACES = ("/usr/local/go/bin/go", "/usr/lib/go/bin/go")
_VERSION_PACKAGE = "k8s.io/component-base/version"


@dataclass(frozen=True)
class Module:
    """A folder with a `go.mod` that pins the release of a module whose programs are built. `name` is its cache's."""

    name: str
    folder: Path
    path: str


KUBERNETES = Module("kubernetes", Path(__file__).with_name("go"), "k8s.io/kubernetes")
KUBE_ROUTER = Module("kube-router", Path(__file__).with_name("go-network"), "github.com/cloudnativelabs/kube-router/v2")


class ProgramsMissingError(Exception):
    """Programs are neither at hand nor can be built here; says why."""


def release(module: Module = KUBERNETES) -> str:
    """The release that is built, such as v1.36.3."""
    wanted = rf"^\s*{re.escape(module.path)} (v\S+)"
    found = re.search(wanted, (module.folder / "go.mod").read_text(), re.MULTILINE)
    if found is None:
        raise ProgramsMissingError(f"{module.folder.name}/go.mod names no release of {module.path}")
    return found.group(1)


def folder_with(names: Sequence[str], module: Module = KUBERNETES) -> Path:
    """A folder that holds these programs, built at need, which takes minutes; ProgramsMissingError when it cannot."""
    given = os.environ.get(ASSETS_VARIABLE)
    if given and _holds(Path(given), names):
        return Path(given)
    folder = cache_folder(module)
    if not _holds(folder, names):
        with one_at_a_time.held(folder / "lock", lambda: say("waiting: another run builds the programs")):
            _build(module, folder, [name for name in names if not (folder / name).exists()])
    return folder


def cache_folder(module: Module = KUBERNETES) -> Path:
    """Where this release's programs are kept between runs; another release or module file has another folder."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    pins = (module.folder / "go.mod").read_bytes() + (module.folder / "go.sum").read_bytes()
    digest = hashlib.sha256(pins).hexdigest()
    return Path(base) / "elasticdash-tests" / module.name / f"{release(module)}-{digest[:8]}"


def say(line: str) -> None:
    """Tell whoever watches the run, past the runner's capture."""
    print(f"[kubernetes] {line}", file=sys.__stderr__, flush=True)


def _holds(folder: Path, names: Sequence[str]) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in names)


def _build(module: Module, folder: Path, names: Sequence[str]) -> None:
    if not names:
        return
    version = release(module)
    say(f"building {', '.join(names)} {version} into {folder}: minutes when nothing is cached")
    major, minor = version.removeprefix("v").split(".")[:2]
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    flags = " ".join(["-s", "-w", *(f"-X {_VERSION_PACKAGE}.{name}={value}" for name, value in values.items())])
    # Built beside and moved at the end: a build that was cut short leaves nothing that looks finished.
    built = folder / "building"
    shutil.rmtree(built, ignore_errors=True)
    built.mkdir()
    command = [_go(), "build", "-v", "-trimpath", "-mod=readonly", "-ldflags", flags, "-o", f"{built}/"]
    command += [f"{module.path}/cmd/{name}" for name in names]
    _run_and_tell(command, module.folder, folder / "build.log")
    for name in names:
        (built / name).replace(folder / name)
    built.rmdir()


def _run_and_tell(command: Sequence[str], place: Path, log_file: Path) -> None:
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false", "GOTOOLCHAIN": "local"}
    started = time.monotonic()
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            ["nice", "-n", "10", *command], cwd=place, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        while True:
            try:
                exit_code = process.wait(timeout=_PROGRESS_PAUSE_SECONDS)
                break
            except subprocess.TimeoutExpired:
                seconds = time.monotonic() - started
                say(f"{len(log_file.read_bytes().splitlines())} packages after {seconds:.0f} s")
                if seconds > BUILD_TIMEOUT_SECONDS:
                    os.killpg(process.pid, 9)
                    process.wait()
                    raise ProgramsMissingError(f"the build took longer than {BUILD_TIMEOUT_SECONDS} s") from None
    if exit_code:
        tail = log_file.read_bytes()[-2000:].decode(errors="replace")
        raise ProgramsMissingError(f"go build failed with exit code {exit_code}\n{tail}")
    say(f"built in {time.monotonic() - started:.0f} s")


def _go() -> str:
    found = shutil.which("go") or next((place for place in _GO_PLACES if os.access(place, os.X_OK)), None)
    if found is None:
        raise ProgramsMissingError(
            f"NO GO HERE: Kubernetes' programs cannot be built. Install Go, or set {ASSETS_VARIABLE} to a folder with "
            f"{', '.join(CONTROL_PLANE)}, or TEST_KUBECONFIG to a cluster"
        )
    return found


def etcd() -> Path:
    """The etcd of KUBEBUILDER_ASSETS, PATH or Debian's package; skips the test where none of them is possible."""
    given = os.environ.get(ASSETS_VARIABLE)
    if given and _holds(Path(given), ["etcd"]):
        return Path(given) / "etcd"
    return origin.program(ETCD)
