"""A web that knows only what the operator asks of it."""

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx


class FakeWeb:
    """Remembers organizations, projects and keys, and every request; its queue is empty."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, Any]] = []
        self._organizations: set[str] = set()
        self._projects: dict[str, dict[str, Any]] = {}
        self._keys: dict[str, dict[str, Any]] = {}

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The answer to one request."""
        body: dict[str, Any] = json.loads(request.content) if request.content else {}
        place = request.headers.get("x-langfuse-organization-id", "")
        self.requests.append((request.method, f"{place} {request.url.path}", body))
        parts = request.url.path.strip("/").split("/")
        if request.url.path == "/api/queue":
            return httpx.Response(200, json={"lag": 0, "pending": 0, "oldest_age_seconds": 0.0})
        if parts[:3] == ["api", "admin", "organizations"]:
            return self._organization(parts[3:], body)
        if parts[-1] == "projects" and request.method == "GET":
            return httpx.Response(200, json={"projects": list(self._projects.values())})
        if parts[-1] == "apiKeys" or parts[-2] == "apiKeys":
            return self._key(request.method, parts, body)
        if request.method in ("POST", "PUT"):
            found = {"id": body.get("id", parts[-1]), "name": body["name"], "retentionDays": body["retention"]}
            self._projects[found["id"]] = found
        return httpx.Response(200, json={})

    def _organization(self, names: list[str], body: Mapping[str, Any]) -> httpx.Response:
        if names and names[0] not in self._organizations:
            return httpx.Response(404, json={"message": "no such organization"})
        self._organizations.add(body.get("id") or names[0])
        return httpx.Response(200, json={})

    def _key(self, method: str, parts: list[str], body: Mapping[str, Any]) -> httpx.Response:
        if method == "DELETE":
            self._keys.pop(parts[-1], None)
        if method == "POST":
            if body["publicKey"] in self._keys:
                return httpx.Response(409, json={"message": "it exists"})
            self._keys[body["publicKey"]] = {"id": body["publicKey"], **body}
        return httpx.Response(200, json={"apiKeys": list(reversed(self._keys.values()))})

    @contextmanager
    def served(self) -> Generator[str]:
        """Its address, while it listens on this machine."""
        handler = type("Handler", (_Handler,), {"web": self})
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever, name="fake-web", daemon=True)
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()
            thread.join(10)


class _Handler(BaseHTTPRequestHandler):
    web: FakeWeb

    def handle_one_request(self) -> None:
        """Answer whatever the method."""
        self.raw_requestline = self.rfile.readline()
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = dict(self.headers.items())
        request = httpx.Request(self.command, f"http://web{self.path}", headers=headers, content=body)
        response = self.web.answer(request)
        self.send_response(response.status_code)
        self.send_header("Content-Length", str(len(response.content)))
        self.end_headers()
        self.wfile.write(response.content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: a test that fails shows what was asked."""
