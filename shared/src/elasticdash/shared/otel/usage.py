"""Usage and cost a span states, in the bucket names of the price lists: an ordered table, the first that knows wins."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from elasticdash.shared import errors
from elasticdash.shared.domain import usage_parsing
from elasticdash.shared.domain.json_value import JsonValue
from elasticdash.shared.otel import view
from elasticdash.shared.otel.conventions import genkit, google_adk, vercel_ai
from elasticdash.shared.otel.conventions.token_counts import TokenCounts
from elasticdash.shared.otel.view import SpanView

_PREFIXES = ("gen_ai.usage.", "llm.token_count.")
_OWN_COST_KEY = "elasticdash.observation.cost_details"
_TOTAL_COST_KEYS = ("gen_ai.usage.cost", "llm.cost.total")
COST_KEYS = (_OWN_COST_KEY, *_TOTAL_COST_KEYS)
_NOT_COUNTS = frozenset(("cost", "total_cost", "input_cost", "output_cost"))
_CACHE_READ = "input_cached_tokens"
_CACHE_WRITE = "input_cache_creation"
_REASONING = "output_reasoning_tokens"
_AUDIO = "output_audio_tokens"
_BUCKETS: Mapping[str, str] = {
    **dict.fromkeys(("prompt_tokens", "input_tokens", "prompt"), "input"),
    **dict.fromkeys(("completion_tokens", "output_tokens", "completion"), "output"),
    **dict.fromkeys(("total_tokens", "total"), "total"),
    **dict.fromkeys(
        (
            "cache_read.input_tokens",
            "cache_read_input_tokens",
            "cache_read_tokens",
            "details.cache_read_input_tokens",
            "details.cache_read_tokens",
            "prompt_details.cache_read",
            "input_cached_tokens",
        ),
        _CACHE_READ,
    ),
    **dict.fromkeys(
        (
            "cache_creation.input_tokens",
            "cache_creation_input_tokens",
            "cache_write_tokens",
            "details.cache_creation_input_tokens",
            "details.cache_write_tokens",
            "prompt_details.cache_write",
            "input_cache_creation",
        ),
        _CACHE_WRITE,
    ),
    **dict.fromkeys(
        ("reasoning.output_tokens", "completion_details.reasoning", "details.reasoning_tokens"), _REASONING
    ),
    "completion_details.audio": _AUDIO,
}
# Whatever is more gets the highest cost there is; this only keeps numbers of thousands of digits from being written.
_COST_BEYOND_BOUND = 10**9
_PLAIN = frozenset(("input", "output", "total"))


def counts(seen: SpanView) -> Mapping[str, int]:
    """Units by bucket; empty when the span states none."""
    for family, find in _TABLE:
        if family in seen.families and (found := find(seen)) is not None:
            return found
    return {}


def cost_usd(seen: SpanView) -> Mapping[str, Decimal]:
    """Costs by bucket; empty when the span states none."""
    stated = view.parsed_object(seen.attributes.get(_OWN_COST_KEY))
    if stated is not None:
        return {key: cost for key, value in stated.items() if (cost := _cost(value)) is not None}
    for key in _TOTAL_COST_KEYS:
        total = seen.attributes.get(key)
        if total is not None and (cost := _cost(total)) is not None:
            return {"total": cost}
    return {}


def _cost(value: JsonValue) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    text = usage_parsing.cost_text(str(min(value, _COST_BEYOND_BOUND)))
    return None if text is None else Decimal(text)


def _own(seen: SpanView) -> Mapping[str, int] | None:
    value = seen.attributes.get("elasticdash.observation.usage_details")
    if value is None or value == "":
        return None
    stated = view.parsed(value)
    if stated is None:
        return None
    if not isinstance(stated, Mapping):
        return {}
    try:
        return usage_parsing.usage_counts({}, stated)
    except errors.InvalidRequestError:
        # One absurd number must not cost the span.
        return {key: count for key, value in stated.items() if (count := view.count(value)) is not None}


def _generic(seen: SpanView) -> Mapping[str, int] | None:
    """Counts under `gen_ai.usage.` and `llm.token_count.`, parts taken out of the whole that includes them."""
    found: dict[str, int] = {}
    for key, value in seen.attributes.items():
        if not key.startswith(_PREFIXES):
            continue
        kind = key[13:] if key[0] == "g" else key[16:]
        count = view.count(value)
        if count is None or kind in _NOT_COUNTS:
            continue
        found.setdefault(_BUCKETS.get(kind) or kind.removeprefix("details."), count)
    if found.keys() <= _PLAIN:
        return found or None
    return (
        TokenCounts(
            input=found.pop("input", None),
            output=found.pop("output", None),
            total=found.pop("total", None),
            input_parts={key: found.pop(key) for key in (_CACHE_READ, _CACHE_WRITE) if key in found},
            output_parts={key: found.pop(key) for key in (_REASONING, _AUDIO) if key in found},
        ).buckets()
        | found
    )


# The family whose presence makes asking worthwhile, and the question. Source: Langfuse v4.16 OtelIngestionProcessor.
_TABLE: Sequence[tuple[str, Callable[[SpanView], Mapping[str, int] | None]]] = (
    ("elasticdash", _own),
    ("genkit:output", genkit.usage),
    ("ai", vercel_ai.usage),
    ("gcp", google_adk.usage),
    ("gen_ai", _generic),
    ("llm", _generic),
)
FAMILIES = frozenset(family for family, _ in _TABLE)
