#!/usr/bin/python3
"""Called as `minio server FOLDER --address :PORT`: rclone's S3 server, and minio's health paths in front of it."""

import argparse
import http.client
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_INNER_PORT = 19000
_HEALTH = ("/minio/health/live", "/minio/health/ready")
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding"}


class Handler(BaseHTTPRequestHandler):
    """Passes every request on as it came, so that its signature stays true."""

    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        """One request."""
        if self.path.split("?")[0] in _HEALTH:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        is_chunked = self.headers.get("Transfer-Encoding", "").lower() == "chunked"
        inner = http.client.HTTPConnection("127.0.0.1", _INNER_PORT, timeout=60)
        inner.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            # This server has answered it.
            if name.lower() != "expect":
                inner.putheader(name, value)
        inner.endheaders(self._chunks() if is_chunked else self._body(), encode_chunked=is_chunked)
        answer = inner.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP_BY_HOP | {"content-length", "date", "server"}:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        self.wfile.write(content)
        inner.close()

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            continue

    # The names the library calls by.
    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any  # noqa: N815

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


def main() -> None:
    """Serve until the end of the container; ends when the inner server does."""
    parser = argparse.ArgumentParser(prog="minio")
    parser.add_argument("command", choices=["server"])
    parser.add_argument("folder")
    parser.add_argument("--address", default=":9000")
    parser.add_argument("--console-address", default="", help="taken, not served")
    options = parser.parse_args(sys.argv[1:])
    keys = f"{os.environ['MINIO_ROOT_USER']},{os.environ['MINIO_ROOT_PASSWORD']}"
    program = shutil.which("rclone") or "rclone"
    places = ["--config", os.devnull, "--cache-dir", "/tmp/rclone"]
    address = f"127.0.0.1:{_INNER_PORT}"
    inner = subprocess.Popen([program, "serve", "s3", options.folder, "--addr", address, "--auth-key", keys, *places])
    # The first process of a container ends at no signal that it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: inner.terminate())
    host, port = options.address.rsplit(":", 1)
    server = ThreadingHTTPServer((host, int(port)), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while inner.poll() is None:
        time.sleep(0.5)
    sys.exit(inner.returncode)


main()
