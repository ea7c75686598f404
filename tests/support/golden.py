"""Says events to a running Logger and reads back what became of them, for the golden cases."""

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from support.server import get_json, read_until

Json = dict[str, Any]

T0 = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
# OTLP times of the same moment, in nanoseconds.
T0_NS = int(T0.timestamp()) * 1_000_000_000


def at(seconds: float = 0) -> str:
    """T plus some seconds, as events write it."""
    return (T0 + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Golden:
    """One client of one project; every id a case uses should carry its `case` prefix."""

    client: httpx.Client
    case: str
    counter: "itertools.count[int]" = field(default_factory=itertools.count)

    def id(self, name: str) -> str:
        """An id of this case only."""
        return f"{self.case}-{name}"

    def event(self, type_: str, seconds: float, body: Json, **envelope: Any) -> Json:
        """An envelope at T plus `seconds`, with an id of its own."""
        return {
            "id": self.id(f"e{next(self.counter)}"),
            "timestamp": at(seconds),
            "type": type_,
            "body": body,
            **envelope,
        }

    def send(self, *events: Any) -> Json:
        """One batch; returns the 207 body."""
        response = self.client.post("/api/public/ingestion", json={"batch": list(events)})
        assert response.status_code == 207, response.text
        return response.json()

    def accept(self, *events: Any) -> None:
        """One batch in which every event must be accepted."""
        assert self.send(*events)["errors"] == []

    def refused(self, event: Json) -> bool:
        """Whether the event was refused with a 400 in the 207."""
        result = self.send(event)
        return [error["status"] for error in result["errors"]] == [400] and result["successes"] == []

    def trace(self, trace_id: str, until: Callable[[Json], bool] = bool) -> Json:
        """The trace once it satisfies `until`, or as it is when the time is over."""
        return read_until(lambda: get_json(self.client, f"/traces/{trace_id}"), until)

    def observation(self, observation_id: str, until: Callable[[Json], bool] = bool) -> Json:
        """The observation once it satisfies `until`, or as it is when the time is over."""
        return read_until(lambda: get_json(self.client, f"/observations/{observation_id}"), until)

    def score(self, score_id: str, until: Callable[[Json], bool] = bool) -> Json:
        """The score once it satisfies `until`, or as it is when the time is over."""
        return read_until(lambda: get_json(self.client, f"/v2/scores/{score_id}"), until)

    def settle(self) -> None:
        """Wait until everything sent so far is stored: a marker sent last is readable."""
        marker = self.id(f"marker{next(self.counter)}")
        self.accept(self.event("trace-create", 0, {"id": marker, "name": "marker"}))
        assert self.trace(marker)

    def list(self, path: str, **params: Any) -> list[Json]:
        """The data of a first page."""
        return get_json(self.client, path, **params)["data"]

    def export(
        self, *spans: Json, resource: Mapping[str, Any] | None = None, scope: Json | None = None
    ) -> httpx.Response:
        """One OTLP/JSON export."""
        return self.client.post(
            "/api/public/otel/v1/traces",
            json={
                "resourceSpans": [
                    {
                        "resource": {"attributes": attributes(resource or {})},
                        "scopeSpans": [{"scope": scope or {"name": "test"}, "spans": list(spans)}],
                    }
                ]
            },
        )


def attributes(values: Mapping[str, Any]) -> list[Json]:
    """OTLP/JSON attributes."""
    return [{"key": key, "value": _any_value(value)} for key, value in values.items()]


def span(trace_id: str, span_id: str, values: Mapping[str, Any] | None = None, **fields: Any) -> Json:
    """An OTLP/JSON span of one second from T."""
    return {
        "traceId": trace_id,
        "spanId": span_id,
        "name": "span",
        "kind": 1,
        "startTimeUnixNano": str(T0_NS),
        "endTimeUnixNano": str(T0_NS + 1_000_000_000),
        "attributes": attributes(values or {}),
        **fields,
    }


def hex_id(size: int) -> str:
    """A fresh id of `size` bytes, in hex."""
    return f"{time.time_ns():0{size * 2}x}"[-size * 2 :]


def _any_value(value: Any) -> Json:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [_any_value(item) for item in value]}}
        case dict():
            return {"kvlistValue": {"values": attributes(value)}}
        case _:
            return {"stringValue": str(value)}
