"""One process works, the others wait: a Lease that is renewed, and taken over when its holder falls silent."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from elasticdash.operator.cluster.client import Cluster
from elasticdash.operator.plan import observed
from elasticdash.operator.plan.observed import Manifest
from elasticdash.shared import errors

log = structlog.get_logger()

_API_VERSION = "coordination.k8s.io/v1"
_KIND = "Lease"
_RETRY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Sighting:
    """The last renewal seen, and when by our own clock: the holder's clock may be wrong."""

    holder: str
    renewed: str
    seen_at: float


class Lease:
    """A claim on being the one that works. Not for use by more than one task."""

    def __init__(
        self, cluster: Cluster, place: tuple[str, str], identity: str, seconds: float, now: Callable[[], datetime]
    ) -> None:
        """`place` is the Lease's namespace and name."""
        self._cluster = cluster
        self._namespace, self._name = place
        self._identity = identity
        self._seconds = seconds
        self._now = now
        self._sighting: _Sighting | None = None

    async def acquire(self) -> None:
        """Return when this process holds the Lease; waits for as long as another renews it."""
        while not await self._try():
            await asyncio.sleep(min(_RETRY_SECONDS, self._seconds / 4))

    async def hold(self) -> None:
        """Renew until another holds the Lease or it could not be renewed in time; then return: work must stop at once.

        The time that is left for renewing is shorter than the time others wait, so two never work side by side.
        """
        clock = asyncio.get_running_loop().time
        renewed_at = clock()
        while True:
            await asyncio.sleep(min(_RETRY_SECONDS, self._seconds / 4))
            left = self._seconds * 2 / 3 - (clock() - renewed_at)
            if left <= 0:
                log.error("lease_not_renewed", seconds=clock() - renewed_at)
                return
            try:
                async with asyncio.timeout(left):
                    is_ours = await self._try()
            except TimeoutError:
                continue
            if is_ours:
                renewed_at = clock()
            elif self._sighting is not None and self._sighting.holder != self._identity:
                log.error("lease_lost", holder=self._sighting.holder)
                return

    async def release(self) -> None:
        """Let another process take over now instead of after the silence."""
        try:
            found = await self._cluster.find(_API_VERSION, _KIND, self._namespace, self._name)
            if found is not None and found["spec"].get("holderIdentity") == self._identity:
                await self._cluster.replace(self._claimed(found, ""))
        except errors.ElasticDashError as error:
            log.warning("lease_not_released", error=str(error))

    async def _try(self) -> bool:
        """Whether this process holds the Lease now, renewed or taken over. An API server that fails means no."""
        try:
            found = await self._cluster.find(_API_VERSION, _KIND, self._namespace, self._name)
            if found is None:
                await self._cluster.create(self._claimed(None, self._identity))
                return True
            if not self._may_claim(found):
                return False
            await self._cluster.replace(self._claimed(found, self._identity))
        except errors.ConflictError:
            return False
        except errors.ElasticDashError as error:
            log.warning("lease_not_reached", error=str(error))
            return False
        return True

    def _may_claim(self, found: Manifest) -> bool:
        spec = observed.part(found, "spec")
        holder, renewed = str(spec.get("holderIdentity") or ""), str(spec.get("renewTime") or "")
        clock = asyncio.get_running_loop().time()
        last = self._sighting
        if last is None or (last.holder, last.renewed) != (holder, renewed):
            self._sighting = last = _Sighting(holder, renewed, clock)
        if holder in ("", self._identity):
            return True
        return clock - last.seen_at > float(spec.get("leaseDurationSeconds") or self._seconds)

    def _claimed(self, found: Manifest | None, holder: str) -> Manifest:
        now = self._now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        before: dict[str, Any] = dict((found or {}).get("spec") or {})
        changes_hands = before.get("holderIdentity") != holder
        transitions = int(before.get("leaseTransitions") or 0) + (1 if changes_hands and holder else 0)
        spec = {
            **before,
            "holderIdentity": holder,
            "leaseDurationSeconds": max(1, round(self._seconds)),
            "renewTime": now,
            "acquireTime": now if changes_hands else before.get("acquireTime", now),
            "leaseTransitions": transitions,
        }
        metadata = found["metadata"] if found else {"name": self._name, "namespace": self._namespace}
        return {"apiVersion": _API_VERSION, "kind": _KIND, "metadata": metadata, "spec": spec}
