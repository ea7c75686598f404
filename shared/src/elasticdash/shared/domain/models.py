"""Model definitions: which model names a price list applies to, and its tiers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

Matches = Callable[[str], bool]
CompilePattern = Callable[[str], Matches]
"""A pattern as a search in a text, not anchored. Raises InvalidPatternError; must be linear in the text."""

UsageOperator = Literal["gt", "gte", "lt", "lte", "eq", "neq"]
AttributeSource = Literal["model_parameters", "metadata"]

DEFAULT_TIER_NAME = "Standard"


class InvalidPatternError(ValueError):
    """A pattern that can't be compiled; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCondition:
    """Compares the sum of the usage whose key the pattern finds with `value` (units)."""

    usage_pattern: str
    operator: UsageOperator
    value: Decimal
    is_case_sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeCondition:
    """One of `values` is what the model parameters or the metadata hold under `key`."""

    source: AttributeSource
    key: str
    values: tuple[str, ...]


Condition = UsageCondition | AttributeCondition


@dataclass(frozen=True, slots=True, kw_only=True)
class PricingTier:
    """Prices in USD per unit by usage key. The default tier has priority 0 and no conditions."""

    id: str
    name: str
    is_default: bool
    priority: int
    prices: Mapping[str, Decimal]
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDefinition:
    """One priced model; `project_id` None means built in. Exactly one of `tiers` is the default."""

    id: str
    project_id: str | None
    name: str
    match_pattern: str
    tiers: tuple[PricingTier, ...]
    start_date: datetime | None = None
    unit: str | None = "TOKENS"
    tokenizer_id: str | None = None
    tokenizer_config: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def default_tier(self) -> PricingTier:
        """The tier that applies when no condition does."""
        return next(tier for tier in self.tiers if tier.is_default)
