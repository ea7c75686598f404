"""ElasticDashProject against the web service's real admin API: delivered, rotated with overlap, killed anywhere."""

import base64
import itertools
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from elasticdash.operator.cluster.instance_api import InstanceApi, KeyPair
from elasticdash.operator.naming import labels
from elasticdash.operator.projects.access import AccessFinder
from elasticdash.operator.projects.reconcile import KIND, LoggerAccess, ProjectReconciler
from elasticdash.shared import errors
from elasticdash.web.admin_api import key_routes
from elasticdash.web.admin_api import routes as admin
from elasticdash.web.public_api.organizations import routes as organizations
from elasticdash.web.public_api.projects import administration
from elasticdash.web.public_api.projects import routes as projects
from support import web
from support.objects import KilledError, MemoryObjects

NOW = datetime.fromisoformat("2026-01-31T12:00:00+00:00")
ROUTERS = (admin.router, key_routes.router, organizations.router, administration.router, projects.router)
SPEC: dict[str, Any] = {
    "loggerRef": {"name": "obs"},
    "organization": {"id": "team", "name": "Team"},
    "displayName": "Chat",
    "keys": {"rotation": {"overlap": "1h"}},
}


class World:
    """A cluster in memory, a real web, and a time that moves when told to."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self.objects = MemoryObjects()
        self.transport = transport
        self.now = NOW
        self._numbers = itertools.count()
        self.objects.put(
            {
                "kind": "ElasticDashLogger",
                "metadata": {"name": "obs", "namespace": "ns"},
                "spec": {"profile": "dev", "url": "https://obs.example.com"},
                "status": {"web": {"replicas": 1, "ready": 1}},
            }
        )
        self.objects.put(secret("obs-generated", {"ADMIN_API_KEY": web.ADMIN_KEY}))

    def declare(self, spec: dict[str, Any] = SPEC, **metadata: Any) -> None:
        """The resource as its owner writes it; what the operator wrote on it stays."""
        before = self.objects.objects.get((KIND, "ns", "chat"), {})
        kept = {**before.get("metadata", {}), "name": "chat", "namespace": "ns", **metadata}
        self.objects.put({**before, "kind": KIND, "metadata": kept, "spec": spec})

    def api(self, access: LoggerAccess) -> InstanceApi:
        return InstanceApi("http://test", access.admin_key, self.transport)

    async def look(self) -> None:
        """One look by a process that begins with it."""
        finder = AccessFinder(self.objects, "http://{service}.{namespace}:{port}")
        reconciler = ProjectReconciler(self.objects, finder, self.api, self._random, lambda: self.now)
        await reconciler.look("ns", "chat")

    def _random(self, _: int) -> str:
        return f"{next(self._numbers):012}"

    def status(self) -> dict[str, Any]:
        return self.objects.objects[KIND, "ns", "chat"].get("status", {})

    def delivered(self, name: str = "chat-keys") -> dict[str, str]:
        data = self.objects.objects["Secret", "ns", name].get("data", {})
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    async def is_accepted(self, values: dict[str, str]) -> bool:
        async with InstanceApi("http://test", web.ADMIN_KEY, self.transport) as api:
            return await api.is_accepted(KeyPair(values["publicKey"], values["secretKey"]))

    async def key_count(self) -> int:
        async with InstanceApi("http://test", web.ADMIN_KEY, self.transport) as api:
            return len(await api.list_keys("team", "ns-chat"))


def secret(name: str, values: dict[str, str]) -> dict[str, Any]:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"kind": "Secret", "metadata": {"name": name, "namespace": "ns"}, "data": data}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with web.opened(tmp_path, ROUTERS) as (client, _):
        yield World(client._transport)  # pyright: ignore[reportPrivateUsage]


def reason(world: World) -> str:
    [condition] = world.status()["conditions"]
    return condition["reason"]


async def test_a_project_waits_for_its_instance(world: World):
    world.declare({**SPEC, "loggerRef": {"name": "other"}})

    await world.look()

    assert reason(world) == "LoggerNotReady"


async def test_a_wrong_admin_key_is_told(world: World):
    world.objects.put(secret("obs-generated", {"ADMIN_API_KEY": "wrong"}))
    world.declare()

    await world.look()

    assert reason(world) == "Refused"
    assert "Invalid admin API key" in world.status()["conditions"][0]["message"]


async def test_another_projects_name_is_refused_and_told(world: World):
    world.declare({**SPEC, "organization": {"id": "org"}, "displayName": "Alpha"})

    await world.look()

    assert reason(world) == "Refused"
    assert "already has a project with this name" in world.status()["conditions"][0]["message"]


async def test_a_secret_of_somebody_else_is_left_alone(world: World):
    world.objects.put(secret("chat-keys", {"publicKey": "theirs"}))
    world.declare()

    await world.look()

    assert reason(world) == "Refused"
    assert world.delivered() == {"publicKey": "theirs"}


async def test_a_key_that_works_is_delivered_and_nothing_more_is_written(world: World):
    world.declare()

    await world.look()
    writes = world.objects.writes
    await world.look()

    values = world.delivered()
    assert (values["host"], set(values)) == ("https://obs.example.com", {"host", "publicKey", "secretKey"})
    assert await world.is_accepted(values)
    assert (reason(world), world.status()["projectId"]) == ("Delivered", "ns-chat")
    assert world.objects.writes == writes
    assert values["secretKey"] not in str(world.status())


async def test_a_key_taken_away_by_hand_works_again(world: World):
    world.declare()
    await world.look()
    async with InstanceApi("http://test", web.ADMIN_KEY, world.transport) as api:
        [key] = await api.list_keys("team", "ns-chat")
        await api.revoke_key("team", "ns-chat", key.id)

    await world.look()

    assert await world.is_accepted(world.delivered())


async def test_rotation_keeps_the_old_key_for_its_overlap(world: World):
    world.declare()
    await world.look()
    old = world.delivered()
    world.declare(annotations={labels.ROTATE: "1"})

    await world.look()
    new = world.delivered()
    accepted_in_overlap = (await world.is_accepted(old), await world.is_accepted(new))
    world.now += timedelta(minutes=59)
    await world.look()
    accepted_before_its_end = await world.is_accepted(old)
    world.now += timedelta(minutes=2)
    await world.look()

    assert new["publicKey"] != old["publicKey"]
    assert accepted_in_overlap == (True, True)
    assert accepted_before_its_end
    assert not await world.is_accepted(old)
    assert await world.is_accepted(new)
    assert (world.delivered(), world.status()["rotated"]) == (new, "1")


async def test_a_key_is_rotated_when_its_time_is_over(world: World):
    world.declare({**SPEC, "keys": {"rotation": {"every": "48h", "overlap": "1h"}}})
    await world.look()
    first = world.delivered()

    world.now += timedelta(hours=47)
    await world.look()
    before = world.delivered()
    world.now += timedelta(hours=2)
    await world.look()

    assert (before, world.delivered() != first) == (first, True)


@pytest.mark.parametrize("dies_after", range(12))
async def test_killed_anywhere_a_rotation_ends_with_two_keys_and_a_working_secret(world: World, dies_after: int):
    world.declare()
    await world.look()
    old = world.delivered()
    world.declare(annotations={labels.ROTATE: "1"})
    world.objects.dies_after = dies_after
    for _ in range(3):
        try:
            await world.look()
        except KilledError:
            # Consumers read at the worst moment: what is delivered works, and so does what they had.
            world.objects.dies_after = None
            assert await world.is_accepted(world.delivered())
            assert await world.is_accepted(old)
            world.objects.dies_after = dies_after
    world.objects.dies_after = None

    await world.look()

    assert await world.is_accepted(world.delivered())
    assert await world.is_accepted(old)
    assert await world.key_count() == 2


@pytest.mark.parametrize(("policy", "is_kept"), [("Retain", True), ("Delete", False)])
async def test_deletion_takes_the_keys_and_by_policy_the_project(world: World, policy: str, is_kept: bool):
    world.declare({**SPEC, "deletionPolicy": policy})
    await world.look()
    values = world.delivered()
    world.declare({**SPEC, "deletionPolicy": policy}, deletionTimestamp="2026-01-31T12:00:00Z")

    with pytest.raises(errors.NotFoundError):
        await world.look()

    async with InstanceApi("http://test", web.ADMIN_KEY, world.transport) as api:
        try:
            found: list[str] | None = [key.public_key for key in await api.list_keys("team", "ns-chat")]
        except errors.NotFoundError:
            found = None
    assert not await world.is_accepted(values)
    assert found == ([] if is_kept else None)
    assert (KIND, "ns", "chat") not in world.objects.objects


async def test_deletion_waits_for_web_but_not_for_a_deleted_instance(world: World):
    world.declare()
    await world.look()
    world.declare(deletionTimestamp="2026-01-31T12:00:00Z")
    logger = world.objects.objects["ElasticDashLogger", "ns", "obs"]
    logger["status"] = {"web": {"replicas": 1, "ready": 0}}

    with pytest.raises(errors.UnavailableError):
        await world.look()
    del world.objects.objects["ElasticDashLogger", "ns", "obs"]
    with pytest.raises(errors.NotFoundError, match="gone"):
        await world.look()

    assert (KIND, "ns", "chat") not in world.objects.objects


async def test_the_administrator_reads_what_is_under_which_key(world: World):
    async with InstanceApi("http://test", web.ADMIN_KEY, world.transport) as api:
        uses = await api.read_key_use()

    assert set(uses) == {"salt", "session", "encryption"}
    assert uses["salt"].current_rows == 2
