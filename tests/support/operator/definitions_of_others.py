"""The resource definitions of KEDA, the Gateway API and the Prometheus operator, out of their Go modules."""

import json
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from support.kubernetes.api import Api, Object, eventually
from support.servers import origin

# Go keeps what it has downloaded: nothing of it is ours to keep or to commit.
_DEFINITIONS = {
    "github.com/kedacore/keda/v2@v2.21.0": ("config/crd/bases/keda.sh_scaledobjects.yaml",),
    "sigs.k8s.io/gateway-api@v1.7.0": ("config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",),
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": (
        "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ),
}
_API_VERSION = "apiextensions.k8s.io/v1"
_KIND = "CustomResourceDefinition"
_DOWNLOAD_SECONDS = 300


@contextmanager
def installed(api: Api) -> Generator[None]:
    """Their kinds are served until the block ends; the test is skipped where the modules can't be had."""
    definitions = [definition for module in _DEFINITIONS for definition in _of_module(module)]
    for definition in definitions:
        api.apply(definition)
    try:
        for definition in definitions:
            eventually(lambda definition=definition: _read(api, definition), _is_established)
        yield
    finally:
        for definition in definitions:
            api.delete(definition)
        for definition in definitions:
            eventually(lambda definition=definition: _read(api, definition), lambda found: found is None)


@cache
def _of_module(module: str) -> tuple[Object, ...]:
    archive = _downloaded(module)
    with zipfile.ZipFile(archive) as files:
        found = [yaml.safe_load(files.read(f"{module}/{path}")) for path in _DEFINITIONS[module]]
    return tuple({**definition, "status": {}} for definition in found)


def _downloaded(module: str) -> Path:
    go = shutil.which("go")
    if go is None:
        origin.skip("definitions of KEDA, the Gateway API and the Prometheus operator come as Go modules: no Go here")
    with tempfile.TemporaryDirectory() as outside_of_modules:
        done = subprocess.run(
            [go, "mod", "download", "-json", module],
            cwd=outside_of_modules,
            capture_output=True,
            text=True,
            timeout=_DOWNLOAD_SECONDS,
            check=False,
        )
    # A module that asks for a newer Go is an error to Go; its archive is there all the same.
    told: dict[str, Any] = json.loads(done.stdout or "{}")
    if "Zip" not in told:
        origin.skip(f"{module} can't be downloaded: {told.get('Error') or done.stderr.strip()}")
    return Path(str(told["Zip"]))


def _read(api: Api, definition: Object) -> Object | None:
    return api.find(_API_VERSION, _KIND, definition["metadata"]["name"])


def _is_established(definition: Object | None) -> bool:
    return any(each["type"] == "Established" and each["status"] == "True" for each in _conditions(definition))


def _conditions(definition: Object | None) -> Iterator[Object]:
    yield from (definition or {}).get("status", {}).get("conditions") or []
