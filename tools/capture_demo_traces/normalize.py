"""Turns recorded requests into a capture without anything of the machine they were made on."""

import base64
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from collector import Recorded
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

KEPT_HEADERS = re.compile(r"x[-_](langfuse|elasticdash)[-_](sdk[-_]name|sdk[-_]version|ingestion[-_]version)$")
DROPPED_ATTRIBUTES = re.compile(
    r"(host|process|os|container|thread)\.|service\.instance\.id$|server\.port$|code\.file|public_key$"
)
# A path into site-packages, the standard library, or the folder of the recorded agents: only what follows matters.
MACHINE_PATH = re.compile(
    r"/[^\s\"'\\]*?/(?:lib/python3\.\d+/site-packages|lib/python3\.\d+|capture_demo_traces/agents)/"
)
LOCAL_URL = re.compile(r"(?:https?://)?127\.0\.0\.1(?::\d+)?")
OTLP_IDS = ("traceId", "spanId", "parentSpanId")
BATCH_IDS = ("id", "traceId", "parentObservationId", "observationId")
BATCH_TIMES = ("timestamp", "startTime", "endTime", "completionStartTime")


def capture(framework: str, recorded: Sequence[Recorded]) -> dict[str, Any]:
    """What `elasticdash demo` reads: requests, ids and times of one framework's run."""
    requests = [_request(one) for one in recorded if one.path.endswith(("/ingestion", "/otel/v1/traces"))]
    bodies = [request["body"] for request in requests]
    ids = sorted({value for body in bodies for value in (*_otlp_ids(body), *_batch_ids(body))})
    times = sorted(moment for body in bodies for moment in (*_otlp_times(body), *_batch_times(body)))
    return {
        "framework": framework,
        "traces": [{"id": trace_id, "name": name} for trace_id, name in _trace_names(bodies).items()],
        "ids": ids,
        "started_at": times[0],
        "ended_at": times[-1],
        "requests": requests,
    }


def _request(recorded: Recorded) -> dict[str, Any]:
    body = json.loads(recorded.body) if recorded.path.endswith("/ingestion") else _otlp_json(recorded.body)
    body.get("metadata", {}).pop("public_key", None)
    text = LOCAL_URL.sub("model.example", MACHINE_PATH.sub("", json.dumps(_without_machine(body), ensure_ascii=False)))
    headers = {name: value for name, value in recorded.headers.items() if KEPT_HEADERS.match(name)}
    return {"path": recorded.path, "headers": headers, "body": json.loads(text)}


def _otlp_json(body: bytes) -> dict[str, Any]:
    """OTLP's own JSON form: ids in hexadecimal, where protobuf's generic form has base64."""
    message = json_format.MessageToDict(ExportTraceServiceRequest.FromString(body), use_integers_for_enums=True)
    for span in _spans(message):
        for holder in (span, *span.get("links", [])):
            for key in OTLP_IDS:
                if key in holder:
                    holder[key] = base64.b64decode(holder[key]).hex()
    return message


def _without_machine(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_machine(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_machine(item) for item in value if not _tells_the_machine(item)]
    return value


def _tells_the_machine(item: Any) -> bool:
    return isinstance(item, dict) and "key" in item and bool(DROPPED_ATTRIBUTES.match(str(item["key"])))


def _spans(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in body.get("resourceSpans", []):
        for scope in resource.get("scopeSpans", []):
            yield from scope.get("spans", [])


def _otlp_ids(body: dict[str, Any]) -> Iterator[str]:
    for span in _spans(body):
        yield from (span[key] for key in OTLP_IDS if span.get(key))


def _otlp_times(body: dict[str, Any]) -> Iterator[int]:
    for span in _spans(body):
        yield int(span["startTimeUnixNano"])
        yield int(span["endTimeUnixNano"])


def _batch_ids(body: dict[str, Any]) -> Iterator[str]:
    for event in body.get("batch", []):
        yield event["id"]
        yield from (event["body"][key] for key in BATCH_IDS if event["body"].get(key))


def _batch_times(body: dict[str, Any]) -> Iterator[int]:
    for event in body.get("batch", []):
        for moment in (event["body"].get(key) for key in BATCH_TIMES):
            if moment:
                yield int(datetime.fromisoformat(moment).timestamp() * 1_000_000) * 1000


def _trace_names(bodies: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Names by trace id, in the order the traces began: the trace's own name, else its root span's."""
    spans = sorted((span for body in bodies for span in _spans(body)), key=lambda span: int(span["startTimeUnixNano"]))
    roots = {span["traceId"]: span["name"] for span in spans if not span.get("parentSpanId")}
    named = {
        span["traceId"]: attribute["value"]["stringValue"]
        for span in spans
        for attribute in span.get("attributes", [])
        if attribute["key"] == "langfuse.trace.name"
    }
    events = [event for body in bodies for event in body.get("batch", [])]
    created = {
        event["body"]["id"]: event["body"]["name"]
        for event in events
        if event["type"] == "trace-create" and event["body"].get("name")
    }
    return roots | named | created
