"""Posts one settled trace, to an address that was checked."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import msgspec

from elasticdash.shared import errors
from elasticdash.shared.clickhouse.settled_traces import SettledTrace
from elasticdash.worker.settled import addresses, signature
from elasticdash.worker.settled.addresses import Network

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is told of settled traces, and within what time."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    timeout_seconds: float = 10.0
    allowed_networks: Sequence[Network] = ()


class Delivery:
    """Follows no redirect, uses no proxy and reads no body: an answer's status is all that counts."""

    def __init__(self, receiver: Receiver, now: Callable[[], datetime]) -> None:
        self._receiver = receiver
        self._now = now
        self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=receiver.timeout_seconds)

    async def post(self, trace: SettledTrace) -> str | None:
        """None when the receiver answered with success, else what happened instead, in a word or a number."""
        try:
            async with asyncio.timeout(self._receiver.timeout_seconds):
                request = await self._request(body_of(trace))
                response = await self._client.send(request, stream=True)
                await response.aclose()
        except errors.AccessDeniedError:
            return "address_refused"
        except (httpx.HTTPError, OSError) as error:
            # TimeoutError is an OSError. The message stays out: it may hold the URL.
            return type(error).__name__
        return None if response.is_success else str(response.status_code)

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def _request(self, body: bytes) -> httpx.Request:
        """To the checked address itself: were the name looked up again for connecting, it could lead elsewhere."""
        url = httpx.URL(self._receiver.url)
        port = urlsplit(self._receiver.url).port or _DEFAULT_PORTS[url.scheme]
        address = await addresses.resolve(url.raw_host.decode(), port, self._receiver.allowed_networks)
        headers = {
            "host": url.netloc.decode(),
            "content-type": "application/json",
            "user-agent": "elasticdash-logger",
            signature.HEADER: signature.sign(self._receiver.secret, body, int(self._now().timestamp())),
        }
        # TLS still asks for the certificate of the name.
        named = {"sni_hostname": url.raw_host.decode()}
        return self._client.build_request(
            "POST", url.copy_with(host=address), content=body, headers=headers, extensions=named
        )


def body_of(trace: SettledTrace) -> bytes:
    """What is posted. `id` is the same however often this settling is posted; `timestamp` is the last addition's."""
    timestamp = datetime.fromtimestamp(trace.updated_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return msgspec.json.encode(
        {
            "type": "trace.settled",
            "id": f"{trace.trace_id}:{trace.revision}",
            "trace_id": trace.trace_id,
            "project_id": trace.project_id,
            "timestamp": timestamp.replace("+00:00", "Z"),
        }
    )
