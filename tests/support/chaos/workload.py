"""Requests as SDKs write them, made from a seed and a number alone, with what readers should see of each. Pure."""

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from support import otlp
from support.chaos.ledger import EntityKey, EntityKind, Statement

Shape = Literal["batch", "otlp"]

TRACES_PER_REQUEST = 4
# One in so many batches carries an event that breaks a rule; SDKs then send the whole batch again.
INVALID_EVERY = 5
_STEP_MS = 7
_WORDS = ("agent", "plan", "tool", "search", "answer", "cite", "draft", "check", "retry", "route", "prompt", "token")


@dataclass(frozen=True, slots=True)
class Sender:
    """One SDK instance: what it sends follows from these alone. `start_ms` is when the run began."""

    project: str
    name: str
    shape: Shape
    seed: int
    start_ms: int


@dataclass(frozen=True, slots=True)
class Request:
    """A body ready to be sent; `by_event` holds statements by the event id that the answer will name."""

    shape: Shape
    body: bytes
    headers: Mapping[str, str]
    by_event: Mapping[str, Sequence[Statement]]

    @property
    def statements(self) -> Sequence[Statement]:
        """All that the request says."""
        return [statement for statements in self.by_event.values() for statement in statements]


def requests(sender: Sender) -> Iterator[Request]:
    """What the sender sends, without end."""
    number = 0
    while True:
        yield batch_request(sender, number) if sender.shape == "batch" else export_request(sender, number)
        number += 1


def batch_request(sender: Sender, number: int) -> Request:
    """Traces with a span, a generation and a score each. A generation's end comes in the next request."""
    events: list[dict[str, Any]] = []
    by_event: dict[str, list[Statement]] = {}

    def say(type_: str, body: dict[str, Any], statements: list[Statement]) -> None:
        event_id = statements[0].id
        events.append({"id": event_id, "timestamp": body["timestamp"], "type": type_, "body": body})
        by_event[event_id] = statements

    for index in range(number * TRACES_PER_REQUEST, (number + 1) * TRACES_PER_REQUEST):
        for event in _trace_events(sender, index):
            say(*event)
        if index >= TRACES_PER_REQUEST:
            say(*_generation_end(sender, index - TRACES_PER_REQUEST))
    if number % INVALID_EVERY == INVALID_EVERY - 1:
        say(*_invalid_event(sender, number))
    headers = {"Content-Type": "application/json", "x-langfuse-sdk-name": "python", "x-langfuse-sdk-version": "2.60.0"}
    return Request("batch", json.dumps({"batch": events}).encode(), headers, by_event)


def export_request(sender: Sender, number: int) -> Request:
    """An OTLP export, gzipped protobuf, of traces with a root span and two generations below it."""
    spans: list[dict[str, Any]] = []
    statements: list[Statement] = []
    for index in range(number * TRACES_PER_REQUEST, (number + 1) * TRACES_PER_REQUEST):
        rng = _rng(sender, "otlp", index)
        trace_id, root_id = f"{rng.getrandbits(128):032x}", f"{rng.getrandbits(64):016x}"
        start_ms = _start_ms(sender, index)
        for place in range(3):
            span_id = root_id if place == 0 else f"{rng.getrandbits(64):016x}"
            name, text, tokens = f"{sender.name} {place}", _prose(rng), rng.randrange(1, 500) if place else 0
            said: dict[str, Any] = {"langfuse.observation.input": text, "langfuse.observation.output": text[::-1]}
            if place:
                said |= {"langfuse.observation.type": "generation", "gen_ai.usage.total_tokens": tokens}
            parent = {"parentSpanId": root_id} if place else {}
            start_ns = (start_ms + place) * 1_000_000
            times = {"startTimeUnixNano": str(start_ns), "endTimeUnixNano": str(start_ns + 5_000_000)}
            spans.append(otlp.make_span(said, traceId=trace_id, spanId=span_id, name=name, **times, **parent))
            fields = {
                "traceId": trace_id,
                "name": name,
                "type": "GENERATION" if place else "SPAN",
                "input": text,
                "output": text[::-1],
                "totalTokens": tokens,
            }
            statements.append(_statement(sender, f"span {span_id}", "observation", span_id, fields))
        statements.append(_statement(sender, f"trace {trace_id}", "trace", trace_id, {}))
    body = gzip.compress(otlp.protobuf_body(otlp.export_of(*spans)), 1)
    headers = {
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "gzip",
        "x-langfuse-sdk-name": "python",
        "x-langfuse-sdk-version": "4.0.0",
    }
    return Request("otlp", body, headers, {"export": statements})


