"""Which price tier of a model applies to one observation."""

import functools
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal

from elasticdash.shared.domain import models
from elasticdash.shared.domain.record import record

_REMEMBERED_KEYS = 256
_COMPARE: Mapping[models.UsageOperator, Callable[[Decimal, Decimal], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "eq": operator.eq,
    "neq": operator.ne,
}


@record()
class TierFacts:
    """What conditions look at: units by usage key, and attribute texts by key."""

    usage: Mapping[str, int]
    model_parameters: Callable[[], Mapping[str, str]]
    metadata: Mapping[str, str]


Rule = Callable[[TierFacts], bool]


class TierChooser:
    """The tiers of one model with their conditions compiled; no state but that."""

    def __init__(self, definition: models.ModelDefinition, compile_pattern: models.CompilePattern) -> None:
        self._default = definition.default_tier
        self._conditional = [
            (tier, [_rule(condition, compile_pattern) for condition in tier.conditions])
            for tier in sorted(definition.tiers, key=lambda tier: tier.priority)
            if tier.conditions and not tier.is_default
        ]

    def choose(self, facts: TierFacts) -> models.PricingTier:
        """The first tier, by ascending priority, whose conditions all hold; else the default."""
        for tier, rules in self._conditional:
            if all(rule(facts) for rule in rules):
                return tier
        return self._default


def _rule(condition: models.Condition, compile_pattern: models.CompilePattern) -> Rule:
    if isinstance(condition, models.UsageCondition):
        return _usage_rule(condition, compile_pattern)
    return _attribute_rule(condition)


def _usage_rule(condition: models.UsageCondition, compile_pattern: models.CompilePattern) -> Rule:
    prefix = "" if condition.is_case_sensitive else "(?i)"
    matches = functools.lru_cache(_REMEMBERED_KEYS)(compile_pattern(f"{prefix}{condition.usage_pattern}"))
    compare = _COMPARE[condition.operator]

    def holds(facts: TierFacts) -> bool:
        units = sum(count for kind, count in facts.usage.items() if matches(kind))
        return compare(Decimal(units), condition.value)

    return holds


def _attribute_rule(condition: models.AttributeCondition) -> Rule:
    def holds(facts: TierFacts) -> bool:
        attributes = facts.metadata if condition.source == "metadata" else facts.model_parameters()
        return attributes.get(condition.key) in condition.values

    return holds
