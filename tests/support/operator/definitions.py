"""The two kinds, made known to a cluster of tests."""

from collections.abc import Iterable

from elasticdash.operator.documents import crd
from support.kubernetes.api import Api, Object, eventually

_API_VERSION = "apiextensions.k8s.io/v1"
_KIND = "CustomResourceDefinition"


def install(api: Api) -> None:
    """Apply both definitions and wait until objects of them can be made; nothing happens when they are there."""
    for definition in crd.definitions():
        api.apply(definition)
    wait(api)


def wait(api: Api) -> None:
    """Return once objects of both kinds can be made."""
    wait_for(api, _names())


def wait_for(api: Api, names: Iterable[str]) -> None:
    """Return once objects of these definitions can be made."""
    for name in names:
        eventually(lambda name=name: api.find(_API_VERSION, _KIND, name), _is_established)


def remove(api: Api) -> None:
    """Delete both definitions with all objects of them and wait until they are gone."""
    for name in _names():
        api.delete({"apiVersion": _API_VERSION, "kind": _KIND, "metadata": {"name": name}})
    for name in _names():
        eventually(lambda name=name: api.find(_API_VERSION, _KIND, name), lambda found: found is None)


def _names() -> list[str]:
    return [definition["metadata"]["name"] for definition in crd.definitions()]


def _is_established(definition: Object | None) -> bool:
    conditions: list[Object] = (definition or {}).get("status", {}).get("conditions") or []
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)
