"""Where the agents that speak plain OpenTelemetry send their spans."""

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def provider(service: str) -> TracerProvider:
    """The global tracer provider, exporting to where OTEL_EXPORTER_OTLP_ENDPOINT points."""
    attributes = {"service.name": service, "deployment.environment.name": "production"}
    tracer_provider = TracerProvider(resource=Resource(attributes))
    tracer_provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(tracer_provider)
    return tracer_provider
