"""Asks an instance's web what waits in its queue."""

import aiohttp
import msgspec

from elasticdash.operator.naming import names
from elasticdash.operator.plan import environment
from elasticdash.operator.plan.observed import QueueSignal

_TIMEOUT = aiohttp.ClientTimeout(total=4, connect=2)


class _Answer(msgspec.Struct):
    lag: int
    pending: int
    oldest_age_seconds: float


class HttpQueueReader:
    """Reads `/api/queue` at the operations port; close it after use."""

    def __init__(self, service_url: str) -> None:
        """`service_url` has places for {service}, {namespace} and {port}."""
        self._service_url = service_url
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, namespace: str, name: str) -> QueueSignal | None:
        """What waits; None when web or its queue can't say it now."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        service, port = names.web_operations(name), environment.OPERATIONS_PORT
        url = self._service_url.format(service=service, namespace=namespace, port=port)
        try:
            async with self._session.get(f"{url}/api/queue", allow_redirects=False) as response:
                if response.status != 200:
                    return None
                found = msgspec.json.decode(await response.read(), type=_Answer)
        except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError):
            return None
        return QueueSignal(found.lag, found.pending, found.oldest_age_seconds)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
