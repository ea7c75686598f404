"""Checking an export accepts and rejects exactly what decoding does: web checks, the worker decodes."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticdash.shared import errors
from elasticdash.shared.otel.decode import DecodeLimits, check_export, decode_export
from support.otlp import JSON, PROTOBUF, export_of, json_body, make_span, protobuf_body

LIMITS = DecodeLimits(max_attributes=3, max_depth=4)


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


def outcome(body: bytes, content_type: str, limits: DecodeLimits, *, by_check: bool) -> tuple[int, Sequence[Any]] | str:
    try:
        if by_check:
            checked = check_export(body, content_type, limits)
            return checked.valid_count, list(checked.rejected)
        export = decode_export(body, content_type, limits)
        return len(export.spans), list(export.rejected)
    except errors.InvalidRequestError as error:
        return str(error)


@pytest.mark.parametrize("limits", [DecodeLimits(), LIMITS], ids=["default", "strict"])
@pytest.mark.parametrize(("encode", "content_type"), [(json_body, JSON), (protobuf_body, PROTOBUF)], ids=["json", "pb"])
@pytest.mark.parametrize(
    "span",
    [
        make_span({"k": "v"}),
        make_span({}, traceId="0" * 32),
        make_span({}, spanId="0" * 16),
        make_span({}, startTimeUnixNano=str(2**63)),
        make_span({str(n): n for n in range(5)}),
        make_span({"deep": nested(8)}),
    ],
    ids=["valid", "zero-trace-id", "zero-span-id", "far-future", "many-attributes", "deep"],
)
def test_check_agrees_with_decode(span: Any, encode: Any, content_type: str, limits: DecodeLimits):
    body = encode(export_of(make_span({"fine": "yes"}), span))

    assert outcome(body, content_type, limits, by_check=True) == outcome(body, content_type, limits, by_check=False)


@given(st.data())
def test_check_agrees_with_decode_on_damaged_bodies(data: st.DataObject):
    body = bytearray(protobuf_body(export_of(make_span({"a": "text", "b": [1, {"c": 2.5}]}), make_span({}))))
    for _ in range(data.draw(st.integers(0, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))

    for limits in (DecodeLimits(), LIMITS):
        checked = outcome(bytes(body), PROTOBUF, limits, by_check=True)
        assert checked == outcome(bytes(body), PROTOBUF, limits, by_check=False)
