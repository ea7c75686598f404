"""The Lease: one holder, taken over after silence, never while it is renewed, and given up when it can't be."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from elasticdash.operator.cluster.client import Cluster
from elasticdash.operator.cluster.lease import Lease
from elasticdash.operator.plan.observed import Manifest
from elasticdash.shared import errors

SECONDS = 0.6


class OneLease:
    """What an API server does with a single object; unreachable while `is_away`."""

    def __init__(self) -> None:
        self.held: dict[str, Any] | None = None
        self.versions: Iterator[int] = iter(range(1, 10_000))
        self.is_away = False

    async def find(self, *_: object) -> Manifest | None:
        self._answer()
        return self.held

    async def create(self, manifest: Manifest) -> Manifest:
        self._answer()
        if self.held is not None:
            raise errors.ConflictError("it exists")
        return self._store(manifest)

    async def replace(self, manifest: Manifest) -> Manifest:
        self._answer()
        if self.held is None or manifest["metadata"]["resourceVersion"] != self.held["metadata"]["resourceVersion"]:
            raise errors.ConflictError("it changed")
        return self._store(manifest)

    def _answer(self) -> None:
        if self.is_away:
            raise errors.UnavailableError("no answer")

    def _store(self, manifest: Mapping[str, Any]) -> Manifest:
        version = str(next(self.versions))
        self.held = {**manifest, "metadata": {**manifest["metadata"], "resourceVersion": version}}
        return self.held


def lease(api: OneLease, identity: str) -> Lease:
    return Lease(cast("Cluster", api), ("default", "operator"), identity, SECONDS, lambda: datetime.now(UTC))


async def test_a_holder_that_renews_keeps_it():
    api = OneLease()
    first, second = lease(api, "first"), lease(api, "second")
    await first.acquire()
    holding = asyncio.create_task(first.hold())

    waiting = asyncio.create_task(second.acquire())
    await asyncio.sleep(SECONDS * 3)

    assert not waiting.done()
    assert not holding.done()
    waiting.cancel()
    holding.cancel()


async def test_a_silent_holder_is_replaced_after_the_time_and_not_before():
    api = OneLease()
    await lease(api, "first").acquire()  # and is killed
    clock = asyncio.get_running_loop().time
    started = clock()

    async with asyncio.timeout(SECONDS * 5):
        await lease(api, "second").acquire()

    # Kubernetes keeps whole seconds of a Lease's time: at least one.
    assert clock() - started >= 1.0
    assert api.held is not None
    assert api.held["spec"]["holderIdentity"] == "second"
    assert api.held["spec"]["leaseTransitions"] == 2


async def test_a_released_lease_is_taken_at_once():
    api = OneLease()
    first = lease(api, "first")
    await first.acquire()
    await first.release()

    async with asyncio.timeout(SECONDS / 2):
        await lease(api, "second").acquire()


async def test_a_holder_that_cannot_renew_stops_before_another_may_start():
    api = OneLease()
    first = lease(api, "first")
    await first.acquire()
    api.is_away = True
    started = asyncio.get_running_loop().time()

    async with asyncio.timeout(SECONDS * 2):
        await first.hold()

    assert asyncio.get_running_loop().time() - started < SECONDS


async def test_a_holder_that_sees_another_stops():
    api = OneLease()
    first = lease(api, "first")
    await first.acquire()
    holding = asyncio.create_task(first.hold())
    assert api.held is not None
    api.held["spec"] = {**api.held["spec"], "holderIdentity": "second"}

    async with asyncio.timeout(SECONDS):
        await holding


async def test_releasing_what_another_holds_changes_nothing():
    api = OneLease()
    await lease(api, "first").acquire()

    await lease(api, "second").release()

    assert api.held is not None
    assert api.held["spec"]["holderIdentity"] == "first"
