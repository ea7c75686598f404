"""Stands between our client and a ClickHouse server and spoils chosen inserts; everything else passes unchanged."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Literal
from urllib.parse import parse_qs, urlsplit, urlunsplit

import urllib3

_KEPT_HEADERS = ("Authorization", "Content-Type", "Content-Encoding", "Accept-Encoding")
_HOP_HEADERS = {"Transfer-Encoding", "Content-Length", "Connection", "Server", "Date"}
_CODE = "X-ClickHouse-Exception-Code"
# A code is answered instead of forwarding; the words forward the insert and then lose or replace the answer.
Fault = int | Literal["lost_answer", "lost_request"]


@dataclass
class Faults:
    """What the next inserts meet, in order, and the URL arguments of all inserts that came."""

    url: str
    next_inserts: list[Fault] = field(default_factory=list[Fault])
    seen: list[dict[str, Sequence[str]]] = field(default_factory=list[dict[str, Sequence[str]]])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Proxy"

    def do_GET(self) -> None:
        self._forward(self._body())

    def do_POST(self) -> None:
        body = self._body()
        # Only inserts send rows.
        if self.headers.get("Content-Type") != "application/octet-stream":
            self._forward(body)
            return
        faults = self.server.faults
        faults.seen.append(dict(parse_qs(urlsplit(self.path).query)))
        fault = faults.next_inserts.pop(0) if faults.next_inserts else None
        if fault is None:
            self._forward(body)
        elif isinstance(fault, int):
            self._answer(500, f"Code: {fault}. DB::Exception: said so\n".encode(), {_CODE: str(fault)})
        else:
            if fault == "lost_answer":
                self._ask(body)
            self.close_connection = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _ask(self, body: bytes) -> urllib3.BaseHTTPResponse:
        headers = {name: self.headers[name] for name in _KEPT_HEADERS if name in self.headers}
        return self.server.upstream.request(
            self.command, self.path, body=body, headers=headers, decode_content=False, retries=1
        )

    def _forward(self, body: bytes) -> None:
        response = self._ask(body)
        kept = {name: value for name, value in response.headers.items() if name not in _HOP_HEADERS}
        self._answer(response.status, response.data, kept)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        parts = urlsplit(url)
        credentials = parts.netloc.rpartition("@")[0]
        netloc = f"{credentials}@127.0.0.1:{self.server_address[1]}"
        self.faults = Faults(urlunsplit(parts._replace(netloc=netloc)))
        self.upstream = urllib3.HTTPConnectionPool(parts.hostname or "", parts.port, maxsize=8, timeout=60.0)


@contextmanager
def between(url: str) -> Generator[Faults]:
    """An address that leads to the server at `url`, and what can be spoiled on the way."""
    proxy = _Proxy(url)
    Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield proxy.faults
    finally:
        proxy.shutdown()
        proxy.server_close()
        proxy.upstream.close()
