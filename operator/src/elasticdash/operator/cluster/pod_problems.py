"""Asks pods that run and are not ready what they miss: the stores they can't reach have names there."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import aiohttp
import msgspec

from elasticdash.operator.naming import labels
from elasticdash.operator.plan import environment
from elasticdash.operator.plan import observed as facts
from elasticdash.operator.plan.manifests.blueprint import WEB, WORKER
from elasticdash.operator.plan.observed import Manifest

# Longer than web itself waits for a store that says nothing.
_TIMEOUT = aiohttp.ClientTimeout(total=8, connect=2)
_PLACES: Final[Mapping[str, tuple[int, str]]] = {
    WEB: (environment.WEB_PORT, "/api/public/ready"),
    WORKER: (environment.WORKER_PORT, "/api/ready"),
}
_SHOWN_CHARACTERS = 300


class _Answer(msgspec.Struct):
    status: str


class HttpProblemReader:
    """Reads the reason of an unready pod of each component; close it after use."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, pods: Sequence[Manifest]) -> Mapping[str, str]:
        """By component, what one unready pod says; nothing of those that are ready or don't answer."""
        asked = {component: pod for component in _PLACES if (pod := _unready(pods, component))}
        said = await asyncio.gather(*(self._ask(component, pod) for component, pod in asked.items()))
        return {component: text for component, text in zip(asked, said, strict=True) if text}

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, component: str, pod: Manifest) -> str:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        port, path = _PLACES[component]
        host = str(facts.part(pod, "status")["podIP"])
        url = f"http://[{host}]:{port}{path}" if ":" in host else f"http://{host}:{port}{path}"
        try:
            async with self._session.get(url, allow_redirects=False) as response:
                is_missing_something = response.status == 503
                answer = msgspec.json.decode(await response.read(), type=_Answer)
        except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError):
            return ""
        return answer.status[:_SHOWN_CHARACTERS] if is_missing_something else ""


def _unready(pods: Sequence[Manifest], component: str) -> Manifest | None:
    """A pod whose containers run and that takes no traffic, the first by name."""
    for pod in sorted(pods, key=lambda pod: str(pod["metadata"]["name"])):
        status = facts.part(pod, "status")
        if (
            facts.part(pod, "metadata", "labels").get(labels.COMPONENT) == component
            and not pod["metadata"].get("deletionTimestamp")
            and status.get("phase") == "Running"
            and status.get("podIP")
            and not facts.true_condition(pod, "Ready")
        ):
            return pod
    return None
