"""Traces of our own requests and jobs, sent over OTLP where the settings name a receiver; else nothing is made."""

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from elasticdash.shared.settings.tracing import TracingSettings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

# A receiver that is away may delay a stop by so much, and never a request or a job.
_STOP_SECONDS = 5.0
_EXPORT_SECONDS = 3.0

Attribute = str | int


class Kind(Enum):
    """What a span stands for; the values are OpenTelemetry's names."""

    REQUEST = "SERVER"
    JOB = "CONSUMER"


@dataclass(slots=True)
class Traced:
    """What becomes known of a request or job while it runs."""

    name: str
    attributes: dict[str, Attribute] = field(default_factory=dict[str, Attribute])
    is_failed: bool = False


_tracer: "Tracer | None" = None


@contextmanager
def exporting(settings: TracingSettings, service: str) -> Generator[None]:
    """Send a span for everything `traced` until the block ends; without an endpoint there is nothing to send."""
    global _tracer  # noqa: PLW0603, RUF100 one per process, as logging has
    if settings.endpoint is None:
        yield
        return
    provider = _provider(settings, settings.service_name or f"elasticdash-{service}")
    _tracer = provider.get_tracer("elasticdash")
    try:
        yield
    finally:
        _tracer = None
        stopping = threading.Thread(target=provider.shutdown, daemon=True)
        stopping.start()
        stopping.join(_STOP_SECONDS)


@contextmanager
def traced(kind: Kind, name: str) -> Generator[Traced]:
    """One span, a trace of its own: what callers say of theirs is not ours to join. Errors leave only their class."""
    said = Traced(name)
    if _tracer is None:
        yield said
        return
    # Only where tracing is on: the packages take a third of a second to import.
    from opentelemetry.context import Context
    from opentelemetry.trace import SpanKind, StatusCode

    span = _tracer.start_span(name, Context(), SpanKind[kind.value])
    try:
        yield said
    except BaseException as error:
        said.is_failed = True
        said.attributes["error.type"] = type(error).__name__
        raise
    finally:
        span.update_name(said.name)
        span.set_attributes(said.attributes)
        if said.is_failed:
            span.set_status(StatusCode.ERROR)
        span.end()


def _provider(settings: TracingSettings, service: str) -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

    provider = TracerProvider(
        sampler=TraceIdRatioBased(settings.sampled_share),
        resource=Resource.create({"service.name": service}),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(
        endpoint=f"{(settings.endpoint or '').rstrip('/')}/v1/traces",
        headers=_headers(settings.headers.get_secret_value()),
        timeout=_EXPORT_SECONDS,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _headers(text: str) -> Mapping[str, str]:
    from opentelemetry.util.re import parse_env_headers

    return parse_env_headers(text, liberal=True)
