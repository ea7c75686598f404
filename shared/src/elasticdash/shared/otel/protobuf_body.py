"""Decodes a protobuf export by walking the parsed messages: a generic conversion costs ten times as much."""

import base64
from collections.abc import Iterable
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from elasticdash.shared import errors
from elasticdash.shared.otel import attribute_values
from elasticdash.shared.otel.attribute_values import BrokenSpanError
from elasticdash.shared.otel.export import (
    Attributes,
    AttributeValue,
    CheckedExport,
    DecodeLimits,
    Export,
    Origin,
    RejectedSpan,
    Span,
    SpanEvent,
)

storable = attribute_values.storable
# The parser stops at 100 nested messages; a level of values takes two or three.
_PARSER_MAX_DEPTH = 50


def check(body: bytes, limits: DecodeLimits) -> CheckedExport:
    """What `decode` would accept and reject, without decoding values: a tenth of the work.

    Values can't break a rule then: the parser refuses nesting past its own limit, unless ours is stricter.
    """
    if limits.max_depth < _PARSER_MAX_DEPTH:
        export = decode(body, limits)
        return CheckedExport(len(export.spans), export.rejected)
    request = _parsed(body)
    valid, rejected, position = 0, list[RejectedSpan](), 0
    for resource_spans in request.resource_spans:
        _checked_shared(resource_spans.resource.attributes, limits)
        for scope_spans in resource_spans.scope_spans:
            _checked_shared(scope_spans.scope.attributes, limits)
            for message in scope_spans.spans:
                try:
                    _check_span(message, limits)
                    valid += 1
                except BrokenSpanError as error:
                    rejected.append(RejectedSpan(position, str(error)))
                position += 1
    return CheckedExport(valid, rejected)


def decode(body: bytes, limits: DecodeLimits) -> Export:
    """The export of an `ExportTraceServiceRequest`; InvalidRequestError when it is not one."""
    request = _parsed(body)
    export = Export([], [])
    position = 0
    for resource_spans in request.resource_spans:
        resource = _shared_attributes(resource_spans.resource.attributes, limits)
        for scope_spans in resource_spans.scope_spans:
            scope = scope_spans.scope
            origin = Origin(
                resource, storable(scope.name), storable(scope.version), _shared_attributes(scope.attributes, limits)
            )
            for message in scope_spans.spans:
                try:
                    export.spans.append(_span(message, origin, limits))
                except BrokenSpanError as error:
                    export.rejected.append(RejectedSpan(position, str(error)))
                position += 1
    return export


def _parsed(body: bytes) -> Any:
    try:
        return ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise errors.InvalidRequestError(f"The body is not a protobuf ExportTraceServiceRequest: {error}") from error


def _check_span(message: Any, limits: DecodeLimits) -> None:
    events = message.events
    attribute_values.checked_count("events", events, limits)
    attribute_values.checked_id("traceId", message.trace_id.hex(), limits)
    attribute_values.checked_id("spanId", message.span_id.hex(), limits)
    attribute_values.checked_time("startTimeUnixNano", message.start_time_unix_nano)
    attribute_values.checked_time("endTimeUnixNano", message.end_time_unix_nano)
    attribute_values.checked_count("attributes", message.attributes, limits)
    for event in events:
        attribute_values.checked_count("attributes", event.attributes, limits)


def _checked_shared(messages: Any, limits: DecodeLimits) -> None:
    try:
        attribute_values.checked_count("attributes", messages, limits)
    except BrokenSpanError as error:
        raise errors.InvalidRequestError(f"Resource or scope {error}") from error


def _span(message: Any, origin: Origin, limits: DecodeLimits) -> Span:
    parent: bytes = message.parent_span_id
    events = message.events
    attribute_values.checked_count("events", events, limits)
    status = message.status
    return Span(
        attribute_values.checked_id("traceId", message.trace_id.hex(), limits),
        attribute_values.checked_id("spanId", message.span_id.hex(), limits),
        parent.hex() if any(parent) else None,
        storable(message.name),
        attribute_values.checked_time("startTimeUnixNano", message.start_time_unix_nano),
        attribute_values.checked_time("endTimeUnixNano", message.end_time_unix_nano),
        _attributes(message.attributes, limits),
        [_event(event, limits) for event in events],
        status.code,
        storable(status.message),
        origin,
    )


def _event(message: Any, limits: DecodeLimits) -> SpanEvent:
    return SpanEvent(storable(message.name), message.time_unix_nano, _attributes(message.attributes, limits))


def _shared_attributes(messages: Any, limits: DecodeLimits) -> Attributes:
    try:
        return _attributes(messages, limits)
    except BrokenSpanError as error:
        raise errors.InvalidRequestError(f"Resource or scope {error}") from error


def _attributes(messages: Any, limits: DecodeLimits) -> Attributes:
    attribute_values.checked_count("attributes", messages, limits)
    found: Attributes = {}
    for pair in messages:
        message = pair.value
        # Most values are texts: asking for the text first saves a call for each of them.
        text: str = message.string_value
        if text:
            found[pair.key] = text if text.isascii() and "\x00" not in text else storable(text)
            continue
        value = _value(message, limits, 0)
        if value is not None:
            found[pair.key] = value
    keys = "".join(found)
    if keys.isascii() and "\x00" not in keys:
        return found
    return {storable(key): value for key, value in found.items()}


def _value(message: Any, limits: DecodeLimits, depth: int) -> AttributeValue:
    if depth > limits.max_depth:
        raise attribute_values.too_deep(limits)
    kind: str | None = message.WhichOneof("value")
    match kind:
        case "string_value":
            return storable(message.string_value)
        case "int_value" | "bool_value":
            return getattr(message, kind)
        case "double_value":
            return attribute_values.storable_number(message.double_value)
        case "array_value":
            items: Iterable[Any] = message.array_value.values
            return [_value(item, limits, depth + 1) for item in items]
        case "kvlist_value":
            pairs: Iterable[Any] = message.kvlist_value.values
            return {storable(pair.key): _value(pair.value, limits, depth + 1) for pair in pairs}
        case "bytes_value":
            return base64.b64encode(message.bytes_value).decode()
        case _:
            return None
