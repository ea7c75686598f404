"""A project's life in fast motion, and everything the operator wrote and asked for during it."""

import copy
import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from elasticdash.operator.cluster.instance_api import InstanceApi
from elasticdash.operator.naming import labels
from elasticdash.operator.projects.reconcile import KIND, LoggerAccess, ProjectReconciler
from elasticdash.shared import errors
from support.objects import MemoryObjects
from support.operator.fake_web import FakeWeb

_START = datetime(2026, 1, 1, tzinfo=UTC)
# Looks at the project, by hours after its beginning; somebody asks for a new key after the first one.
_HOURS = (0, 1, 2, 20, 40, 60, 800, 900)
_ASKED_AT = 1


async def record(spec: Mapping[str, Any]) -> Any:
    """Requests to web, and the objects after each look, from the first one to the deletion."""
    web, objects, numbers = FakeWeb(), MemoryObjects(), itertools.count()
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
