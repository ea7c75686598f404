"""Runs the web application on a port until told to stop."""

import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn

from elasticdash.shared import errors


class _Server(uvicorn.Server):
    """Stops gracefully on the first signal and lets the process end with 0, as a service manager expects."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 the parent's signature
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; ConfigurationError when the port can't be had."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit it. Without it, head and body of an answer wait 40 ms for each other.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise errors.ConfigurationError(
            f"Port {port} on {host} can't be used: {error.strerror}. Choose another with --port."
        ) from error
    return bound


async def serve(app: Callable[..., Any], bound: socket.socket, drain_timeout_seconds: int) -> None:
    """Serve until SIGINT or SIGTERM; requests in flight are answered first. Raises when the application can't start."""
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=drain_timeout_seconds,
        lifespan="off",
    )
    server = _Server(config)
    await server.serve(sockets=[bound])
