"""What an observation's usage costs, by the model it names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """Final usage and cost. `total_cost_usd` is None when nothing is known about cost."""

    model_id: str | None
    usage: Mapping[str, int]
    cost_usd: Mapping[str, Decimal]
    total_cost_usd: Decimal | None
    pricing_tier_id: str | None
    pricing_tier_name: str | None


Pricer = Callable[[PricingInput], Priced]
