"""What every client of a run shares: the projects' keys, and the web processes behind one imagined balancer."""

import itertools
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx

TIMEOUT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Project:
    """A project and its keys."""

    id: str
    public_key: str
    secret_key: str


@dataclass
class Balancer:
    """Sends each request to one web process and, when that fails, the next request to another.

    `draining` get no new request: what orchestrators do with a process before they stop it.
    """

    urls: Sequence[str]
    draining: set[str] = field(default_factory=set[str])
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)
    _local: threading.local = field(default_factory=threading.local)

    def post(self, path: str, project: Project, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """One try at one web process; raises httpx.TransportError."""
        return self._call("POST", path, project, content=body, headers=dict(headers))

    def get(self, path: str, project: Project, params: Mapping[str, str | int] | None = None) -> httpx.Response:
        """One try at one web process; raises httpx.TransportError."""
        return self._call("GET", path, project, params=dict(params or {}))

    def _call(self, method: str, path: str, project: Project, **rest: object) -> httpx.Response:
        if not hasattr(self._local, "client"):
            self._local.client, self._local.index = httpx.Client(timeout=TIMEOUT_SECONDS), next(self._turn)
        open_urls = [url for url in self.urls if url not in self.draining]
        url = open_urls[self._local.index % len(open_urls)] + path
        try:
            return self._local.client.request(method, url, auth=(project.public_key, project.secret_key), **rest)
        except httpx.TransportError:
            self._local.index = next(self._turn)
            raise
