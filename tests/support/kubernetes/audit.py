"""What the API server's audit log says was asked of it, by whom, and how it was answered."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One answered request. `resource` includes a subresource, as RBAC writes it: `pods/log`."""

    user: str
    user_agent: str
    verb: str
    group: str
    resource: str
    namespace: str
    name: str
    status_code: int


class AuditLog:
    """Requests in the order they were answered."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def size(self) -> int:
        """Where the log ends now: give it to `requests` to read only what came later."""
        return self._path.stat().st_size if self._path.exists() else 0

    def requests(self, *, user: str = "", user_agent: str = "", since: int = 0) -> list[Request]:
        """Requests for resources of users and agents whose name contains these words, after a size of the log."""
        return [request for request in self._read(since) if user in request.user and user_agent in request.user_agent]

    def _read(self, since: int) -> Iterator[Request]:
        if not self._path.exists():
            return
        with self._path.open("rb") as log:
            log.seek(since)
            for line in log:
                # The last line may still be being written.
                event: Any = json.loads(line) if line.endswith(b"\n") else {}
                if "objectRef" in event:
                    yield _request(event)


def _request(event: Any) -> Request:
    target = event["objectRef"]
    parts = (target.get("resource", ""), target.get("subresource", ""))
    return Request(
        user=event["user"].get("username", ""),
        user_agent=event.get("userAgent", ""),
        verb=event["verb"],
        group=target.get("apiGroup", ""),
        resource="/".join(part for part in parts if part),
        namespace=target.get("namespace", ""),
        name=target.get("name", ""),
        status_code=event.get("responseStatus", {}).get("code", 0),
    )
