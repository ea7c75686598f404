"""Kubernetes objects in memory, with the rules that code relies on: versions, conflicts, generations, finalizers."""

import copy
from collections.abc import Mapping
from typing import Any

from elasticdash.shared import errors

Key = tuple[str, str, str]


class KilledError(Exception):
    """The process ended here."""


class MemoryObjects:
    """Find, create, replace, apply; `writes` counts. After `dies_after` more calls every call raises KilledError."""

    def __init__(self) -> None:
        self.objects: dict[Key, dict[str, Any]] = {}
        self.writes = 0
        self.dies_after: int | None = None

    def put(self, manifest: Mapping[str, Any]) -> None:
        """An object as somebody else wrote it."""
        key = _key(manifest)
        found = copy.deepcopy(dict(manifest))
        metadata = {"uid": f"uid-{key[2]}", "generation": 1, **found["metadata"]}
        self.objects[key] = {**found, "metadata": {**metadata, "resourceVersion": str(self.writes)}}
        self.writes += 1

    async def find(self, _api_version: str, kind: str, namespace: str | None, name: str) -> Any:
        """A copy of the object, None without one."""
        self._live()
        return copy.deepcopy(self.objects.get((kind, namespace or "", name)))

    async def create(self, manifest: Mapping[str, Any]) -> Any:
        """The new object; ConflictError when there is one."""
        self._live()
        if _key(manifest) in self.objects:
            raise errors.ConflictError("it exists")
        self.put(manifest)
        return copy.deepcopy(self.objects[_key(manifest)])

    async def replace(self, manifest: Mapping[str, Any]) -> Any:
        """The object written back; ConflictError when it changed since."""
        self._live()
        present = self.objects[_key(manifest)]
        if present["metadata"]["resourceVersion"] != manifest["metadata"]["resourceVersion"]:
            raise errors.ConflictError("it changed")
        self.put(manifest)
        return copy.deepcopy(self.objects[_key(manifest)])

    async def apply(self, manifest: Mapping[str, Any], _field_manager: str = "") -> Any:
        """The object with this intent laid over it; one without finalizers that is being deleted goes."""
        self._live()
        present = self.objects.get(_key(manifest), {})
        metadata = {**present.get("metadata", {}), **manifest["metadata"]}
        self.put({**present, **manifest, "metadata": metadata})
        if metadata.get("deletionTimestamp") and not metadata.get("finalizers"):
            del self.objects[_key(manifest)]
            return manifest
        return copy.deepcopy(self.objects[_key(manifest)])

    async def apply_status(self, manifest: Mapping[str, Any]) -> Any:
        """The object with this status. NotFoundError when it is gone."""
        self._live()
        if _key(manifest) not in self.objects:
            raise errors.NotFoundError("it is gone")
        self.objects[_key(manifest)]["status"] = copy.deepcopy(manifest["status"])
        self.writes += 1
        return manifest

    def _live(self) -> None:
        if self.dies_after is not None:
            if self.dies_after <= 0:
                raise KilledError
            self.dies_after -= 1


def _key(manifest: Mapping[str, Any]) -> Key:
    return manifest["kind"], manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"]
