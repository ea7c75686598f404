"""Genkit: one JSON document each for input and output, under keys with colons."""

from collections.abc import Mapping

from elasticdash.shared.domain.json_value import JsonValue
from elasticdash.shared.otel import view
from elasticdash.shared.otel.conventions.token_counts import TokenCounts
from elasticdash.shared.otel.view import SpanView


def input_value(seen: SpanView) -> JsonValue:
    """The messages of the request, or all of it."""
    return _member(seen, "genkit:input", "messages")


def output_value(seen: SpanView) -> JsonValue:
    """The message of the response, or all of it."""
    return _member(seen, "genkit:output", "message")


def usage(seen: SpanView) -> Mapping[str, int] | None:
    """The usage inside the output document; None if there is none."""
    document = view.parsed_object(seen.attributes.get("genkit:output")) or {}
    stated = document.get("usage")
    if not isinstance(stated, Mapping):
        return None
    thoughts = view.count(stated.get("thoughtsTokens"))
    return TokenCounts(
        input=view.count(stated.get("inputTokens")),
        output=view.count(stated.get("outputTokens")),
        total=view.count(stated.get("totalTokens")),
        output_parts={"output_reasoning_tokens": thoughts} if thoughts else {},
    ).buckets()


def _member(seen: SpanView, key: str, name: str) -> JsonValue:
    value = seen.attributes.get(key)
    document = view.parsed_object(value)
    return value if document is None else document.get(name, value)
