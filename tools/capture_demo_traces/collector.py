"""Stands where a Logger would and writes down every request an instrumentation makes."""

import gzip
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_PROJECT = {"id": "demo", "name": "demo", "organization": {"id": "demo", "name": "demo"}, "metadata": {}}


@dataclass(frozen=True, slots=True)
class Recorded:
    """One POST: its path, its headers in lower case, its unpacked body."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Collector:
    """A running collector at `url`."""

    url: str
    requests: list[Recorded] = field(default_factory=list[Recorded])


@contextmanager
def collecting() -> Generator[Collector]:
    """A collector on a free port of this machine."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    collector = Collector(f"http://127.0.0.1:{httpd.server_address[1]}")
    httpd.collector = collector
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join(timeout=5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._reply(200, {"data": [_PROJECT]} if self.path == "/api/public/projects" else {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.collector.requests.append(Recorded(self.path, headers, body))
        if self.path.endswith("/ingestion"):
            accepted = [{"id": event["id"], "status": 201} for event in json.loads(body)["batch"]]
            return self._reply(207, {"successes": accepted, "errors": []})
        return self._reply(200, {})

    def _reply(self, status: int, content: dict[str, Any]) -> None:
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Keep the recording's output clean."""
