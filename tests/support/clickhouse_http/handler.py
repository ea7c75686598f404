"""Answers HTTP requests: a thread for each connection, kept open between requests."""

import json
import secrets
import socket
import string
import sys
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from urllib.parse import urlsplit

from chdb import ChdbError

from support.clickhouse_http import compression, request
from support.clickhouse_http.access import Access
from support.clickhouse_http.engine import Answer, Engine
from support.clickhouse_http.faults import ServerError
from support.clickhouse_http.request import Request

MAX_URI_BYTES = 1024 * 1024  # http_max_uri_size
_TAG_LETTERS = string.ascii_lowercase
_TAG_LENGTH = 16
_SUMMARY = ("read_rows", "read_bytes", "written_rows", "written_bytes", "total_rows_to_read", "result_rows")
_CONTENT_TYPES = {
    "TabSeparated": "text/tab-separated-values; charset=UTF-8",
    "TSV": "text/tab-separated-values; charset=UTF-8",
    "CSV": "text/csv; charset=UTF-8; header=absent",
    "JSON": "application/json; charset=UTF-8",
    "JSONCompact": "application/json; charset=UTF-8",
    "JSONEachRow": "application/x-ndjson; charset=UTF-8",
    "Native": "application/octet-stream",
}


class Server(ThreadingHTTPServer):
    """What a handler needs hangs on it."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], engine: Engine, access: Access) -> None:
        super().__init__(address, Handler)
        self.engine = engine
        self.access = access


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    # One write per answer: a small second packet would wait for the client's acknowledgement.
    wbufsize = 1024 * 1024
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride] it serves no other

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handle_one_request(self) -> None:
        """As the standard library does it, but URLs may be as long as ClickHouse allows."""
        self.raw_requestline = self.rfile.readline(MAX_URI_BYTES + 1)
        if not self.raw_requestline:
            self.close_connection = True
        elif len(self.raw_requestline) > MAX_URI_BYTES:
            self.requestline, self.request_version, self.command = "", "", ""
            self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
        elif self.parse_request():
            (self._get if self.command == "GET" else self._serve)()
            self.wfile.flush()

    def _get(self) -> None:
        path = urlsplit(self.path).path
        if path == "/ping" or (path == "/" and "?" not in self.path):
            self._send(HTTPStatus.OK, b"Ok.\n", {"Content-Type": "text/html; charset=UTF-8"})
            return
        self._serve()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: thousands of lines help nobody; refusals are logged where they happen."""

    def _serve(self) -> None:
        query_id = str(uuid.uuid4())
        try:
            asked = self._request()
            query_id = asked.arguments.get("query_id") or query_id
            self._run(asked, self.server.access.authenticated(asked.credentials), query_id)
        except ServerError as error:
            self._refuse(error, query_id)

    def _run(self, asked: Request, user: str, query_id: str) -> None:
        access, engine = self.server.access, self.server.engine
        if access.is_concerned(asked):
            access.run(user, asked, engine)
            self._answer(asked, Answer(None, iter(())), query_id)
            return
        access.check(user, asked, engine)
        with engine.run(asked, access.preparations(user, asked)) as answer:
            self._answer(asked, answer, query_id)

    def _request(self) -> Request:
        return request.parsed(self.command, urlsplit(self.path).query, self.headers, self._body())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            continue

    def _answer(self, asked: Request, answer: Answer, query_id: str) -> None:
        headers = self._clickhouse_headers(query_id)
        if answer.format is not None:
            headers["X-ClickHouse-Format"] = answer.format
            headers["Content-Type"] = _CONTENT_TYPES.get(answer.format, "text/plain; charset=UTF-8")
        # A mistake in the statement shows at its first block: until then the status can still be an error's.
        first = list(_take(answer.chunks, 2))
        coding = asked.accepted_coding if any(first) else ""
        if coding:
            headers["Content-Encoding"] = coding
        if asked.is_buffered or len(first) < 2:
            whole = b"".join(compression.compressed(chain(first, answer.chunks), coding))
            headers["X-ClickHouse-Summary"] = _summary(answer)
            self._send(HTTPStatus.OK, whole, headers)
        else:
            self._stream(chain(first, answer.chunks), coding, headers)

    def _stream(self, chunks: Iterator[bytes], coding: str, headers: dict[str, str]) -> None:
        tag = "".join(secrets.choice(_TAG_LETTERS) for _ in range(_TAG_LENGTH))
        self.send_response(HTTPStatus.OK)
        for name, value in {**headers, "X-ClickHouse-Exception-Tag": tag, "Transfer-Encoding": "chunked"}.items():
            self.send_header(name, value)
        self.end_headers()
        for data in compression.compressed(self._until_failure(chunks, tag), coding):
            if data:
                self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def _until_failure(self, chunks: Iterator[bytes], tag: str) -> Iterator[bytes]:
        """The chunks; when one can't be had, what a server writes then, after which the connection ends."""
        try:
            yield from chunks
        except (RuntimeError, ChdbError) as error:
            self.close_connection = True
            message = str(error).encode() + b"\n"
            mark = tag.encode()
            yield b"\r\n__exception__\r\n%s\r\n%s%d %s\r\n__exception__\r\n" % (mark, message, len(message), mark)

    def _refuse(self, error: ServerError, query_id: str) -> None:
        print(f"refused: {error}", file=sys.stderr, flush=True)
        headers = {
            **self._clickhouse_headers(query_id),
            "X-ClickHouse-Exception-Code": str(error.code),
            "Content-Type": "text/plain; charset=UTF-8",
        }
        self._send(error.status, error.body(self.server.engine.version), headers)

    def _clickhouse_headers(self, query_id: str) -> dict[str, str]:
        return {
            "X-ClickHouse-Server-Display-Name": "test",
            "X-ClickHouse-Query-Id": query_id,
            "X-ClickHouse-Timezone": self.server.engine.timezone,
        }

    def _send(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _take(chunks: Iterator[bytes], count: int) -> Iterator[bytes]:
    for _ in range(count):
        chunk = next(chunks, None)
        if chunk is None:
            return
        yield chunk


def _summary(answer: Answer) -> str:
    return json.dumps({**dict.fromkeys(_SUMMARY, "0"), **answer.summary})
