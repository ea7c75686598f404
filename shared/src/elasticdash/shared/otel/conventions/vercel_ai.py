"""The Vercel AI SDK: attributes under `ai.`, with token details in documents of each provider."""

from collections.abc import Mapping

from elasticdash.shared.domain.json_value import JsonObject, JsonValue
from elasticdash.shared.otel import view
from elasticdash.shared.otel.conventions.token_counts import TokenCounts
from elasticdash.shared.otel.view import SpanView

_INPUT_KEYS = (
    "gen_ai.usage.prompt_tokens",
    "gen_ai.usage.input_tokens",
    "ai.usage.promptTokens",
    "ai.usage.inputTokens",
)
_OUTPUT_KEYS = (
    "gen_ai.usage.completion_tokens",
    "gen_ai.usage.output_tokens",
    "ai.usage.completionTokens",
    "ai.usage.outputTokens",
)
_TOTAL_KEYS = ("ai.usage.totalTokens", "ai.usage.tokens")
_INPUT_VALUES = ("ai.prompt.messages", "ai.prompt", "ai.toolCall.args")
_OUTPUT_VALUES = (
    "ai.response.text",
    "ai.result.text",
    "ai.toolCall.result",
    "ai.response.object",
    "ai.result.object",
    "ai.response.toolCalls",
    "ai.result.toolCalls",
)
_PARAMETERS = ("maxRetries", "maxSteps", "maxTokens", "mode", "temperature", "toolChoice", "service_tier", "system")


def input_value(seen: SpanView) -> JsonValue:
    """The messages, the prompt or the arguments of the tool."""
    return view.first(seen.attributes, _INPUT_VALUES)


def output_value(seen: SpanView) -> JsonValue:
    """The text, object or result; an assistant message when text and tool calls came together."""
    attributes = seen.attributes
    text = view.first(attributes, ("ai.response.text", "ai.result.text"))
    calls = view.first(attributes, ("ai.response.toolCalls", "ai.result.toolCalls"))
    if text is not None and calls is not None:
        parsed_calls = view.parsed(calls)
        return {"role": "assistant", "content": text, "tool_calls": calls if parsed_calls is None else parsed_calls}
    return view.first(attributes, _OUTPUT_VALUES)


def usage(seen: SpanView) -> Mapping[str, int] | None:
    """Counts with cached and reasoning parts taken out; None if the span has none."""
    attributes = seen.attributes
    reported = view.count(view.first(attributes, _INPUT_KEYS))
    output = view.count(view.first(attributes, _OUTPUT_KEYS))
    total = view.count(view.first(attributes, _TOTAL_KEYS))
    if reported is None and output is None:
        return None if total is None else {"total": total}
    provider = view.parsed_object(attributes.get("ai.response.providerMetadata")) or {}
    cached = view.count(attributes.get("ai.usage.cachedInputTokens"))
    reasoning = view.count(attributes.get("ai.usage.reasoningTokens"))
    input_parts = _cache_parts(provider)
    output_parts = _prediction_parts(provider)
    if cached:
        input_parts.setdefault("input_cached_tokens", cached)
    if reasoning:
        output_parts.setdefault("output_reasoning_tokens", reasoning)
    # Anthropic counts what it read from or wrote to the cache beside the input; some SDK versions add it up.
    alone = view.count(_object(_object(provider, "anthropic"), "usage").get("input_tokens"))
    return TokenCounts(
        input=reported,
        output=output,
        total=total,
        input_parts=input_parts,
        output_parts=output_parts,
        input_excludes_parts=alone is not None and alone == reported,
    ).buckets()


def model_parameters(seen: SpanView) -> JsonObject:
    """Settings of the call, by the SDK's own names."""
    found: dict[str, JsonValue] = {}
    for name in _PARAMETERS:
        value = view.first(seen.attributes, (f"ai.settings.{name}", f"gen_ai.request.{name}", f"ai.prompt.{name}"))
        if value is not None:
            found[name] = value
    reason = view.first(seen.attributes, ("ai.response.finishReason", "ai.finishReason"))
    return found if reason is None else {**found, "finishReason": reason}


def _cache_parts(provider: JsonObject) -> dict[str, int]:
    openai = _object(provider, "openai")
    anthropic = _object(_object(provider, "anthropic"), "usage")
    bedrock = _object(_object(provider, "bedrock"), "usage")
    by_duration = _object(anthropic, "cache_creation")
    parts = _counts(openai, {"cachedPromptTokens": "input_cached_tokens"})
    parts |= _counts(anthropic, {"cache_read_input_tokens": "input_cached_tokens"})
    split = _counts(
        by_duration,
        {
            "ephemeral_5m_input_tokens": "input_cache_creation_5m",
            "ephemeral_1h_input_tokens": "input_cache_creation_1h",
        },
    )
    parts |= split or _counts(anthropic, {"cache_creation_input_tokens": "input_cache_creation"})
    return parts | _counts(
        bedrock,
        {
            "cacheReadInputTokens": "input_cached_tokens",
            "cacheWriteInputTokens": "input_cache_creation",
            "cacheCreationInputTokens": "input_cache_creation",
        },
    )


def _prediction_parts(provider: JsonObject) -> dict[str, int]:
    return _counts(
        _object(provider, "openai"),
        {
            "acceptedPredictionTokens": "output_accepted_prediction_tokens",
            "rejectedPredictionTokens": "output_rejected_prediction_tokens",
            "reasoningTokens": "output_reasoning_tokens",
        },
    )


def _counts(stated: JsonObject, names: Mapping[str, str]) -> dict[str, int]:
    return {bucket: count for name, bucket in names.items() if (count := view.count(stated.get(name)))}


def _object(parent: JsonObject, name: str) -> JsonObject:
    value = parent.get(name)
    return value if isinstance(value, Mapping) else {}
