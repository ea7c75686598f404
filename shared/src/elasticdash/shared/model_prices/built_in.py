"""The built-in model definitions, made from the price package's bundled data; it is never asked to update itself."""

import functools
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain

from genai_prices import data, types

from elasticdash.shared import ids
from elasticdash.shared.domain import models
from elasticdash.shared.model_prices import clauses, makers, own_prices, price_tiers

_MILLION = Decimal(10**6)


def built_in_models(at: datetime) -> list[models.ModelDefinition]:
    """Every built-in definition with the prices in force at that time; the first that matches a name wins.

    Ids are derived from the maker's and the model's name, so they stay over restarts and updates.
    """
    providers = {provider.id: provider for provider in data.providers}
    own = (_own_definition(entry) for entry in own_prices.OWN_PRICES)
    packaged = chain.from_iterable(_maker_definitions(maker, providers[maker.id], at) for maker in makers.MAKERS)
    return [*packaged, *own]


@functools.cache
def current_models() -> Mapping[str, models.ModelDefinition]:
    """The built-in definitions with today's prices by id; made once per process, which takes some tens of ms."""
    return {model.id: model for model in built_in_models(datetime.now(UTC))}


def _maker_definitions(maker: makers.Maker, provider: types.Provider, at: datetime) -> Iterable[models.ModelDefinition]:
    for model in sorted(provider.models, key=lambda model: clauses.is_loosened(model.match)):
        has_reasoning = bool(re.search(maker.priced_reasoning, model.id))
        tiers = price_tiers.tiers_of(maker, model, at, has_reasoning)
        if not tiers:
            continue
        names = clauses.pattern_of(model.match)
        if model.id in maker.aliases:
            names += f"|{re.escape(maker.aliases[model.id])}"
        yield models.ModelDefinition(
            id=ids.derived_id("built_in_model", maker.id, model.id),
            project_id=None,
            name=model.id,
            match_pattern=f"(?i)^{maker.prefix}({names}){maker.suffix}$",
            tiers=tiers,
            tokenizer_id=maker.tokenizer_id,
            tokenizer_config=_chat_overhead(model.id) if maker.tokenizer_id == "openai" else {},
        )


def _own_definition(entry: own_prices.OwnPrice) -> models.ModelDefinition:
    stated = {"input": entry.input_mtok, "output": entry.output_mtok, "total": entry.total_mtok}
    model_id = ids.derived_id("built_in_model", "own", entry.name)
    return models.ModelDefinition(
        id=model_id,
        project_id=None,
        name=entry.name,
        match_pattern=f"(?i)^((openai|anthropic)/)?({entry.pattern})$",
        tiers=(
            models.PricingTier(
                id=ids.derived_id("pricing_tier", model_id, models.DEFAULT_TIER_NAME),
                name=models.DEFAULT_TIER_NAME,
                is_default=True,
                priority=0,
                prices={key: price / _MILLION for key, price in stated.items() if price is not None},
            ),
        ),
        tokenizer_id=entry.tokenizer_id,
        tokenizer_config=_chat_overhead(entry.name) if entry.tokenizer_id == "openai" else {},
    )


def _chat_overhead(model_name: str) -> Mapping[str, object]:
    return {"tokensPerMessage": 3, "tokensPerName": 1, "tokenizerModel": model_name}
