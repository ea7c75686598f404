"""The door for OTLP trace exports: chooses the decoder by content type."""

from elasticdash.shared import errors
from elasticdash.shared.otel import json_body, protobuf_body
from elasticdash.shared.otel.export import CheckedExport, DecodeLimits, Export, Origin, RejectedSpan, Span, SpanEvent

__all__ = [
    "CheckedExport",
    "DecodeLimits",
    "Export",
    "Origin",
    "RejectedSpan",
    "Span",
    "SpanEvent",
    "check_export",
    "decode_export",
]

_DEFAULT_LIMITS = DecodeLimits()


def decode_export(body: bytes, content_type: str, limits: DecodeLimits = _DEFAULT_LIMITS) -> Export:
    """The spans of an uncompressed export, the same for both encodings.

    A span that breaks a rule is among `rejected`. InvalidRequestError when nothing can be read: unknown
    content type, damaged body, or a list of resources, scopes or spans that is none.
    """
    kind = content_type.lower()
    if "application/x-protobuf" in kind:
        return protobuf_body.decode(body, limits)
    if "application/json" in kind:
        return json_body.decode(body, limits)
    raise errors.InvalidRequestError(
        f"Invalid content type {content_type!r}: send application/x-protobuf or application/json"
    )


def check_export(body: bytes, content_type: str, limits: DecodeLimits = _DEFAULT_LIMITS) -> CheckedExport:
    """What `decode_export` would accept and reject, as cheaply as the encoding allows; raises as it does."""
    if "application/x-protobuf" in content_type.lower():
        return protobuf_body.check(body, limits)
    export = decode_export(body, content_type, limits)
    return CheckedExport(len(export.spans), export.rejected)
