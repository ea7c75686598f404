"""Runs the applications of a process on their ports until it is told to stop."""

import asyncio
import socket
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from typing import Any, cast

import uvicorn
from typing_extensions import override

from elasticdash.shared import errors
from elasticdash.shared.lifecycle import Lifecycle
from elasticdash.standalone.http_protocol import BoundedProtocol, ClientLimits

App = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class ServingRules:
    """What a server grants its clients, and how it stops.

    Between the signal and the end of listening lie `drain_delay_seconds`: balancers need them to look elsewhere.
    """

    drain_timeout_seconds: int
    drain_delay_seconds: float = 0.0
    clients: ClientLimits = field(default_factory=ClientLimits)


class _Server(uvicorn.Server):
    """Stops gracefully on the first signal and lets the process end with 0, as a service manager expects."""

    def __init__(self, config: uvicorn.Config, lifecycle: Lifecycle, drain_delay_seconds: float) -> None:
        super().__init__(config)
        self._lifecycle = lifecycle
        self._drain_delay_seconds = drain_delay_seconds
        self._exit_at: float | None = None

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Look unready at once, stop listening after the delay; a second signal doesn't wait for it."""
        delay = 0.0 if self._lifecycle.is_draining else self._drain_delay_seconds
        self._lifecycle.drain()
        self._exit_at = time.monotonic() + delay

    @override
    async def on_tick(self, counter: int) -> bool:
        """Whether to stop."""
        if self._exit_at is not None and time.monotonic() >= self._exit_at:
            self.should_exit = True
        return await super().on_tick(counter)


class _ServerBeside(uvicorn.Server):
    """Leaves the signals to the process's main server."""

    @override
    def capture_signals(self) -> AbstractContextManager[None]:  # pyright: ignore[reportIncompatibleMethodOverride] a generator there
        """Nothing."""
        return nullcontext()


def listen(host: str, port: int, remedy: str = "Choose another with --port.") -> socket.socket:
    """A bound socket; ConfigurationError when the port can't be had."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit it. Without it, head and body of an answer wait 40 ms for each other.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise errors.ConfigurationError(f"Port {port} on {host} can't be used: {error.strerror}. {remedy}") from error
    return bound


async def serve(app: App, bound: socket.socket, rules: ServingRules, lifecycle: Lifecycle) -> None:
    """Serve until SIGINT or SIGTERM; requests in flight are answered first. Raises when the application can't start."""
    await _Server(_config(app, rules), lifecycle, rules.drain_delay_seconds).serve(sockets=[bound])


@asynccontextmanager
async def serving_beside(app: App, bound: socket.socket, clients: ClientLimits) -> AsyncGenerator[None]:
    """Serve until the block ends: what operators read, on a port of its own, answers to the last moment."""
    server = _ServerBeside(_config(app, ServingRules(drain_timeout_seconds=1, clients=clients)))
    running = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        yield
    finally:
        server.should_exit = True
        await running


def _config(app: App, rules: ServingRules) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="uvloop",
        # A factory serves as well as a class.
        http=cast(type[asyncio.Protocol], partial(BoundedProtocol, rules.clients)),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=rules.clients.keep_alive_seconds,
        timeout_graceful_shutdown=rules.drain_timeout_seconds,
        lifespan="off",
    )
