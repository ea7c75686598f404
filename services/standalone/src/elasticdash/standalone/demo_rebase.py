"""Moves recorded requests to another time and to other ids, so each demo run gives traces of its own."""

import json
import re
import secrets
import uuid
from datetime import UTC, datetime, timedelta

import msgspec

from elasticdash.shared.domain.json_value import JsonValue

_NANOSECONDS_PER_MICROSECOND = 1000
_NANOSECONDS_PER_SECOND = 1_000_000_000
# A time inside what a user or model said is content; only times of the recording itself move.
_SLACK_NANOSECONDS = 60 * _NANOSECONDS_PER_SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO_TIME = re.compile(r'"?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))"?')


class CapturedRequest(msgspec.Struct, frozen=True):
    """One POST a framework's instrumentation made; `body` is JSON text, spans in OTLP's JSON form."""

    path: str
    headers: dict[str, str]
    body: msgspec.Raw


class CapturedTrace(msgspec.Struct, frozen=True):
    """A trace inside a capture."""

    id: str
    name: str


class Capture(msgspec.Struct, frozen=True):
    """Everything one framework sent. `ids` are its trace, span and event ids; times are Unix nanoseconds."""

    framework: str
    traces: list[CapturedTrace]
    ids: list[str]
    started_at: int
    ended_at: int
    requests: list[CapturedRequest]


def rebased(capture: Capture, ends_at: int) -> Capture:
    """The capture as if it had ended at `ends_at` (Unix nanoseconds), with new ids of the same form throughout."""
    renamed = msgspec.json.decode(_with_fresh_ids(capture), type=Capture)
    window = (capture.started_at - _SLACK_NANOSECONDS, capture.ended_at + _SLACK_NANOSECONDS)
    shift = ends_at - capture.ended_at
    return Capture(
        framework=renamed.framework,
        traces=renamed.traces,
        ids=renamed.ids,
        started_at=capture.started_at + shift,
        ended_at=ends_at,
        requests=[
            CapturedRequest(request.path, request.headers, _moved_body(request.body, shift, window))
            for request in renamed.requests
        ],
    )


def _with_fresh_ids(capture: Capture) -> str:
    fresh = {old: _fresh_id(old) for old in capture.ids}
    known = re.compile("|".join(re.escape(old) for old in sorted(fresh, key=len, reverse=True)))
    return known.sub(lambda found: fresh[found.group()], msgspec.json.encode(capture).decode())


def _fresh_id(old: str) -> str:
    return str(uuid.uuid4()) if "-" in old else secrets.token_hex(len(old) // 2)


def _moved_body(body: msgspec.Raw, shift: int, window: tuple[int, int]) -> msgspec.Raw:
    parsed: JsonValue = json.loads(bytes(body))
    return msgspec.Raw(json.dumps(_moved(parsed, shift, window)).encode())


def _moved(value: JsonValue, shift: int, window: tuple[int, int], key: str = "") -> JsonValue:
    if isinstance(value, str):
        if key.endswith("UnixNano"):
            return str(int(value) + shift)
        return _moved_text(value, shift, window)
    if isinstance(value, dict):
        return {name: _moved(item, shift, window, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, shift, window) for item in value]
    return value


def _moved_text(text: str, shift: int, window: tuple[int, int]) -> str:
    found = _ISO_TIME.fullmatch(text)
    if found is None:
        return text
    moment = datetime.fromisoformat(found.group(1))
    nanoseconds = (moment - _EPOCH) // timedelta(microseconds=1) * _NANOSECONDS_PER_MICROSECOND
    if not window[0] <= nanoseconds <= window[1]:
        return text
    moved = (moment + timedelta(microseconds=shift // _NANOSECONDS_PER_MICROSECOND)).astimezone(UTC)
    return text.replace(found.group(1), moved.isoformat(timespec="microseconds").replace("+00:00", "Z"))
