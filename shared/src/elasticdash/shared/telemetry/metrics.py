"""What a process of ours measures, in Prometheus's terms. Every label has few values: none is a client's choice."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_ROWS = (1, 10, 100, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)


def _counter(name: str, meaning: str, *labels: str) -> Counter:
    return Counter(f"elasticdash_{name}", meaning, labels, registry=REGISTRY)


def _gauge(name: str, meaning: str, *labels: str) -> Gauge:
    return Gauge(f"elasticdash_{name}", meaning, labels, registry=REGISTRY)


def _histogram(name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(f"elasticdash_{name}", meaning, labels, registry=REGISTRY, buckets=buckets)


REQUESTS = _counter("http_requests_total", "Requests answered", "method", "route", "status")
REQUEST_SECONDS = _histogram("http_request_duration_seconds", "Time to the last byte", _SECONDS, "method", "route")
REQUESTS_IN_FLIGHT = _gauge("http_requests_in_flight", "Requests being answered")
REFUSALS = _counter("refused_requests_total", "Requests refused to keep a bound", "reason")

INGEST_BYTES = _counter("ingest_bytes_total", "Bytes of accepted bodies as sent", "kind")
INGEST_EVENTS = _counter("ingest_events_total", "Events and spans accepted", "kind")
INGEST_REJECTED_EVENTS = _counter("ingest_rejected_events_total", "Events and spans that broke a rule", "kind")
INGEST_IN_FLIGHT_BYTES = _gauge("ingest_in_flight_bytes", "Bodies being received, checked and made durable")
INGEST_GROUP_REQUESTS = _histogram("ingest_group_requests", "Requests in one raw object", _COUNTS)
INGEST_STORE_SECONDS = _histogram("ingest_store_duration_seconds", "Time to make a raw object durable", _SECONDS)
ENQUEUE_FAILURES = _counter("enqueue_failures_total", "References the queue did not take; the sweeper finds them")

QUERY_SECONDS = _histogram("clickhouse_query_duration_seconds", "Time of one statement", _SECONDS, "query")
QUERY_ERRORS = _counter("clickhouse_query_errors_total", "Statements that failed", "query", "error")
INSERT_SECONDS = _histogram("clickhouse_insert_duration_seconds", "Time of one insert", _SECONDS, "table")
INSERT_ROWS = _histogram("clickhouse_insert_rows", "Rows of one insert", _ROWS, "table")

RAW_OBJECTS = _counter("raw_objects_total", "Raw objects by what became of them", "result")
SWEEPS = _counter("sweeps_total", "Completed looks for unprocessed raw objects")
SWEEP_FAILURES = _counter("sweep_failures_total", "Looks that failed")
SWEPT_OBJECTS = _counter("swept_objects_total", "Unprocessed raw objects a sweep handed over")
SETTLED_TRACES = _counter("settled_traces_total", "Tries to announce a settled trace", "result")

QUEUE_LAG = _gauge("queue_lag", "Batches no worker has taken yet")
QUEUE_PENDING = _gauge("queue_pending", "Batches a worker has taken and not finished")
QUEUE_OLDEST_AGE_SECONDS = _gauge("queue_oldest_age_seconds", "Age of the oldest unfinished batch")


def render() -> bytes:
    """Everything measured so far, as Prometheus reads it."""
    return generate_latest(REGISTRY)
