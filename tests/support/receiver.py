"""A real HTTP server on this machine that takes webhooks and OTLP exports, and answers as a test says."""

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override


@dataclass(frozen=True, slots=True)
class Posted:
    """One request."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body's object."""
        return json.loads(self.body)


@dataclass(slots=True)
class Receiver:
    """What came, in its order; `statuses` are the answers to traces by id, 200 to others."""

    url: str
    posted: list[Posted] = field(default_factory=list[Posted])
    statuses: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def trace_ids(self) -> list[str]:
        """Traces posted, in their order."""
        return [each.json["trace_id"] for each in self.posted]


@contextmanager
def running_receiver() -> Generator[Receiver]:
    """A receiver on a free port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            posted = Posted({name.lower(): value for name, value in self.headers.items()}, body)
            receiver.posted.append(posted)
            is_webhook = "json" in posted.headers["content-type"]
            self.send_response(receiver.statuses.get(posted.json["trace_id"], 200) if is_webhook else 200)
            self.send_header("location", receiver.url)
            self.send_header("content-length", "0")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/api/features/analyze")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
