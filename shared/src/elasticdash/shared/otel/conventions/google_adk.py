"""Google's Agent Development Kit: requests and responses as JSON texts under `gcp.vertex.agent.`."""

from collections.abc import Mapping

from elasticdash.shared.domain.json_value import JsonValue
from elasticdash.shared.otel import view
from elasticdash.shared.otel.conventions.token_counts import TokenCounts
from elasticdash.shared.otel.view import SpanView

_PREFIX = "gcp.vertex.agent."
_NOTHING = (None, "", "{}")


def input_value(seen: SpanView) -> JsonValue:
    """The request to the model, or the arguments of the tool."""
    return _either(seen, "llm_request", "tool_call_args")


def output_value(seen: SpanView) -> JsonValue:
    """The response of the model, or of the tool."""
    return _either(seen, "llm_response", "tool_response")


def usage(seen: SpanView) -> Mapping[str, int] | None:
    """Counts of the span, with the cached part that only the response document has; None if there are none."""
    response = view.parsed_object(seen.attributes.get(_PREFIX + "llm_response")) or {}
    stated = response.get("usage_metadata")
    cached = view.count(stated.get("cached_content_token_count")) if isinstance(stated, Mapping) else None
    if not cached:
        return None
    return TokenCounts(
        input=view.count(seen.attributes.get("gen_ai.usage.input_tokens")),
        output=view.count(seen.attributes.get("gen_ai.usage.output_tokens")),
        input_parts={"input_cached_tokens": cached},
    ).buckets()


def _either(seen: SpanView, name: str, other: str) -> JsonValue:
    value = seen.attributes.get(_PREFIX + name)
    return seen.attributes.get(_PREFIX + other) if value in _NOTHING else value
