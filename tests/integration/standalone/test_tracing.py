"""With a receiver named, requests and jobs of our own arrive there as spans; without one nothing is made."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, Status

from elasticdash.shared.settings.tracing import TracingSettings
from elasticdash.shared.telemetry import tracing
from support.batch import make_event
from support.receiver import Receiver, running_receiver
from support.server import free_port, get_json, read_until, start_server

PROMPT = "a prompt nobody else may read"


def test_nothing_is_loaded_without_a_receiver():
    program = (
        "import sys; from elasticdash.shared.settings.tracing import TracingSettings;"
        "from elasticdash.shared.telemetry import tracing;\n"
        "with tracing.exporting(TracingSettings(), 'web'), tracing.traced(tracing.Kind.JOB, 'job'): pass\n"
        "sys.exit('opentelemetry.sdk' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], env={}, check=False, timeout=60)

    assert done.returncode == 0


def test_a_receiver_that_is_away_delays_nothing_but_the_stop(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    started = time.monotonic()

    with tracing.exporting(TracingSettings(), "web"):
        for _ in range(100):
            with tracing.traced(tracing.Kind.JOB, "job"):
                pass

    assert time.monotonic() - started < 15


@pytest.mark.parametrize("endpoint", ["collector:4318", "ftp://collector"])
def test_an_endpoint_that_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch, endpoint: str):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)

    with pytest.raises(ValueError, match="must look like"):
        TracingSettings()


def test_requests_and_jobs_arrive_as_spans_without_what_users_sent(tmp_path: Path):
    with running_receiver() as receiver:
        address = urlsplit(receiver.url)
        env = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{address.netloc}",
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20token",
        }
        server = start_server(tmp_path / "data", env=env)
        event = make_event("trace-create", 0, {"id": "traced", "input": PROMPT})
        with server.client() as client:
            client.post("/api/public/ingestion", json={"batch": [event]})
            read_until(lambda: get_json(client, "/traces/traced"), bool)
            client.get("/no/such/page")
        server.stop()

        spans = {span.name: span for span in spans_of(receiver)}
        ingestion, job = spans["POST /api/public/ingestion"], spans["process_raw_batch"]
        assert attributes_of(ingestion)["http.response.status_code"] == "207"
        assert ingestion.kind == Span.SPAN_KIND_SERVER
        assert job.kind == Span.SPAN_KIND_CONSUMER
        assert job.status.code == Status.STATUS_CODE_UNSET
        assert attributes_of(job)["elasticdash.raw_object"].startswith("raw/")
        assert "GET unmatched" in spans
        assert {service_of(resource) for resource in resources_of(receiver)} == {"elasticdash-up"}
        assert all(posted.headers["authorization"] == "Bearer token" for posted in receiver.posted)
        sent = b"".join(posted.body for posted in receiver.posted)
        for secret in (PROMPT, "/no/such/page", server.secret_key):
            assert secret.encode() not in sent


def resources_of(receiver: Receiver) -> Iterator[ResourceSpans]:
    for posted in receiver.posted:
        yield from ExportTraceServiceRequest.FromString(posted.body).resource_spans


def spans_of(receiver: Receiver) -> Iterator[Span]:
    for resource in resources_of(receiver):
        for scope in resource.scope_spans:
            yield from scope.spans


def service_of(resource: ResourceSpans) -> str:
    return next(pair.value.string_value for pair in resource.resource.attributes if pair.key == "service.name")


def attributes_of(span: Span) -> dict[str, str]:
    return {pair.key: pair.value.string_value or str(pair.value.int_value) for pair in span.attributes}
