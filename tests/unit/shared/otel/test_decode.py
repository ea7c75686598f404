"""Exports decode to the same records from both encodings; hostile ones are refused span by span."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from elasticdash.shared import errors
from elasticdash.shared.otel.decode import DecodeLimits, decode_export
from support import otlp
from support.otlp import JSON, PROTOBUF, SPAN_ID, START_NS, TRACE_ID, export_of, json_body, make_span, protobuf_body


def nested(depth: int) -> Any:
    value: Any = {"stringValue": "x"}
    for _ in range(depth):
        value = {"arrayValue": {"values": [value]}}
    return value


@pytest.mark.parametrize(
    ("body", "content_type", "rule"),
    [
        (b"{}", "text/plain", "content type"),
        (b"{}", "", "content type"),
        (b"{", JSON, "not JSON"),
        (b"\xff\xfe", JSON, "not JSON"),
        (b'{"resourceSpans": NaN}', JSON, "not JSON"),
        (b'{"a": "\\ud800", "b": NaN}', JSON, "not JSON"),
        (b"[" * 100_000, JSON, "not JSON"),
        (b"[]", JSON, "JSON object"),
        (b'{"resourceSpans": {}}', JSON, "resourceSpans must be an array"),
        (b'{"resourceSpans": [1]}', JSON, "resourceSpans must be an object"),
        (b'{"resourceSpans": [{"scopeSpans": {}}]}', JSON, "scopeSpans must be an array"),
        (b'{"resourceSpans": [{"scopeSpans": [{"spans": {}}]}]}', JSON, "spans must be an array"),
        (b'{"resourceSpans": [{"resource": {"attributes": {}}}]}', JSON, "attributes must be an array"),
        (b"\xff\xff", PROTOBUF, "protobuf"),
        (b'{"resourceSpans": []}', PROTOBUF, "protobuf"),
        (protobuf_body(export_of(make_span({"k": "text"}))).replace(b"text", b"te\xfft"), PROTOBUF, "protobuf"),
    ],
)
def test_unreadable_body_is_refused_with_the_rule(body: bytes, content_type: str, rule: str):
    with pytest.raises(errors.InvalidRequestError, match=rule):
        decode_export(body, content_type)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"traceId": None}, "traceId must not be empty"),
        ({"traceId": ""}, "traceId must not be empty"),
        ({"traceId": "0" * 32}, "traceId must not be empty or all zeroes"),
        ({"traceId": 7}, "traceId must be text or a list of bytes"),
        ({"traceId": [300]}, "traceId must be text or a list of bytes"),
        ({"traceId": "a" * 801}, "traceId must not be longer than 800"),
        ({"spanId": ""}, "spanId must not be empty"),
        ({"parentSpanId": {"data": "x"}}, "parentSpanId must be text or a list of bytes"),
        ({"name": 5}, "name must be text"),
        ({"startTimeUnixNano": "soon"}, "startTimeUnixNano must be a 64-bit integer"),
        ({"startTimeUnixNano": "9" * 5000}, "startTimeUnixNano must be a 64-bit integer"),
        ({"startTimeUnixNano": -1}, "startTimeUnixNano must lie between"),
        ({"endTimeUnixNano": str(2**64 - 1)}, "endTimeUnixNano must lie between"),
        ({"attributes": {"a": 1}}, "attributes must be an array"),
        ({"attributes": [5]}, "attribute must be an object"),
        ({"attributes": [{"key": 1, "value": {"intValue": 1}}]}, "attribute key must be text"),
        ({"attributes": [{"key": "a", "value": {"stringValue": 1}}]}, "stringValue must be text"),
        ({"attributes": [{"key": "a", "value": {"intValue": "x"}}]}, "intValue must be a 64-bit"),
        ({"attributes": [{"key": "a", "value": {"intValue": 2**63}}]}, "intValue must fit 64 bits"),
        ({"attributes": [{"key": "a", "value": {"boolValue": "yes"}}]}, "boolValue must be true"),
        ({"attributes": [{"key": "a", "value": {"doubleValue": []}}]}, "doubleValue must be a number"),
        ({"attributes": [{"key": "a", "value": {"doubleValue": 10**400}}]}, "doubleValue must fit 64 bits"),
        ({"attributes": [{"key": "a", "value": nested(65)}]}, "must not nest deeper than 64"),
        ({"attributes": otlp.any_pairs({f"k{n}": n for n in range(10_001)})}, "attributes must not have more"),
        ({"events": {}}, "events must be an array"),
        ({"events": [{"attributes": {}}]}, "attributes must be an array"),
        ({"status": []}, "status must be an object"),
        ({"status": {"code": "bad"}}, "status.code must be"),
    ],
)
def test_bad_span_is_rejected_by_rule_and_place_and_its_neighbours_are_kept(fields: dict[str, Any], rule: str):
    export = export_of(make_span(spanId="01"), make_span(**fields), make_span(spanId="02"))

    decoded = decode_export(json_body(export), JSON)

    assert [span.id for span in decoded.spans] == ["01", "02"]
    assert [rejected.position for rejected in decoded.rejected] == [1]
    assert rule in decoded.rejected[0].reason


def test_bad_protobuf_spans_are_rejected_alone():
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    spans.add(trace_id=b"", span_id=b"a")
    spans.add(trace_id=b"\x00" * 16, span_id=b"a")
    spans.add(trace_id=b"t", span_id=b"")
    spans.add(trace_id=b"t", span_id=b"s", start_time_unix_nano=2**64 - 1)
    deep = spans.add(trace_id=b"t", span_id=b"s").attributes.add(key="k").value
    for _ in range(4):
        deep = deep.array_value.values.add()
    spans.add(trace_id=b"t", span_id=b"good")

    decoded = decode_export(request.SerializeToString(), PROTOBUF, DecodeLimits(max_depth=3))

    assert [span.id for span in decoded.spans] == [b"good".hex()]
    assert [rejected.position for rejected in decoded.rejected] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"", PROTOBUF), (b"", JSON), (b"{}", JSON), (b'{"resourceSpans": null}', "application/json; charset=utf-8")],
)
def test_empty_export_is_empty(body: bytes, content_type: str):
    decoded = decode_export(body, content_type)

    assert (decoded.spans, decoded.rejected) == ([], [])


def test_both_encodings_give_the_same_export():
    values = {
        "text": "hé\U0001f600",
        "empty": "",
        "int": -(2**63),
        "float": 0.5,
        "nan": float("inf"),
        "flag": False,
        "list": ["a", 1, True, []],
        "map": {"a": {"b": [1]}, "e": {}},
    }
    export = export_of(
        make_span(
            values,
            parentSpanId="12" * 8,
            status={"code": 2, "message": "boom"},
            events=[otlp.make_event("exception", {"exception.message": "m"})],
        ),
        resource={"service.name": "svc"},
        scope={"name": "lib", "version": "1", "attributes": otlp.any_pairs({"k": "v"})},
    )
    as_text = json.dumps(export).replace("Infinity", '"Infinity"').encode()

    assert decode_export(as_text, JSON) == decode_export(protobuf_body(export), PROTOBUF)


def test_snake_case_and_enum_names_and_long_objects_are_understood():
    high, low = START_NS >> 32, START_NS & 0xFFFFFFFF
    body = {
        "resource_spans": [
            {
                "scope_spans": [
                    {
                        "spans": [
                            {
                                "trace_id": {"type": "Buffer", "data": [171] * 16},
                                "span_id": [205] * 8,
                                "parent_span_id": "0000000000000000",
                                "name": "step",
                                "start_time_unix_nano": {"low": low - (1 << 32), "high": high},
                                "end_time_unix_nano": START_NS,
                                "status": {"code": "STATUS_CODE_ERROR"},
                                "attributes": [
                                    {"key": "i", "value": {"int_value": 3}},
                                    {"key": "d", "value": {"double_value": "0.5"}},
                                    {"key": "s", "value": {"string_value": "x"}},
                                    {"key": "b", "value": {"bytes_value": [1, 2]}},
                                    {"key": "l", "value": {"array_value": {"values": [{"bool_value": True}]}}},
                                    {"key": "nothing", "value": {}},
                                ],
                            }
                        ]
                    }
                ]
            }
        ]
    }

    (span,) = decode_export(json_body(body), JSON).spans

    assert (span.trace_id, span.id, span.parent_id) == (TRACE_ID, SPAN_ID, None)
    assert span.end_ns == START_NS
    assert span.start_ns == START_NS
    assert span.status_code == 2
    assert span.attributes == {"i": 3, "d": 0.5, "s": "x", "b": "AQI=", "l": [True]}


def test_json_ids_are_kept_as_they_are():
    (span,) = decode_export(json_body(export_of(make_span(traceId="My-Trace", spanId="Ä/1"))), JSON).spans

    assert (span.trace_id, span.id) == ("My-Trace", "Ä/1")


def test_text_that_no_store_takes_is_mended_not_refused():
    body = json_body(export_of(make_span({"half": "a\ud83d!", "nul": "a\x00b", "n\x00": "v"})))

    (span,) = decode_export(body, JSON).spans

    assert span.attributes == {"half": "a\ufffd!", "nul": "a\ufffdb", "n\ufffd": "v"}


def test_spans_share_their_origin():
    decoded = decode_export(protobuf_body(export_of(make_span(), make_span(spanId="01" * 8))), PROTOBUF)

    assert decoded.spans[0].origin is decoded.spans[1].origin


@given(st.binary(max_size=200), st.sampled_from([JSON, PROTOBUF]))
def test_random_bytes_decode_or_are_refused(body: bytes, content_type: str):
    with contextlib.suppress(errors.InvalidRequestError):
        assert decode_export(body, content_type).spans == []


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(["attributes", "key", "value", "stringValue", "arrayValue", "values", "events", "status"]),
            children,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(["traceId", "name", "attributes", "events", "status", "startTimeUnixNano"]), _json)
def test_any_json_in_a_field_gives_a_storable_or_rejected_span(field: str, value: Any):
    decoded = decode_export(json_body(export_of(make_span(**{field: value}))), JSON)

    assert len(decoded.spans) + len(decoded.rejected) == 1
    for span in decoded.spans:
        json.dumps(span.attributes, allow_nan=False).encode()
