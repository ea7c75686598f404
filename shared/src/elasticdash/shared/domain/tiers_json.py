"""Price tiers as the JSON they are stored and answered as."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from elasticdash.shared.domain import models


def tiers_json(tiers: Sequence[models.PricingTier]) -> list[dict[str, Any]]:
    """Tiers as in the API, ascending by priority, except that prices are decimal texts (USD per unit)."""
    return [
        {
            "id": tier.id,
            "name": tier.name,
            "isDefault": tier.is_default,
            "priority": tier.priority,
            "conditions": [_condition_json(condition) for condition in tier.conditions],
            "prices": {key: format(price, "f") for key, price in tier.prices.items()},
        }
        for tier in sorted(tiers, key=lambda tier: tier.priority)
    ]


def tiers_from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[models.PricingTier, ...]:
    """What `tiers_json` gave. Raises KeyError when it is something else."""
    return tuple(
        models.PricingTier(
            id=tier["id"],
            name=tier["name"],
            is_default=tier["isDefault"],
            priority=tier["priority"],
            conditions=tuple(_condition_from_json(condition) for condition in tier["conditions"]),
            prices={key: Decimal(price) for key, price in tier["prices"].items()},
        )
        for tier in stored
    )


def _condition_json(condition: models.Condition) -> dict[str, Any]:
    if isinstance(condition, models.AttributeCondition):
        return {
            "source": condition.source,
            "key": condition.key,
            "operator": "in",
            "values": list(condition.values),
        }
    return {
        "usageDetailPattern": condition.usage_pattern,
        "operator": condition.operator,
        "value": float(condition.value),
        "caseSensitive": condition.is_case_sensitive,
    }


def _condition_from_json(stored: Mapping[str, Any]) -> models.Condition:
    if "source" in stored:
        return models.AttributeCondition(source=stored["source"], key=stored["key"], values=tuple(stored["values"]))
    return models.UsageCondition(
        usage_pattern=stored["usageDetailPattern"],
        operator=stored["operator"],
        value=Decimal(str(stored["value"])),
        is_case_sensitive=stored["caseSensitive"],
    )
