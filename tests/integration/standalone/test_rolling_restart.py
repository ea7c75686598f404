"""Restarting one process after the other behind a balancer is noticed by no client."""

import asyncio
import contextlib
import secrets
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from support.server import RunningServer, start_server

CLIENTS = 8
HEALTH_PAUSE_SECONDS = 0.1
DRAIN_DELAY_SECONDS = 4.0
STOP_TIMEOUT_SECONDS = 90.0
ENV = {"ELASTICDASH_HTTP_DRAIN_DELAY_SECONDS": str(DRAIN_DELAY_SECONDS)}


@dataclass(slots=True)
class Balancer:
    """Passes TCP connections on, in turn, to the ports that say they are ready."""

    ports: list[int]
    ready: set[int] = field(default_factory=set[int])
    turn: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[str]:
        """The address to send to."""
        watching = asyncio.create_task(self._watch())
        server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        server.close()
        watching.cancel()

    async def _watch(self) -> None:
        async with httpx.AsyncClient(timeout=10) as client:
            while True:
                for port in self.ports:
                    try:
                        answer = await client.get(f"http://127.0.0.1:{port}/api/public/ready")
                    except httpx.TransportError:
                        self.ready.discard(port)
                        continue
                    (self.ready.add if answer.status_code == 200 else self.ready.discard)(port)
                await asyncio.sleep(HEALTH_PAUSE_SECONDS)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await self._connected()
        await asyncio.gather(_copy(reader, there_writer), _copy(there_reader, writer), return_exceptions=True)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the next that takes one: a port that is closed was left too late, which balancers forgive."""
        while True:
            self.turn += 1
            port = sorted(self.ready)[self.turn % len(self.ready)]
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                self.ready.discard(port)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def send_until(stop: asyncio.Event, url: str, auth: tuple[str, str], seen: Counter[str]) -> None:
    """Send small batches on kept-alive connections; count every answer and every failure."""
    at = "2026-01-01T00:00:00.000Z"
    async with httpx.AsyncClient(base_url=url, auth=auth, timeout=60) as client:
        while not stop.is_set():
            event = {"id": str(seen.total()), "type": "trace-create", "timestamp": at, "body": {"id": "t"}}
            try:
                answer = await client.post("/api/public/ingestion", json={"batch": [event]})
                seen[str(answer.status_code)] += 1
            except httpx.TransportError as error:
                seen[type(error).__name__] += 1
            await asyncio.sleep(0.02)


async def restart(running: RunningServer, data_dir: Path, balancer: Balancer) -> RunningServer:
    """End it with SIGTERM, which must exit with 0, and start it again on its port."""
    port = int(running.url.rsplit(":", 1)[1])
    running.process.send_signal(signal.SIGTERM)
    exit_code = await asyncio.to_thread(running.process.wait, STOP_TIMEOUT_SECONDS)
    assert exit_code == 0
    started = await asyncio.to_thread(start_server, data_dir, port, ENV)
    while port not in balancer.ready:
        await asyncio.sleep(HEALTH_PAUSE_SECONDS)
    return started


async def started(folders: Sequence[Path]) -> list[RunningServer]:
    """A process on each data folder, all accepting the same keys."""
    keys = f"pk-lf-{secrets.token_hex(8)}\nsk-lf-{secrets.token_hex(16)}\n"
    for folder in folders:
        folder.with_name(f"{folder.name}.keys").write_text(keys)
    return await asyncio.gather(*(asyncio.to_thread(start_server, folder, None, ENV) for folder in folders))


async def test_two_processes_restart_in_turn_without_a_failed_request(tmp_path: Path):
    folders = [tmp_path / "one", tmp_path / "two"]
    servers = await started(folders)
    balancer = Balancer([int(server.url.rsplit(":", 1)[1]) for server in servers])
    seen, stop = Counter[str](), asyncio.Event()

    try:
        async with balancer.running() as url:
            while len(balancer.ready) < len(servers):
                await asyncio.sleep(HEALTH_PAUSE_SECONDS)
            auth = (servers[0].public_key, servers[0].secret_key)
            clients = [asyncio.create_task(send_until(stop, url, auth, seen)) for _ in range(CLIENTS)]
            for index, folder in enumerate(folders):
                servers[index] = await restart(servers[index], folder, balancer)
            stop.set()
            await asyncio.gather(*clients)
    finally:
        for server in servers:
            server.kill()

    assert set(seen) == {"207"}
    assert seen.total() > 100
