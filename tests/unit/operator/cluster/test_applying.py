"""Applying: nothing is written twice, drift is undone, a refusal stops nothing else, data is never pruned."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from elasticdash.operator.api.enums import Reason
from elasticdash.operator.api.logger import LoggerSpec
from elasticdash.operator.api.status import LoggerStatus
from elasticdash.operator.cluster import applying
from elasticdash.operator.cluster.applying import Memory
from elasticdash.operator.cluster.client import Cluster
from elasticdash.operator.plan.observed import ChildKey, Instance, Manifest, Observed, key_of
from elasticdash.shared import errors

INSTANCE = Instance("obs", "prod", "u", 1, {}, LoggerSpec.model_validate({"profile": "dev"}), LoggerStatus())
OWNERS = [{"uid": "u"}]


def wish(name: str, kind: str = "Service", **spec: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "prod", "ownerReferences": OWNERS}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec}


class Api:
    """Adds what a server adds, counts versions, and refuses what it is told to."""

    def __init__(self) -> None:
        self.objects: dict[ChildKey, dict[str, Any]] = {}
        self.writes: list[tuple[str, str]] = []
        self.refused: dict[str, Exception] = {}

    async def apply(self, manifest: Manifest) -> Manifest:
        name = manifest["metadata"]["name"]
        if name in self.refused:
            raise self.refused[name]
        self.writes.append(("apply", name))
        found = deepcopy(dict(manifest))
        found["spec"] = {"clusterIP": "10.0.0.1", **found["spec"]}
        found["metadata"]["resourceVersion"] = str(len(self.writes))
        self.objects[key_of(manifest)] = found
        return found

    async def delete(self, target: Manifest, propagation: str) -> None:
        self.writes.append((propagation, target["metadata"]["name"]))
        self.objects.pop(key_of(target))

    def observed(self) -> Observed:
        return Observed(INSTANCE, datetime(2026, 1, 1, tzinfo=UTC), children=deepcopy(self.objects))


async def apply(api: Api, memory: Memory, *manifests: Manifest) -> Any:
    _, failure = await applying.apply(cast("Cluster", api), api.observed(), manifests, memory)
    return failure


async def prune(api: Api, observed: Observed, *kept: Manifest) -> Any:
    return await applying.prune(cast("Cluster", api), observed, [key_of(each) for each in kept], Memory())


async def test_what_the_server_refuses_is_said_and_everything_else_is_applied():
    api = Api()
    api.refused["b"] = errors.AccessDeniedError("PATCH b: forbidden")

    failure = await apply(api, Memory(), wish("a"), wish("b"), wish("c"))

    assert failure.reason is Reason.FORBIDDEN
    assert [name for _, name in api.writes] == ["a", "c"]


async def test_a_second_look_writes_nothing_and_neither_does_a_status():
    api, memory = Api(), Memory()
    await apply(api, memory, wish("a"))
    api.objects["Service", "a"]["status"] = {"loadBalancer": {}}
    api.objects["Service", "a"]["metadata"]["resourceVersion"] = "99"

    await apply(api, memory, wish("a"))

    assert len(api.writes) == 1


async def test_what_was_applied_is_what_is_there():
    api = Api()

    found, _ = await applying.apply(cast("Cluster", api), api.observed(), [wish("a", port=1)], Memory())

    assert found.children["Service", "a"] == api.objects["Service", "a"]


async def test_drift_and_a_changed_wish_are_applied():
    api, memory = Api(), Memory()
    await apply(api, memory, wish("a", port=1))
    api.objects["Service", "a"]["spec"]["port"] = 2

    await apply(api, memory, wish("a", port=1))
    await apply(api, memory, wish("a", port=3))

    assert len(api.writes) == 3
    assert api.objects["Service", "a"]["spec"]["port"] == 3


async def test_what_was_deleted_by_hand_comes_back():
    api, memory = Api(), Memory()
    await apply(api, memory, wish("a"))
    api.objects.clear()

    await apply(api, memory, wish("a"))

    assert ("Service", "a") in api.objects


async def test_a_new_process_applies_everything_once():
    api = Api()
    await apply(api, Memory(), wish("a"))

    restarted = Memory()
    await apply(api, restarted, wish("a"))
    await apply(api, restarted, wish("a"))

    assert len(api.writes) == 2


async def test_pruning_takes_only_what_the_instance_owns_and_nothing_wants():
    api = Api()
    await apply(api, Memory(), wish("kept"), wish("old"), wish("job", "Job"), wish("data", "Secret"), wish("other"))
    api.objects["Secret", "data"]["metadata"]["ownerReferences"] = []
    api.objects["Service", "other"]["metadata"]["ownerReferences"] = [{"uid": "another"}]
    api.writes.clear()

    await prune(api, api.observed(), wish("kept"))

    assert sorted(api.writes) == [("Background", "old"), ("Foreground", "job")]


async def test_what_is_going_is_not_deleted_again():
    api = Api()
    await apply(api, Memory(), wish("old"))
    api.objects["Service", "old"]["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    api.writes.clear()

    await prune(api, replace(api.observed()))

    assert api.writes == []
