"""Decodes a JSON export, with camelCase or snake_case names, as lenient about spelling as real exporters need."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any, cast

import msgspec

from elasticdash.shared import errors
from elasticdash.shared.otel import attribute_values
from elasticdash.shared.otel.attribute_values import BrokenSpanError
from elasticdash.shared.otel.export import (
    Attributes,
    AttributeValue,
    DecodeLimits,
    Export,
    Origin,
    RejectedSpan,
    Span,
    SpanEvent,
)

_STATUS_CODES = {"STATUS_CODE_UNSET": 0, "STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2}
_INT64_DIGITS = 20


def decode(body: bytes, limits: DecodeLimits) -> Export:
    """The export of an `ExportTraceServiceRequest` in JSON; InvalidRequestError when it is not one."""
    try:
        document = _document(body)
    except (ValueError, RecursionError) as error:
        raise errors.InvalidRequestError(f"The body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise errors.InvalidRequestError("The body must be a JSON object with resourceSpans")
    try:
        return _export(cast("dict[str, Any]", document), limits)
    except BrokenSpanError as error:
        raise errors.InvalidRequestError(str(error)) from error


def _document(body: bytes) -> Any:
    if not body:
        return {}
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        # JavaScript cuts texts inside a surrogate pair and escapes the half that is left: not worth an export.
        if b"\\ud" not in body and b"\\uD" not in body:
            raise
        return json.loads(body.decode(), parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _export(document: dict[str, Any], limits: DecodeLimits) -> Export:
    export = Export([], [])
    for position, (origin, item) in enumerate(_spans(document, limits)):
        try:
            export.spans.append(_span(_object("span", item), origin, limits))
        except BrokenSpanError as error:
            export.rejected.append(RejectedSpan(position, str(error)))
    return export


def _spans(document: dict[str, Any], limits: DecodeLimits) -> Iterator[tuple[Origin, Any]]:
    for resource_spans in _objects(document, "resourceSpans", "resource_spans"):
        resource = _object("resource", resource_spans.get("resource"))
        resource_attributes = _attributes(resource.get("attributes"), limits)
        for scope_spans in _objects(resource_spans, "scopeSpans", "scope_spans"):
            scope = _object("scope", scope_spans.get("scope"))
            origin = Origin(
                resource_attributes,
                _text("scope.name", scope.get("name")),
                _text("scope.version", scope.get("version")),
                _attributes(scope.get("attributes"), limits),
            )
            for item in _list("spans", scope_spans.get("spans")):
                yield origin, item


def _span(item: dict[str, Any], origin: Origin, limits: DecodeLimits) -> Span:
    parent = _id("parentSpanId", _either(item, "parentSpanId", "parent_span_id"))
    status = _object("status", item.get("status"))
    events = _objects(item, "events", "events")
    attribute_values.checked_count("events", events, limits)
    return Span(
        attribute_values.checked_id("traceId", _id("traceId", _either(item, "traceId", "trace_id")), limits),
        attribute_values.checked_id("spanId", _id("spanId", _either(item, "spanId", "span_id")), limits),
        attribute_values.checked_id("parentSpanId", parent, limits) if parent.strip("0") else None,
        _text("name", item.get("name")),
        _time("startTimeUnixNano", _either(item, "startTimeUnixNano", "start_time_unix_nano")),
        _time("endTimeUnixNano", _either(item, "endTimeUnixNano", "end_time_unix_nano")),
        _attributes(item.get("attributes"), limits),
        [_event(event, limits) for event in events],
        _status_code(status.get("code")),
        _text("status.message", status.get("message")),
        origin,
    )


def _event(item: dict[str, Any], limits: DecodeLimits) -> SpanEvent:
    return SpanEvent(
        _text("event name", item.get("name")),
        _time("event timeUnixNano", _either(item, "timeUnixNano", "time_unix_nano")),
        _attributes(item.get("attributes"), limits),
    )


def _attributes(value: Any, limits: DecodeLimits) -> Attributes:
    items = _list("attributes", value)
    attribute_values.checked_count("attributes", items, limits)
    found: Attributes = {}
    for item in items:
        pair = _object("attribute", item)
        decoded = _value(pair.get("value"), limits, 0)
        if decoded is not None:
            found[_text("attribute key", pair.get("key"))] = decoded
    return found


def _value(wrapper: Any, limits: DecodeLimits, depth: int) -> AttributeValue:
    if depth > limits.max_depth:
        raise attribute_values.too_deep(limits)
    for name, value in _object("attribute value", wrapper).items():
        if value is None:
            continue
        if (convert := _SCALARS.get(name)) is not None:
            return convert(value)
        if name in ("arrayValue", "array_value"):
            items = _list("arrayValue.values", _object("arrayValue", value).get("values"))
            return [_value(item, limits, depth + 1) for item in items]
        if name in ("kvlistValue", "kvlist_value"):
            pairs = _objects(_object("kvlistValue", value), "values", "values")
            return {
                _text("attribute key", pair.get("key")): _value(pair.get("value"), limits, depth + 1) for pair in pairs
            }
    return None


def _string(value: Any) -> AttributeValue:
    return _text("stringValue", value)


def _bool(value: Any) -> AttributeValue:
    if not isinstance(value, bool):
        raise BrokenSpanError("boolValue must be true or false")
    return value


def _double(value: Any) -> AttributeValue:
    if isinstance(value, str):
        try:
            return attribute_values.storable_number(float(value))
        except ValueError:
            return attribute_values.storable(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BrokenSpanError("doubleValue must be a number")
    try:
        return attribute_values.storable_number(float(value))
    except OverflowError as error:
        raise BrokenSpanError("doubleValue must fit 64 bits") from error


def _integer(value: Any) -> AttributeValue:
    number = _int64("intValue", value)
    if not -(1 << 63) <= number < 1 << 63:
        raise BrokenSpanError("intValue must fit 64 bits")
    return number


def _bytes(value: Any) -> AttributeValue:
    if isinstance(value, str):
        return attribute_values.storable(value)
    return base64.b64encode(_byte_string("bytesValue", value)).decode()


_SCALARS: dict[str, Callable[[Any], AttributeValue]] = {
    "stringValue": _string,
    "string_value": _string,
    "intValue": _integer,
    "int_value": _integer,
    "boolValue": _bool,
    "bool_value": _bool,
    "doubleValue": _double,
    "double_value": _double,
    "bytesValue": _bytes,
    "bytes_value": _bytes,
}


def _int64(field: str, value: Any) -> int:
    """Also of decimal text, of a whole float and of {low, high} as JavaScript's Long is written."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and len(value) <= _INT64_DIGITS and value.removeprefix("-").isdecimal():
        return int(value)
    if isinstance(value, dict):
        parts = cast("dict[str, Any]", value)
        low, high = parts.get("low"), parts.get("high")
        if isinstance(low, int) and isinstance(high, int):
            return (high << 32) | (low & 0xFFFFFFFF)
    raise BrokenSpanError(f"{field} must be a 64-bit integer")


