"""The images a test node needs, built here: the product's from its Dockerfile, its stores' stand-ins from packages."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from support.kubernetes import programs
from support.kubernetes.whole_node import PAUSE_IMAGE
from support.servers.docker import AUTHORITIES, BUILD_TIMEOUT_SECONDS, Docker, reached

PRODUCT = ("web", "worker", "operator")
STORES = ("postgres", "clickhouse", "redis", "objectstore")
SDK = "sdk"
# Product image and the migration that is added to it, by name.
CHANGED = {
    "web-next": ("web", "next.sql"),
    "worker-next": ("worker", "next.sql"),
    "web-broken": ("web", "broken.sql"),
}
_TOP = Path(__file__).parents[3]
_HERE = Path(__file__).with_name("images")
_SDK_PINS = _TOP / "tests/contract/environments/langfuse_python_4.txt"
_SAVE_TIMEOUT_SECONDS = 600


def reference(name: str, tag: str = "1") -> str:
    """What an image is called on the node; no registry has it."""
    return f"localhost/elasticdash-test-{name}:{tag}"


def archive(path: Path) -> Mapping[str, str]:
    """References by name of all images, now in the archive at `path`. Minutes the first time, then what changed.

    The daemon's data is kept beside Kubernetes' programs: layers of an earlier run are used again.
    """
    with reached(programs.cache_folder().parent.parent / "docker") as docker:
        base = docker.base_image()
        built = {name: _product(docker, name, base) for name in PRODUCT}
        with tempfile.TemporaryDirectory(prefix="images-") as folder:
            context = _context(Path(folder))
            built |= {name: _stand_in(docker, name, base, context) for name in (*STORES, SDK)}
            for name, (product, migration) in CHANGED.items():
                built[name] = _built(docker, name, "changed", context, BASE_IMAGE=built[product], MIGRATION=migration)
        _pause(docker, base)
        programs.say(f"saving {len(built) + 1} images")
        docker.run("save", "--output", str(path), PAUSE_IMAGE, *built.values(), timeout_seconds=_SAVE_TIMEOUT_SECONDS)
    return built


def _product(docker: Docker, name: str, base: str) -> str:
    programs.say(f"building the image of {name}")
    tag = reference(name)
    docker.run("tag", docker.build(name, base), tag)
    return tag


def _stand_in(docker: Docker, name: str, base: str, context: Path) -> str:
    return _built(docker, name, name, context, BASE_IMAGE=base)


def _built(docker: Docker, name: str, target: str, context: Path, **arguments: str) -> str:
    programs.say(f"building the image of {name}")
    tag = reference(name)
    secrets = ["--secret", f"id=ca,src={AUTHORITIES}"] if AUTHORITIES.exists() else []
    given = [word for key, value in arguments.items() for word in ("--build-arg", f"{key}={value}")]
    what = ["--network", "host", *given, "--target", target, "--tag", tag]
    docker.run("build", *what, *secrets, str(context), timeout_seconds=BUILD_TIMEOUT_SECONDS)
    return tag


def _context(folder: Path) -> Path:
    """A folder with what the stand-ins' Dockerfile copies."""
    shutil.copytree(_HERE, folder, dirs_exist_ok=True)
    for name in ("runtime.txt", "dev.txt"):
        (folder / "requirements").mkdir(exist_ok=True)
        shutil.copy(_TOP / "requirements" / name, folder / "requirements")
    shutil.copy(_SDK_PINS, folder / "requirements-sdk.txt")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(_TOP / "tests/support/clickhouse_http", folder / "support/clickhouse_http", ignore=ignored)
    return folder


def _pause(docker: Docker, base: str) -> None:
    """The process that holds a pod's namespaces: it only waits."""
    dockerfile = f'FROM {base}\nENTRYPOINT ["/bin/sleep", "2147483647"]\n'
    with tempfile.TemporaryDirectory(prefix="pause-") as folder:
        (Path(folder) / "Dockerfile").write_text(dockerfile)
        docker.run("build", "--tag", PAUSE_IMAGE, folder, timeout_seconds=BUILD_TIMEOUT_SECONDS)