Event = tuple[str, dict[str, Any], list[Statement]]


def _trace_events(sender: Sender, index: int) -> list[Event]:
    rng = _rng(sender, "batch", index)
    ids = {part: f"{sender.name}-{index}-{part}" for part in ("trace", "span", "generation", "score")}
    at, text, tokens, value = _time(sender, index), _prose(rng), rng.randrange(1, 500), rng.randrange(1, 100)
    trace_id, generation_id = ids["trace"], ids["generation"]
    trace = {"name": f"run {index}", "userId": f"user-{index % 17}", "input": text, "metadata": {"number": index}}
    span = {"traceId": trace_id, "name": "step", "input": {"text": text, "index": index}}
    generation = {"traceId": trace_id, "name": "call", "model": "chaos-model", "input": text}
    score = {"traceId": trace_id, "name": "quality", "value": value, "comment": text[:40]}
    implied = _statement(sender, f"{trace_id} implied", "trace", trace_id, {})
    usage = {"usageDetails": {"total": tokens}}
    return [
        (
            "trace-create",
            {"id": trace_id, "timestamp": at, **trace},
            [_statement(sender, f"{trace_id} create", "trace", trace_id, trace)],
        ),
        (
            "span-create",
            {"id": ids["span"], "timestamp": at, "startTime": at, **span},
            [
                _statement(sender, f"{ids['span']} create", "observation", ids["span"], {**span, "type": "SPAN"}),
                implied,
            ],
        ),
        (
            "generation-create",
            {"id": generation_id, "timestamp": at, "startTime": at, **generation, **usage},
            [
                _statement(
                    sender,
                    f"{generation_id} create",
                    "observation",
                    generation_id,
                    {**generation, "type": "GENERATION", "totalTokens": tokens},
                ),
                implied,
            ],
        ),
        (
            "score-create",
            {"id": ids["score"], "timestamp": at, **score},
            [_statement(sender, f"{ids['score']} create", "score", ids["score"], score)],
        ),
    ]


def _generation_end(sender: Sender, index: int) -> Event:
    id_, trace_id = f"{sender.name}-{index}-generation", f"{sender.name}-{index}-trace"
    said = {"output": f"answer {index}", "statusMessage": f"done {index}"}
    body = {"id": id_, "traceId": trace_id, "timestamp": _time(sender, index + 1), **said}
    fields = {**said, "traceId": trace_id, "type": "GENERATION"}
    return (
        "generation-update",
        body,
        [
            _statement(sender, f"{id_} end", "observation", id_, fields),
            _statement(sender, f"{trace_id} implied", "trace", trace_id, {}),
        ],
    )


def _invalid_event(sender: Sender, number: int) -> Event:
    id_ = f"{sender.name}-{number}-invalid"
    body = {"id": id_, "traceId": id_, "timestamp": _time(sender, number), "startTime": "yesterday", "name": "invalid"}
    entity = EntityKey(sender.project, "observation", id_)
    return "span-create", body, [Statement(f"{id_} create", entity, {"name": "invalid"}, is_valid=False)]


def _statement(sender: Sender, id_: str, kind: EntityKind, entity_id: str, fields: Mapping[str, Any]) -> Statement:
    return Statement(id_, EntityKey(sender.project, kind, entity_id), fields)


def _rng(sender: Sender, purpose: str, number: int) -> random.Random:
    return random.Random(f"{sender.seed} {sender.project} {sender.name} {purpose} {number}")


def _prose(rng: random.Random) -> str:
    return " ".join(rng.choices(_WORDS, k=rng.randrange(10, 40)))


def _start_ms(sender: Sender, index: int) -> int:
    return sender.start_ms + index * _STEP_MS


def _time(sender: Sender, index: int) -> str:
    moment = datetime.fromtimestamp(_start_ms(sender, index) / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
