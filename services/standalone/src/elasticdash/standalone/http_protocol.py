"""HTTP/1.1 connections that can't be held open by sending slowly: uvicorn itself has no timer for that."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from elasticdash.shared.telemetry import metrics


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """How slowly and how much a client may send.

    A body has `body_seconds`, and one second more for every `min_body_bytes_per_second` of it that has arrived.
    """

    header_seconds: float = 10.0
    body_seconds: float = 15.0
    min_body_bytes_per_second: int = 4096
    max_header_bytes: int = 32 * 1024
    keep_alive_seconds: int = 75


# How long what a refused client still sends is read and dropped: closing over unread bytes resets the connection,
# and a reset can overtake the answer (RFC 9112, section 9.6).
_LINGER_SECONDS = 2.0

_REFUSALS = {
    408: ("Request Timeout", "The request did not arrive in time"),
    431: ("Request Header Fields Too Large", "The request's headers are too large"),
}


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's connection with deadlines for headers and body, and a bound on the headers' size."""

    def __init__(self, limits: ClientLimits, **given: Any) -> None:
        super().__init__(**given)
        self._limits = limits
        self._deadline: asyncio.TimerHandle | None = None
        self._header_bytes = 0
        self._is_in_headers = False
        self._is_refused = False
        self._body_started = 0.0
        self._body_bytes = 0

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] as uvicorn's
        super().connection_made(transport)
        self._await_headers()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        if self._deadline is None and not self._is_answering():
            self._await_headers()
        if self._is_in_headers:
            self._header_bytes += len(data)
        super().data_received(data)
        if self._is_in_headers and self._header_bytes > self._limits.max_header_bytes:
            self._refuse(431, "large_headers")

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._is_in_headers:
            self._await_headers()

    @override
    def on_headers_complete(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        self._is_in_headers = False
        if size > self._limits.max_header_bytes:
            self._refuse(431, "large_headers")
            return
        self._body_started, self._body_bytes = time.monotonic(), 0
        self._expire_in(self._limits.body_seconds, self._check_body)
        super().on_headers_complete()

    @override
    def on_body(self, body: bytes) -> None:
        if not self._is_refused:
            self._body_bytes += len(body)
            super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        if not self._is_refused:
            self._cancel_deadline()
            super().on_message_complete()

    def _await_headers(self) -> None:
        self._is_in_headers = True
        self._header_bytes = 0
        self._expire_in(self._limits.header_seconds, self._give_up_on_headers)

    def _give_up_on_headers(self) -> None:
        # Who never said anything gets no answer: browsers open connections ahead.
        if self._header_bytes:
            self._refuse(408, "slow_headers")
        else:
            self.transport.close()

    def _check_body(self) -> None:
        now = time.monotonic()
        allowed = self._limits.body_seconds + self._body_bytes / self._limits.min_body_bytes_per_second
        left = self._body_started + allowed - now
        if self.flow.read_paused:
            # It is us who don't read: the client's time stands still.
            self._body_started += self._limits.body_seconds
            left = self._limits.body_seconds
        if left > 0:
            self._expire_in(left, self._check_body)
        else:
            self._refuse(408, "slow_body")

    def _refuse(self, status: int, reason: str) -> None:
        """Answer, unless an answer has begun, and close; the application sees the client leave."""
        metrics.REFUSALS.labels(reason).inc()
        self._is_refused = True
        self._cancel_deadline()
        is_answering = self._is_answering()
        if not (is_answering and self.cycle.response_started):
            self.transport.write(_answer(status))
        if is_answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._close_after_lingering()

    def _close_after_lingering(self) -> None:
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._expire_in(_LINGER_SECONDS, self.transport.close)
        else:
            self.transport.close()

    def _is_answering(self) -> bool:
        return bool(self.cycle) and not self.cycle.response_complete

    def _expire_in(self, seconds: float, run: Any) -> None:
        self._cancel_deadline()
        self._deadline = self.loop.call_later(seconds, run)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _answer(status: int) -> bytes:
    phrase, message = _REFUSALS[status]
    body = f'{{"message":"{message}","error":"{phrase}"}}'.encode()
    head = f"HTTP/1.1 {status} {phrase}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return head.encode() + b"connection: close\r\n\r\n" + body
