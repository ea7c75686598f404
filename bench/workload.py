"""OTLP requests that look like agent traffic: traces of ten steps, about 1 KB of input and of output each."""

import gzip
import json
import random
import time
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span

STEPS = ("agent", "plan", "embed", "retrieve", "rerank", "search", "query", "summarize", "answer", "guard")
MODEL_STEPS = {"plan", "summarize", "answer"}
MODELS = ("gpt-4o", "gpt-4o-mini", "claude-3-5-sonnet-20241022", "gemini-2.5-pro")
MS = 1_000_000


@dataclass
class Workload:
    """Request bodies (gzip) in sending order, and what a reader should find."""

    bodies: list[bytes] = field(default_factory=list)
    trace_ids: list[str] = field(default_factory=list)
    observations: int = 0


class Text:
    """Prose-like windows out of one long random text, so that it compresses like prose, not like noise."""

    def __init__(self, rng: random.Random) -> None:
        words = ["".join(rng.choices("etaoinshrdlcumwfgypb", k=rng.randrange(2, 11))) for _ in range(5000)]
        weights = [1 / (rank + 10) for rank in range(len(words))]
        self._rng = rng
        self._text = " ".join(rng.choices(words, weights, k=300_000))

    def window(self, size: int) -> str:
        start = self._rng.randrange(len(self._text) - size)
        return self._text[start : start + size]


def build(traces: int, spans_per_request: int, seed: int, end_ns: int | None = None) -> Workload:
    """`traces` traces of ten observations spread over the hour before `end_ns` (now)."""
    rng = random.Random(seed)
    text = Text(rng)
    end = end_ns or time.time_ns()
    work = Workload()
    request = _Request()
    for number in range(traces):
        trace_id = rng.randbytes(16)
        work.trace_ids.append(trace_id.hex())
        start = end - (traces - number) * (3600 * 1000 * MS // traces)
        for span in _trace_spans(rng, text, trace_id, start):
            request.scope.spans.append(span)
            work.observations += 1
            if len(request.scope.spans) == spans_per_request:
                work.bodies.append(request.packed())
                request = _Request()
    if request.scope.spans:
        work.bodies.append(request.packed())
    return work


class _Request:
    def __init__(self) -> None:
        self._message = ExportTraceServiceRequest()
        resource = self._message.resource_spans.add()
        for key, value in (("service.name", "bench"), ("deployment.environment", "production")):
            resource.resource.attributes.add(key=key).value.string_value = value
        self.scope: ScopeSpans = resource.scope_spans.add()
        self.scope.scope.name = "bench"

    def packed(self) -> bytes:
        return gzip.compress(self._message.SerializeToString(), 6)


def _trace_spans(rng: random.Random, text: Text, trace_id: bytes, start: int) -> list[Span]:
    root = rng.randbytes(8)
    user, session = f"user-{rng.randrange(200)}", f"session-{rng.randrange(500)}"
    spans: list[Span] = []
    for index, step in enumerate(STEPS):
        span = Span(
            trace_id=trace_id, span_id=rng.randbytes(8) if index else root, name=step, kind=Span.SPAN_KIND_INTERNAL
        )
        if index:
            span.parent_span_id = root
        span.start_time_unix_nano = start + index * MS
        span.end_time_unix_nano = span.start_time_unix_nano + rng.randrange(1, 900) * MS
        span.status.code = 2 if rng.random() < 0.02 else 1
        _fill(span, rng, text, {"user.id": user, "session.id": session})
        spans.append(span)
    return spans


def _fill(span: Span, rng: random.Random, text: Text, shared: dict[str, str]) -> None:
    messages = [
        {"role": "system", "content": "Answer briefly and cite."},
        {"role": "user", "content": text.window(900)},
    ]
    values: dict[str, str | int | float] = {
        **shared,
        "input.value": json.dumps(messages),
        "output.value": json.dumps({"role": "assistant", "content": text.window(960)}),
        "app.request_id": rng.randbytes(8).hex(),
        "openinference.span.kind": "LLM" if span.name in MODEL_STEPS else "CHAIN",
    }
    if span.name in MODEL_STEPS:
        model, sent, received = rng.choice(MODELS), rng.randrange(50, 4000), rng.randrange(10, 900)
        values |= {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": model,
            "gen_ai.response.model": model,
            "gen_ai.usage.input_tokens": sent,
            "gen_ai.usage.output_tokens": received,
            "gen_ai.request.temperature": 0.2,
        }
    for key, value in values.items():
        attribute = span.attributes.add(key=key).value
        match value:
            case int():
                attribute.int_value = value
            case float():
                attribute.double_value = value
            case str():
                attribute.string_value = value
