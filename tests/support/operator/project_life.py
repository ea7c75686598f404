"""A project's life in fast motion, and everything the operator wrote and asked for during it."""

import copy
import itertools
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from elasticdash.operator import labels
from elasticdash.operator.instance_api import InstanceApi
from elasticdash.operator.projects.reconcile import KIND, LoggerAccess, ProjectReconciler
from elasticdash.shared import errors
from support.objects import MemoryObjects

_START = datetime(2026, 1, 1, tzinfo=UTC)
# Looks at the project, by hours after its beginning; somebody asks for a new key after the first one.
_HOURS = (0, 1, 2, 20, 40, 60, 800, 900)
_ASKED_AT = 1


class _Web:
    """Remembers organizations, projects and keys, and every request."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, Any]] = []
        self._organizations: set[str] = set()
        self._projects: dict[str, dict[str, Any]] = {}
        self._keys: dict[str, dict[str, Any]] = {}

    def answer(self, request: httpx.Request) -> httpx.Response:
        body: dict[str, Any] = json.loads(request.content) if request.content else {}
        place = request.headers.get("x-langfuse-organization-id", "")
        self.requests.append((request.method, f"{place} {request.url.path}", body))
        parts = request.url.path.strip("/").split("/")
        if parts[:3] == ["api", "admin", "organizations"]:
            return self._organization(parts[3:], body)
        if parts[-1] == "projects" and request.method == "GET":
            return httpx.Response(200, json={"projects": list(self._projects.values())})
        if parts[-1] == "apiKeys" or parts[-2] == "apiKeys":
            return self._key(request.method, parts, body)
        if request.method in ("POST", "PUT"):
            found = {"id": body.get("id", parts[-1]), "name": body["name"], "retentionDays": body["retention"]}
            self._projects[found["id"]] = found
        return httpx.Response(200, json={})

    def _organization(self, names: list[str], body: Mapping[str, Any]) -> httpx.Response:
        if names and names[0] not in self._organizations:
            return httpx.Response(404, json={"message": "no such organization"})
        self._organizations.add(body.get("id") or names[0])
        return httpx.Response(200, json={})

    def _key(self, method: str, parts: list[str], body: Mapping[str, Any]) -> httpx.Response:
        if method == "DELETE":
            self._keys.pop(parts[-1], None)
        if method == "POST":
            if body["publicKey"] in self._keys:
                return httpx.Response(409, json={"message": "it exists"})
            self._keys[body["publicKey"]] = {"id": body["publicKey"], **body}
        return httpx.Response(200, json={"apiKeys": list(reversed(self._keys.values()))})


async def record(spec: Mapping[str, Any]) -> Any:
    """Requests to web, and the objects after each look, from the first one to the deletion."""
    web, objects, numbers = _Web(), MemoryObjects(), itertools.count()
    seen: list[Any] = []
    now = [_START]

    async def find_access(namespace: str, name: str) -> LoggerAccess | None:
        return LoggerAccess("http://web", "http://web", "key") if (namespace, name) == ("ns", "obs") else None

    def open_api(access: LoggerAccess) -> InstanceApi:
        return InstanceApi(access.url, access.admin_key, httpx.MockTransport(web.answer))

    reconciler = ProjectReconciler(
        objects, find_access, open_api, lambda size: f"{next(numbers):0{size}}", lambda: now[0]
    )
    objects.put({"kind": "ElasticDashLogger", "metadata": {"name": "obs", "namespace": "ns"}})
    objects.put({"kind": KIND, "metadata": {"name": "chat", "namespace": "ns"}, "spec": dict(spec)})
    for hour in _HOURS:
        now[0] = _START + timedelta(hours=hour)
        if hour == _ASKED_AT:
            objects.objects[KIND, "ns", "chat"]["metadata"]["annotations"] = {labels.ROTATE: "now"}
        await reconciler.look("ns", "chat")
        seen.append(_written(objects))
    objects.objects[KIND, "ns", "chat"]["metadata"]["deletionTimestamp"] = "now"
    try:
        await reconciler.look("ns", "chat")
    except errors.NotFoundError:
        seen.append(sorted(objects.objects))
    return web.requests, seen


def _written(objects: MemoryObjects) -> Any:
    """Everything but what the owner of the resource wrote."""
    return {key: copy.deepcopy({**found, "spec": None}) for key, found in objects.objects.items()}
