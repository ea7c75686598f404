"""The plain OpenTelemetry SDK and its OTLP/HTTP exporter, as a collector or any instrumented service would send."""

import json

import scenario
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind


def main() -> None:
    sent = scenario.load()
    resource = Resource({"service.name": "shop", "service.version": "1.4.0", "deployment.environment.name": "Staging"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("shop.assistant", "7.1.0")
    with tracer.start_as_current_span("POST /ask", kind=SpanKind.SERVER) as root:
        root.set_attributes({"session.id": sent["sessionId"], "user.id": sent["userId"], "http.route": "/ask"})
        root.set_attributes({"input.value": "Where is order 1234?", "output.value": "On its way."})
        with tracer.start_as_current_span("chat gpt-4o", kind=SpanKind.CLIENT) as chat:
            scenario.think()
            chat.set_attributes(chat_attributes())
        try:
            with tracer.start_as_current_span("query orders") as query:
                query.set_attribute("db.system.name", "postgresql")
                raise TimeoutError("no answer within 2 s")
        except TimeoutError:
            pass
        trace_id = trace.format_trace_id(root.get_span_context().trace_id)
    delivered = provider.force_flush()
    provider.shutdown()
    scenario.report(traceId=trace_id, delivered=delivered)


def chat_attributes() -> dict:
    question = [{"role": "user", "parts": [{"type": "text", "content": "Where is order 1234?"}]}]
    answer = [{"role": "assistant", "parts": [{"type": "text", "content": "On its way."}], "finish_reason": "stop"}]
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o",
        "gen_ai.request.temperature": 0.2,
        "gen_ai.usage.input_tokens": 120,
        "gen_ai.usage.output_tokens": 30,
        "gen_ai.input.messages": json.dumps(question),
        "gen_ai.output.messages": json.dumps(answer),
    }


main()
