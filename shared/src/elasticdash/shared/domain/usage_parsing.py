"""Usage and cost as senders state them, brought to one form: counts and USD by kind."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from elasticdash.shared import errors
from elasticdash.shared.domain.json_value import JsonObject, JsonValue

# Sums of a thousand counts at this bound still fit the UInt64 they are stored in.
MAX_COUNT = 2**53 - 1
_COST_STEP = Decimal("1e-12")
_MAX_COST = Decimal(10**6) - _COST_STEP
_COUNT_TEXT = re.compile(r"\s*(\d{1,20})(?:\.\d*)?\s*")
_COMPLETION = ("prompt_tokens", "completion_tokens")
_RESPONSE = ("input_tokens", "output_tokens")


def usage_counts(legacy: Mapping[str, int | None], details: JsonObject | None) -> dict[str, int]:
    """Units by kind: `legacy` input, output and total first, then what `details` says of them and more.

    Negative counts are dropped. Without a total and without details, the total is input plus output.
    Source: Langfuse v4.16, worker IngestionService; input 0 with output 5 gives total 5, there 0.
    Raises InvalidRequestError for a count above 2^53.
    """
    counts = {kind: count for kind, count in legacy.items() if count is not None}
    if not counts.get("total"):
        counts.pop("total", None)
        parts = [counts[kind] for kind in ("input", "output") if kind in counts]
        if parts and details is None:
            counts["total"] = sum(parts)
    counts.update(_detail_counts(details or {}))
    for kind, count in counts.items():
        if count > MAX_COUNT:
            raise errors.InvalidRequestError(
                "Invalid usage", [errors.FieldIssue(("body", "usageDetails", kind), f"must be at most {MAX_COUNT}")]
            )
    return {kind: count for kind, count in counts.items() if count >= 0}


def cost_text(number: str) -> str | None:
    """A JSON number of USD as a decimal text with at most 12 places, below a million; None if it can't be a cost."""
    try:
        cost = Decimal(number)
        if not cost.is_finite() or cost < 0:
            return None
        return format(min(cost, _MAX_COST).quantize(_COST_STEP, ROUND_HALF_EVEN).normalize(), "f")
    except InvalidOperation:
        return None


def _detail_counts(details: JsonObject) -> dict[str, int]:
    for names in (_COMPLETION, _RESPONSE):
        counts = _openai_counts(details, names)
        if counts is not None:
            return counts
    return {kind: count for kind, value in details.items() if (count := _count(value)) is not None}


def _openai_counts(details: JsonObject, names: tuple[str, str]) -> dict[str, int] | None:
    """Counts of OpenAI's own usage object; None unless it is exactly that: any other key and it is a plain map."""
    required = {*names, "total_tokens"}
    if not required <= details.keys() <= required | {f"{name}_details" for name in names}:
        return None
    counts: dict[str, int] = {}
    for name, kind in zip(names, ("input", "output"), strict=True):
        count, parts = _whole(details[name]), _detail_parts(details.get(f"{name}_details"))
        if count is None or parts is None:
            return None
        counts[kind] = max(count - sum(parts.values()), 0)
        counts.update({f"{kind}_{part}": value for part, value in parts.items()})
    total = _whole(details["total_tokens"])
    return None if total is None else {**counts, "total": total}


def _detail_parts(value: JsonValue) -> dict[str, int] | None:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        return None
    parts = {name: _whole(count) for name, count in value.items() if count is not None}
    known = {name: count for name, count in parts.items() if count is not None}
    return known if len(known) == len(parts) else None


def _whole(value: JsonValue) -> int | None:
    """A whole number that is not negative; JSON does not tell 3 from 3.0."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and value >= 0 else None


def _count(value: JsonValue) -> int | None:
    if isinstance(value, str):
        match = _COUNT_TEXT.fullmatch(value)
        return int(match[1]) if match else None
    return _whole(value)
