"""Sends recorded traces of real agent frameworks, so a newcomer sees a full Logger before instrumenting anything."""

import base64
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import msgspec

from elasticdash.shared import errors
from elasticdash.standalone import demo_rebase
from elasticdash.standalone.demo_rebase import Capture, CapturedRequest

_CAPTURES = Path(__file__).with_name("demo_captures")
_TIMEOUT_SECONDS = 30.0
_NEWEST_AGE_NANOSECONDS = 60 * 1_000_000_000
_SPACING_NANOSECONDS = 7 * 60 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class DemoTrace:
    """A trace that was sent: what it shows and where to look at it."""

    name: str
    url: str


class _Project(msgspec.Struct):
    id: str


class _Projects(msgspec.Struct):
    data: list[_Project]


class _BatchAnswer(msgspec.Struct):
    errors: list[dict[str, object]] = []


def send_demo(base_url: str, public_key: str, secret_key: str) -> list[DemoTrace]:
    """The traces that were sent, newest first; every call sends fresh ones, which ended within the last hour.

    Raises AuthenticationError for unknown keys, UnavailableError when no Logger answers.
    """
    logger = _Logger(base_url.rstrip("/"), public_key, secret_key)
    project_id = msgspec.json.decode(logger.call("/api/public/projects"), type=_Projects).data[0].id
    sent: list[DemoTrace] = []
    for position, file in enumerate(sorted(_CAPTURES.glob("*.json"))):
        capture = msgspec.json.decode(file.read_bytes(), type=Capture)
        ends_at = time.time_ns() - _NEWEST_AGE_NANOSECONDS - position * _SPACING_NANOSECONDS
        fresh = demo_rebase.rebased(capture, ends_at)
        for request in fresh.requests:
            logger.send(request)
        sent += [
            DemoTrace(f"{fresh.framework}: {trace.name}", f"{logger.base_url}/project/{project_id}/traces/{trace.id}")
            for trace in fresh.traces
        ]
    return sent


@dataclass(frozen=True, slots=True)
class _Logger:
    base_url: str
    public_key: str
    secret_key: str

    def send(self, request: CapturedRequest) -> None:
        """Post one recorded request; UnavailableError when one of its events is refused."""
        answer = self.call(request.path, bytes(request.body), request.headers)
        refused = msgspec.json.decode(answer, type=_BatchAnswer).errors if answer else []
        if refused:
            raise errors.UnavailableError(f"{self.base_url!r} refused {len(refused)} demo events: {refused[0]}")

    def call(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        """The answer's body: a POST with a body, a GET without."""
        credentials = base64.b64encode(f"{self.public_key}:{self.secret_key}".encode()).decode()
        sent_headers = {**(headers or {}), "Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.base_url}{path}", data=body, headers=sent_headers)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.UNAUTHORIZED:
                raise errors.AuthenticationError(f"{self.base_url!r} refused the key {self.public_key!r}") from error
            raise errors.UnavailableError(f"{self.base_url!r} answered {error.code} to {path!r}") from error
        except OSError as error:
            raise errors.UnavailableError(f"No Logger answers at {self.base_url!r}: {error}") from error
