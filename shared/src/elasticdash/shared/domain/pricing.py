"""What an observation's usage costs, by the model it names."""

import functools
import json
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import cast

from elasticdash.shared.domain import models, models_catalogue, tiers
from elasticdash.shared.domain.record import record

# The stores keep 12 places and 6 digits before them.
COST_STEP = Decimal("1e-12")
MAX_COST_USD = Decimal(10**6) - COST_STEP


@record(kw_only=True)
class PricingInput:
    """What pricing looks at. Usage counts are units; costs are USD; texts are as sent."""

    model: str | None
    provided_usage: Mapping[str, int]
    provided_cost_usd: Mapping[str, Decimal]
    model_parameters: str | None
    metadata: Mapping[str, str]
    input: str | None
    output: str | None
    level: str


@record(kw_only=True)
class Priced:
    """Final usage and cost. `total_cost_usd` is None when nothing is known about cost."""

    model_id: str | None
    usage: Mapping[str, int]
    cost_usd: Mapping[str, Decimal]
    total_cost_usd: Decimal | None
    pricing_tier_id: str | None
    pricing_tier_name: str | None


NOTHING = Priced(
    model_id=None, usage={}, cost_usd={}, total_cost_usd=None, pricing_tier_id=None, pricing_tier_name=None
)
"""Of an observation that names no model, no usage and no cost."""

Pricer = Callable[[PricingInput], Priced]
CountTokens = Callable[[models.ModelDefinition, str], int | None]
"""Tokens of a text for a model; None when the model names no tokenizer or the text is too long to count."""


def pricer(catalogue: models_catalogue.ModelCatalogue, count_tokens: CountTokens) -> Pricer:
    """`price` bound to one project's models."""
    return lambda given: price(given, catalogue, count_tokens)


def price(given: PricingInput, catalogue: models_catalogue.ModelCatalogue, count_tokens: CountTokens) -> Priced:
    """Final usage and cost of one observation. Costs are rounded to 12 places and stay below a million USD.

    A cost that was provided is never mixed with computed ones. Usage keys without a price cost nothing.
    Source: Langfuse v4.16, worker IngestionService (getGenerationUsage, calculateUsageCosts).
    """
    model = catalogue.find(given.model) if given.model else None
    definition = model.definition if model else None
    provided_cost = {key: cost for key, cost in given.provided_cost_usd.items() if cost.is_finite() and cost >= 0}
    usage = _with_total({key: units for key, units in given.provided_usage.items() if units >= 0})
    if definition and not usage and not provided_cost and given.level != "ERROR":
        usage = _counted_usage(given, definition, count_tokens)

    tier = model.tiers.choose(_facts(given, usage)) if model and usage else None
    if provided_cost:
        cost, total = _stated_cost(provided_cost)
    else:
        cost, total = _computed_cost(usage, tier.prices if tier else {})
    return Priced(
        model_id=definition.id if definition else None,
        usage=usage,
        cost_usd=cost,
        total_cost_usd=total,
        pricing_tier_id=tier.id if tier else None,
        pricing_tier_name=tier.name if tier else None,
    )


def _with_total(usage: dict[str, int]) -> dict[str, int]:
    """A total that was stated stays, even below the sum of its parts."""
    return usage if not usage or "total" in usage else {**usage, "total": sum(usage.values())}


def _counted_usage(
    given: PricingInput, definition: models.ModelDefinition, count_tokens: CountTokens
) -> dict[str, int]:
    counts = {
        kind: count
        for kind, text in (("input", given.input), ("output", given.output))
        if text and (count := count_tokens(definition, text)) is not None
    }
    return _with_total(counts)


def _stated_cost(stated: Mapping[str, Decimal]) -> tuple[dict[str, Decimal], Decimal | None]:
    """With parts other than input and output nobody can tell which of them overlap, so they make no total."""
    cost = {key: _storable(value) for key, value in stated.items()}
    if "total" not in cost and cost.keys() <= {"input", "output"}:
        cost["total"] = _storable(sum(cost.values(), Decimal(0)))
    return cost, cost.get("total")


def _computed_cost(
    usage: Mapping[str, int], prices: Mapping[str, Decimal]
) -> tuple[dict[str, Decimal], Decimal | None]:
    exact = {key: units * prices[key] for key, units in usage.items() if key in prices}
    if not exact:
        return {}, None
    exact.setdefault("total", sum(exact.values(), Decimal(0)))
    cost = {key: _storable(value) for key, value in exact.items()}
    return cost, cost["total"]


def _storable(cost: Decimal) -> Decimal:
    return min(cost, MAX_COST_USD).quantize(COST_STEP, ROUND_HALF_EVEN)


def _facts(given: PricingInput, usage: Mapping[str, int]) -> tiers.TierFacts:
    return tiers.TierFacts(usage, functools.partial(_attributes, given.model_parameters), given.metadata)


def _attributes(text: str | None) -> Mapping[str, str]:
    """Values of a JSON object by key: texts as they are, anything else as JSON. Empty for other texts."""
    try:
        decoded: object = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(decoded, dict):
        return {}
    values = cast("dict[str, object]", decoded)  # JSON objects have text keys
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