def _time(field: str, value: Any) -> int:
    if value is None or value == "":
        return 0
    return attribute_values.checked_time(field, _int64(field, value))


def _id(field: str, value: Any) -> str:
    """Text as it is; bytes in hex."""
    if value is None:
        return ""
    if isinstance(value, str):
        return attribute_values.storable(value)
    return _byte_string(field, value).hex()


def _byte_string(field: str, value: Any) -> bytes:
    """Of a list of bytes, or of a Node.js Buffer as it is written in JSON."""
    data: Any = cast("dict[str, Any]", value).get("data") if isinstance(value, dict) else value
    try:
        if isinstance(data, list):
            return bytes(cast("list[int]", data))
    except (TypeError, ValueError) as error:
        raise BrokenSpanError(f"{field} must be text or a list of bytes") from error
    raise BrokenSpanError(f"{field} must be text or a list of bytes")


def _status_code(value: Any) -> int:
    if isinstance(value, str) and value in _STATUS_CODES:
        return _STATUS_CODES[value]
    code = 0 if value is None else _int64("status.code", value)
    return code if code in _STATUS_CODES.values() else 0


def _text(field: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BrokenSpanError(f"{field} must be text")
    return attribute_values.storable(value)


def _either(item: dict[str, Any], name: str, other: str) -> Any:
    value = item.get(name)
    return item.get(other) if value is None else value


def _objects(item: dict[str, Any], name: str, other: str) -> list[dict[str, Any]]:
    return [_object(name, member) for member in _list(name, _either(item, name, other))]


def _list(field: str, value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise BrokenSpanError(f"{field} must be an array")
    return cast("list[Any]", value)


def _object(field: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BrokenSpanError(f"{field} must be an object")
    return cast("dict[str, Any]", value)
