"""Builds one OTLP export in both encodings, and maps it without a price list."""

import json
from collections.abc import Mapping
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.pricing import Priced, PricingInput
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.otel import decode, mapping
from elasticdash.shared.otel.mapping import MappedExport, MappingContext

Json = dict[str, Any]

JSON, PROTOBUF = "application/json", "application/x-protobuf"
TRACE_ID, SPAN_ID, OTHER_SPAN_ID = "ab" * 16, "cd" * 8, "ef" * 8
START_NS = 1_730_736_831_496_457_123
START_US = START_NS // 1000
END_NS = START_NS + 1_000_000_000
RECEIVED_US = 1_800_000_000_000_000


def make_span(values: Mapping[str, Any] | None = None, /, **fields: Any) -> Json:
    """A root span as OTLP/JSON writes it."""
    return {
        "traceId": TRACE_ID,
        "spanId": SPAN_ID,
        "name": "step",
        "startTimeUnixNano": str(START_NS),
        "endTimeUnixNano": str(END_NS),
        "attributes": any_pairs(values or {}),
        **fields,
    }


def make_event(name: str, attributes: Mapping[str, Any]) -> Json:
    """A span event."""
    return {"name": name, "timeUnixNano": str(START_NS), "attributes": any_pairs(attributes)}


def export_of(*spans: Any, resource: Mapping[str, Any] | None = None, scope: Json | None = None) -> Json:
    """An export of these spans with one resource and scope."""
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": any_pairs(resource or {})},
                "scopeSpans": [{"scope": scope or {"name": "test"}, "spans": list(spans)}],
            }
        ]
    }


def json_body(export: Json) -> bytes:
    """The export as OTLP/JSON."""
    return json.dumps(export).encode()


def protobuf_body(export: Json) -> bytes:
    """The same export as protobuf, written field by field and not by the code under test."""
    request = ExportTraceServiceRequest()
    for resource_spans in export["resourceSpans"]:
        resource = request.resource_spans.add()
        _add_pairs(resource.resource.attributes, resource_spans["resource"]["attributes"])
        for scope_spans in resource_spans["scopeSpans"]:
            scope = resource.scope_spans.add()
            scope.scope.name = scope_spans["scope"]["name"]
            scope.scope.version = scope_spans["scope"].get("version", "")
            _add_pairs(scope.scope.attributes, scope_spans["scope"].get("attributes", []))
            for span in scope_spans["spans"]:
                _add_span(scope.spans.add(), span)
    return request.SerializeToString()


def price_nothing(asked: PricingInput) -> Priced:
    """Usage as stated and the sum of stated costs: what pricing does without any prices."""
    return Priced(
        model_id=None,
        usage=asked.provided_usage,
        cost_usd=asked.provided_cost_usd,
        total_cost_usd=asked.provided_cost_usd.get("total"),
        pricing_tier_id=None,
        pricing_tier_name=None,
    )


def map_export(export: Json, sdk_name: str = "unknown", sdk_version: str = "unknown") -> MappedExport:
    """What the export maps to; every span must be valid."""
    decoded = decode.decode_export(json_body(export), JSON)
    assert decoded.rejected == []
    return mapping.map_export(
        decoded, MappingContext(ProjectId("p"), sdk_name, sdk_version, RECEIVED_US), price_nothing
    )


def observe(attributes: Mapping[str, Any], **fields: Any) -> Observation:
    """The observation of one root span; `scope` and `resource` are those of its export."""
    resource, scope = fields.pop("resource", None), fields.pop("scope", None)
    return map_export(export_of(make_span(attributes, **fields), resource=resource, scope=scope)).observations[0]


def any_pairs(values: Mapping[str, Any]) -> list[Json]:
    """Attributes in the form of OTLP/JSON."""
    return [{"key": key, "value": _any_value(value)} for key, value in values.items()]


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
            return {"kvlistValue": {"values": any_pairs(value)}}
        case _:
            return {"stringValue": value}


def _add_span(target: Any, span: Json) -> None:
    target.trace_id = bytes.fromhex(span["traceId"])
    target.span_id = bytes.fromhex(span["spanId"])
    target.parent_span_id = bytes.fromhex(span.get("parentSpanId", ""))
    target.name = span["name"]
    target.start_time_unix_nano = int(span["startTimeUnixNano"])
    target.end_time_unix_nano = int(span["endTimeUnixNano"])
    _add_pairs(target.attributes, span["attributes"])
    for event in span.get("events", []):
        added = target.events.add(name=event["name"], time_unix_nano=int(event["timeUnixNano"]))
        _add_pairs(added.attributes, event["attributes"])
    target.status.code = span.get("status", {}).get("code", 0)
    target.status.message = span.get("status", {}).get("message", "")


def _add_pairs(target: Any, pairs: list[Json]) -> None:
    for pair in pairs:
        added = target.add()
        added.key = pair["key"]
        _set_value(added.value, pair["value"])


def _set_value(target: Any, wrapper: Json) -> None:
    ((kind, value),) = wrapper.items()
    match kind:
        case "stringValue":
            target.string_value = value
        case "intValue":
            target.int_value = int(value)
        case "boolValue":
            target.bool_value = value
        case "doubleValue":
            target.double_value = value
        case "arrayValue":
            target.array_value.SetInParent()
            for item in value["values"]:
                _set_value(target.array_value.values.add(), item)
        case _:
            target.kvlist_value.SetInParent()
            _add_pairs(target.kvlist_value.values, value["values"])
