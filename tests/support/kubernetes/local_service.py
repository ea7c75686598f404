"""A Service on a local node: one port of this machine whose connections go to the ready pods in turn."""

import asyncio
import contextlib
import threading
from collections.abc import Generator
from contextlib import contextmanager

import httpx

from support.kubernetes.api import Api, ApiError, Object
from support.kubernetes.kubeconfig import Access
from support.kubernetes.local_pod import port_number
from support.server import free_port

_REFRESH_PAUSE_SECONDS = 0.1
_NO_POD_PAUSE_SECONDS = 0.05
_CHUNK_BYTES = 65536
_END_TIMEOUT_SECONDS = 10.0

_Target = tuple[str, int]


class LocalService:
    """Looks at the cluster for the Service's pods and takes connections at `url` as soon as it has started.

    A connection waits until a pod is ready. An open one stays with its pod until either side closes it.
    """

    def __init__(self, access: Access, namespace: str, name: str) -> None:
        self.port = free_port()
        self._api = Api(access, "elasticdash-tests-service")
        self._namespace, self._name = namespace, name
        self._targets: list[_Target] = []
        self._turn = 0

    @property
    def url(self) -> str:
        """Where it takes connections."""
        return f"http://127.0.0.1:{self.port}"

    async def run(self) -> None:
        """Pass connections on until cancelled."""
        server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)
        try:
            while True:
                # The Service may not be there yet, or the API server away: the pods known last stay.
                with contextlib.suppress(ApiError, httpx.HTTPError, LookupError):
                    self._targets = await asyncio.to_thread(self._ready_targets)
                await asyncio.sleep(_REFRESH_PAUSE_SECONDS)
        finally:
            server.close()
            self._api.close()

    def _ready_targets(self) -> list[_Target]:
        service = self._api.get("v1", "Service", self._name, self._namespace)
        selector = ",".join(f"{key}={value}" for key, value in service["spec"]["selector"].items())
        pods = self._api.list("v1", "Pod", self._namespace, labelSelector=selector)
        port = service["spec"]["ports"][0].get("targetPort", service["spec"]["ports"][0]["port"])
        return [(pod["status"]["podIP"], _port_of(pod, port)) for pod in pods if _is_ready(pod)]

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await self._connect()
        try:
            await asyncio.gather(_copy(reader, upstream_writer), _copy(upstream_reader, writer))
        finally:
            upstream_writer.close()
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while True:
            self._turn += 1
            targets = self._targets
            if targets:
                # A pod that just ended is still listed: the next one is asked.
                with contextlib.suppress(OSError):
                    return await asyncio.open_connection(*targets[self._turn % len(targets)])
            await asyncio.sleep(_NO_POD_PAUSE_SECONDS)


@contextmanager
def reached(access: Access, namespace: str, name: str) -> Generator[LocalService]:
    """A Service that passes connections on in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=f"service-{name}", daemon=True)
    thread.start()
    service = LocalService(access, namespace, name)
    task = asyncio.run_coroutine_threadsafe(service.run(), loop)
    try:
        yield service
    finally:
        task.cancel()
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(_END_TIMEOUT_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_END_TIMEOUT_SECONDS)


async def _cancel_all() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()


def _is_ready(pod: Object) -> bool:
    conditions = {entry["type"]: entry["status"] for entry in pod.get("status", {}).get("conditions", [])}
    return "deletionTimestamp" not in pod["metadata"] and conditions.get("Ready") == "True"


def _port_of(pod: Object, port: str | int) -> int:
    if isinstance(port, int):
        return port
    named = [container for container in pod["spec"]["containers"] if _names(container, port)]
    return port_number(named[0], port)


def _names(container: Object, port: str) -> bool:
    return any(entry.get("name") == port for entry in container.get("ports", []))
