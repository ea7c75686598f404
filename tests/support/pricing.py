"""Builds what pricing takes; a test states only what matters."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from elasticdash.shared.domain.models import ModelDefinition, PricingTier
from elasticdash.shared.domain.pricing import PricingInput


def make_pricing_input(**changes: Any) -> PricingInput:
    """A generation of no model that states nothing."""
    nothing: dict[str, Any] = {
        "model": None,
        "provided_usage": {},
        "provided_cost_usd": {},
        "model_parameters": None,
        "metadata": {},
        "input": None,
        "output": None,
        "level": "DEFAULT",
    }
    return PricingInput(**{**nothing, **changes})


def make_tier(name: str, prices: Mapping[str, str], **changes: Any) -> PricingTier:
    """The default tier with these prices (USD per unit) unless changed."""
    default: dict[str, Any] = {"id": f"tier-{name}", "name": name, "is_default": True, "priority": 0}
    return PricingTier(prices=decimals(prices), **{**default, **changes})


def make_model(pattern: str, *tiers: PricingTier, **changes: Any) -> ModelDefinition:
    """A project's model; without tiers it costs 1 USD per input unit."""
    default: dict[str, Any] = {"id": f"id of {pattern}", "project_id": "project-1", "name": "model"}
    return ModelDefinition(
        match_pattern=pattern, tiers=tiers or (make_tier("Standard", {"input": "1"}),), **{**default, **changes}
    )


def decimals(texts: Mapping[str, str]) -> dict[str, Decimal]:
    """Decimals by key."""
    return {key: Decimal(text) for key, text in texts.items()}
