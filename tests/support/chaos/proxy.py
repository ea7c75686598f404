"""A TCP proxy of our own that breaks connections on demand: one listening port per link between two processes."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from support.chaos.faults import HEALTHY, Fault, Mode, Trap

Result = TypeVar("Result")

_CHUNK_BYTES = 64 * 1024
# As much of a request as a trap looks at: what it does is said at its start.
_LOOKED_AT_BYTES = 16 * 1024
_BACKLOG = 256
_CALL_TIMEOUT_SECONDS = 20.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_Address = tuple[str, int]


@dataclass(eq=False, slots=True)
class _Connection:
    client: asyncio.StreamWriter
    upstream: asyncio.StreamWriter | None = None
    request: bytearray = field(default_factory=bytearray)
    caught: Trap | None = None

    def reset(self) -> None:
        for writer in (self.client, self.upstream):
            if writer is not None:
                _reset(writer)


class Link:
    """One port in front of one upstream. Made by `FaultProxy.link`; every method may be called from any thread."""

    def __init__(self, name: str, upstream: _Address, loop: asyncio.AbstractEventLoop) -> None:
        self.name = name
        self.port = 0
        self._upstream = upstream
        self._loop = loop
        self._fault = HEALTHY
        self._changed = asyncio.Event()
        self._trap: Trap | None = None
        self._server: asyncio.Server | None = None
        self._reserved: socket.socket | None = None
        self._connections: set[_Connection] = set()

    @property
    def fault(self) -> Fault:
        """What the link does now."""
        return self._fault

    def set(self, fault: Fault) -> None:
        """Do this from now on, see `Mode` for what becomes of open connections."""
        self._run(self._set(fault))

    def heal(self) -> None:
        """Pass everything again."""
        self.set(HEALTHY)

    def reset_connections(self) -> None:
        """Break what is open now, and nothing else."""

        async def reset() -> None:
            self._reset_all()

        self._run(reset())

    def set_trap(self, trap: Trap | None) -> None:
        """Wait for a request, see `Trap`; None takes a trap away that was not sprung."""
        self._trap = trap

    @property
    def is_trap_set(self) -> bool:
        """Whether a trap waits still."""
        return self._trap is not None

    async def open(self) -> None:
        """Listen. The port stays ours while nobody listens on it: no other process can take it meanwhile."""
        self._reserved = _bound(0)
        self.port = self._reserved.getsockname()[1]
        await self._listen()

    async def close(self) -> None:
        """Stop listening and break what is open."""
        await self._stop_listening()
        self._reset_all()
        if self._reserved:
            self._reserved.close()

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_CALL_TIMEOUT_SECONDS)

    async def _set(self, fault: Fault) -> None:
        self._fault = fault
        self._changed.set()
        self._changed = asyncio.Event()
        if fault.mode in (Mode.REFUSE, Mode.RESET):
            self._reset_all()
        if fault.mode is Mode.REFUSE:
            await self._stop_listening()
        elif self._server is None:
            await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, sock=_bound(self.port), backlog=_BACKLOG)

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _reset_all(self) -> None:
        for connection in list(self._connections):
            connection.reset()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(writer)
        self._connections.add(connection)
        try:
            await self._until_passable()
            if self._fault.mode in (Mode.REFUSE, Mode.RESET):
                connection.reset()
            else:
                await self._relay(connection, reader)
        except OSError:
            connection.reset()
        finally:
            self._connections.discard(connection)
            writer.close()

    async def _relay(self, connection: _Connection, reader: asyncio.StreamReader) -> None:
        upstream_reader, connection.upstream = await asyncio.open_connection(*self._upstream)
        upstream = connection.upstream
        try:
            await asyncio.gather(
                self._pump(reader, upstream, lambda chunk: self._on_request(connection, chunk)),
                self._pump(upstream_reader, connection.client, lambda _: self._on_reply(connection)),
            )
        finally:
            upstream.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, allow: Callable[[bytes], Awaitable[bool]]
    ) -> None:
        """Until the end of the stream, or until a chunk is not allowed; then the other side learns of the end."""
        while chunk := await reader.read(_CHUNK_BYTES):
            if not await allow(chunk):
                break
            await self._delay(len(chunk))
            await self._until_passable()
            writer.write(chunk)
            await writer.drain()
        if not writer.is_closing():
            with contextlib.suppress(OSError):
                writer.write_eof()

    async def _until_passable(self) -> None:
        while self._fault.mode is Mode.BLACKHOLE:
            await self._changed.wait()

    async def _delay(self, size_bytes: int) -> None:
        fault = self._fault
        seconds = fault.latency_seconds + (size_bytes / fault.bytes_per_second if fault.bytes_per_second else 0.0)
        if seconds:
            # A link that heals heals at once, also for what is on its way.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), seconds)

    async def _on_request(self, connection: _Connection, chunk: bytes) -> bool:
        trap = self._trap
        connection.request += chunk[: max(0, _LOOKED_AT_BYTES - len(connection.request))]
        if trap is None or connection.caught or trap.pattern not in connection.request:
            return True
        self._trap = None
        if trap.moment == "before_request":
            trap.spring()
            connection.reset()
            return False
        connection.caught = trap
        return True

    async def _on_reply(self, connection: _Connection) -> bool:
        connection.request.clear()
        if connection.caught:
            connection.caught.spring()
            connection.reset()
            return False
        if self._fault.mode is Mode.CUT_REPLY:
            connection.reset()
            return False
        return self._fault.mode is not Mode.HALF_CLOSE


class FaultProxy:
    """Runs links in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self.links: list[Link] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_CALL_TIMEOUT_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CALL_TIMEOUT_SECONDS)
        self._loop.close()

    def link(self, name: str, upstream_port: int) -> Link:
        """A new port on this machine that leads to another one."""
        link = Link(name, ("127.0.0.1", upstream_port), self._loop)
        asyncio.run_coroutine_threadsafe(link.open(), self._loop).result(_CALL_TIMEOUT_SECONDS)
        self.links.append(link)
        return link

    async def _close(self) -> None:
        for link in self.links:
            await link.close()
        running = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def _reset(writer: asyncio.StreamWriter) -> None:
    """Send RST instead of an orderly end."""
    raw = writer.get_extra_info("socket")
    if raw is not None and not writer.is_closing():
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()
