"""The price package's prices of one model as price tiers by usage key."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from genai_prices import types

from elasticdash.shared import ids
from elasticdash.shared.domain import models
from elasticdash.shared.model_prices import makers

# Tokens that count towards the size of the prompt. Source: Langfuse's condition for gemini-2.5-pro, plus cache writes.
_PROMPT_KEYS = "(input|prompt|cache)"
_GOOGLE_THRESHOLD = 200_000
_REQUESTS = (
    # What a request asks for, the tier's name, and the values of that model parameter which mean the same.
    ({"service_tier": "priority"}, "Fast mode", ("fast", "priority")),
    ({"service_tier": "flex"}, "Flex", ("flex",)),
    ({"speed": "fast"}, "Fast mode", ("fast",)),
)
_NamedPrices = tuple[str, tuple[models.Condition, ...], Mapping[str, Decimal]]


def tiers_of(
    maker: makers.Maker, model: types.ModelInfo, at: datetime, has_reasoning: bool
) -> tuple[models.PricingTier, ...]:
    """The default tier, then the conditional ones, those with most conditions first.

    Prices in force at that time, USD per unit. Empty when the model charges by nothing that has a usage key.
    """
    standard = model.get_prices(at)
    default = _prices(maker, standard, 0, has_reasoning)
    if not default:
        return ()
    requested: list[_NamedPrices] = []
    for context, name, values in _REQUESTS:
        variant = model.get_prices(at, context)
        if variant != standard:
            key = next(iter(context))
            condition = models.AttributeCondition(source="model_parameters", key=key, values=values)
            requested += _by_prompt_size(maker, variant, (name, (condition,)), has_reasoning)
    conditional = [*requested, *_by_prompt_size(maker, standard, ("", ()), has_reasoning)]
    # A tier with more conditions is the narrower one; a sort keeps the order of equals.
    conditional = sorted((each for each in conditional if each[1]), key=lambda each: -len(each[1]))
    named: list[_NamedPrices] = [(models.DEFAULT_TIER_NAME, (), default), *conditional]
    return tuple(
        models.PricingTier(
            id=ids.derived_id("pricing_tier", maker.id, model.id, name),
            name=name,
            is_default=priority == 0,
            priority=priority,
            prices=prices,
            conditions=conditions,
        )
        for priority, (name, conditions, prices) in enumerate(named)
    )


def _by_prompt_size(
    maker: makers.Maker,
    prices: types.ModelPrice,
    request: tuple[str, tuple[models.Condition, ...]],
    has_reasoning: bool,
) -> list[_NamedPrices]:
    """Prices above each prompt size, largest first, then those without regard to it."""
    request_name, request_conditions = request
    found: list[_NamedPrices] = []
    for threshold in sorted(_thresholds(prices), reverse=True) if maker.has_large_context else []:
        size = "" if threshold == _GOOGLE_THRESHOLD else f" (>{threshold // 1000}K)"
        name = f"{request_name} · Large context{size}" if request_name else f"Large Context{size}"
        condition = models.UsageCondition(usage_pattern=_PROMPT_KEYS, operator="gt", value=Decimal(threshold))
        found.append((name, (*request_conditions, condition), _prices(maker, prices, threshold, has_reasoning)))
    return [*found, (request_name, request_conditions, _prices(maker, prices, 0, has_reasoning))]


def _prices(
    maker: makers.Maker, prices: types.ModelPrice, prompt_above: int, has_reasoning: bool
) -> dict[str, Decimal]:
    """Per unit by usage key. A model that charges input only (embeddings) has one price, for the total."""
    stated = {key: _at_size(price, prompt_above) for key, price in _stated(prices).items() if key in maker.keys}
    if stated.keys() == {"input_mtok"}:
        return {"total": stated["input_mtok"] / 10**6}
    if has_reasoning and "output_mtok" in stated:
        stated.setdefault("output_reasoning_mtok", stated["output_mtok"])
    return {
        usage_key: price / (10**3 if key.endswith("_kcount") else 10**6)
        for key, price in stated.items()
        for usage_key in maker.keys[key]
    }


def _stated(prices: types.ModelPrice) -> dict[str, Decimal | types.TieredPrices]:
    """ModelPrice keeps its prices as plain attributes, one per kind."""
    return {key: value for key, value in vars(prices).items() if isinstance(value, Decimal | types.TieredPrices)}


def _at_size(price: Decimal | types.TieredPrices, prompt_above: int) -> Decimal:
    if isinstance(price, Decimal):
        return price
    reached = [tier.price for tier in price.tiers if tier.start <= prompt_above]
    return reached[-1] if reached else price.base


def _thresholds(prices: types.ModelPrice) -> set[int]:
    tiered = (price for price in _stated(prices).values() if isinstance(price, types.TieredPrices))
    return {tier.start for price in tiered for tier in price.tiers}
