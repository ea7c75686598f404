"""A Docker daemon for tests: the one that answers, else Debian's started here, else a loud skip."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.servers import origin
from support.servers.origin import DebianProgram
from support.servers.process import ServerNotReadyError, ServerProcess

BASE_IMAGE = "elasticdash-test-base"
PUBLISHED_BASE_IMAGE = "python:3.12-slim-bookworm"
_DAEMON = DebianProgram("dockerd", "docker.io", ("/usr/sbin/dockerd",))
_DEBOOTSTRAP = DebianProgram("debootstrap", "debootstrap", ("/usr/sbin/debootstrap",))
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
_TOP = Path(__file__).parents[3]
BUILD_TIMEOUT_SECONDS = 900
_PULL_TIMEOUT_SECONDS = 300
_COMMAND_TIMEOUT_SECONDS = 60


class DockerFailedError(Exception):
    """A docker command failed; carries the end of what it printed."""


class Docker:
    """A client of one daemon. Containers share this machine's network, so that they reach a test's servers."""

    def __init__(self, client: Path, host: str | None) -> None:
        self._client = str(client)
        self._env = {**os.environ, "DOCKER_BUILDKIT": "1", **({"DOCKER_HOST": host} if host else {})}

    def run(self, *arguments: str, timeout_seconds: float = _COMMAND_TIMEOUT_SECONDS) -> str:
        """What a docker command printed; DockerFailedError when it failed."""
        done = subprocess.run(
            [self._client, *arguments],
            env=self._env,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout_seconds,
        )
        if done.returncode:
            raise DockerFailedError(f"docker {arguments[0]} failed\n{(done.stdout + done.stderr)[-4000:]}")
        return done.stdout.strip()

    def answers(self) -> bool:
        """Whether the daemon is there."""
        self.run("info")
        return True

    def build(self, target: str, base_image: str) -> str:
        """Tag of the image built from our Dockerfile on a base image."""
        tag = f"elasticdash-test-{target}"
        secrets = ["--secret", f"id=ca,src={AUTHORITIES}"] if AUTHORITIES.exists() else []
        where = ["--network", "host", "--file", str(_TOP / "deploy/Dockerfile")]
        base = ["--build-arg", f"BASE_IMAGE={base_image}"]
        self.run(
            "build", *where, *secrets, *base, "--target", target, "--tag", tag, str(_TOP),
            timeout_seconds=BUILD_TIMEOUT_SECONDS,
        )  # fmt: skip
        return tag

    @contextmanager
    def container(self, image: str, environment: Mapping[str, str], command: Sequence[str] = ()) -> Generator[str]:
        """Id of a container as Kubernetes would run it: nothing writable but /tmp, no right beyond a plain user's."""
        bounds = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
        variables = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
        id_ = self.run("run", "--detach", "--network", "host", *bounds, *variables, image, *command)
        try:
            yield id_
        finally:
            self.run("rm", "--force", id_)

    def base_image(self) -> str:
        """An image with Python: the published one where it can be pulled, else one made of Debian's packages."""
        if self.run("images", "--quiet", BASE_IMAGE):
            return BASE_IMAGE
        try:
            self.run("pull", "--quiet", PUBLISHED_BASE_IMAGE, timeout_seconds=_PULL_TIMEOUT_SECONDS)
            return PUBLISHED_BASE_IMAGE
        except (DockerFailedError, subprocess.TimeoutExpired):
            return self._image_of_packages()

    def _image_of_packages(self) -> str:
        with tempfile.TemporaryDirectory(prefix="base-image-", ignore_cleanup_errors=True) as folder:
            packages = "--include=python3,python3-venv,ca-certificates"
            root, archive = Path(folder) / "root", Path(folder) / "root.tar"
            for command in (
                [str(origin.program(_DEBOOTSTRAP)), "--variant=minbase", packages, "bookworm", str(root), _mirror()],
                ["tar", "-C", str(root), "-cf", str(archive), "."],
            ):
                subprocess.run(command, check=True, capture_output=True, timeout=BUILD_TIMEOUT_SECONDS)
            self.run("import", str(archive), BASE_IMAGE, timeout_seconds=BUILD_TIMEOUT_SECONDS)
        return BASE_IMAGE


@contextmanager
def reached(data: Path | None = None) -> Generator[Docker]:
    """A daemon that answers; the test is skipped, with the reason, where there is none and none can be started.

    One started here forgets its images, unless it is given a folder for its `data`.
    """
    known = shutil.which("docker")
    given = Docker(Path(known), None) if known else None
    if given and _answers(given):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="docker-"))
    host = f"unix://{folder}/docker.sock"
    program = origin.program(_DAEMON)
    # The client of the same package: a newer one may not build with an older daemon.
    docker = Docker(Path("/usr/bin/docker"), host)
    options = [
        "--data-root",
        str(data or folder / "data"),
        "--exec-root",
        f"{folder}/exec",
        "--pidfile",
        f"{folder}/pid",
    ]
    network = ["--iptables=false", "--bridge=none"]
    daemon = ServerProcess(
        [str(program), "--host", host, *options, *network], is_ready=docker.answers, log_file=folder / "dockerd.log"
    )
    try:
        try:
            daemon.start()
        except ServerNotReadyError as error:
            origin.skip(f"no Docker daemon answers and Debian's does not start here: {error}")
        yield docker
    finally:
        daemon.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def docker() -> Generator[Docker]:
    """One daemon for all tests of images."""
    with reached() as daemon:
        yield daemon


def _answers(docker: Docker) -> bool:
    try:
        return docker.answers()
    except (DockerFailedError, subprocess.TimeoutExpired):
        return False


def _mirror() -> str:
    """Where this machine gets Debian's packages from."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages"],
        check=True,
        capture_output=True,
        text=True,
        timeout=_COMMAND_TIMEOUT_SECONDS,
    )
    uris = [line.split()[0] for line in listed.stdout.splitlines() if line.endswith(" bookworm")]
    if not uris:
        origin.skip("the base image can neither be pulled nor built: apt knows no mirror of Debian bookworm")
    return uris[0]
