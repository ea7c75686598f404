"""The rules a project's own model definition keeps, and how one is built from what was sent or stored."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from elasticdash.shared import errors, ids
from elasticdash.shared.domain import models

UNITS = ("TOKENS", "CHARACTERS", "MILLISECONDS", "SECONDS", "REQUESTS", "IMAGES")
TOKENIZER_IDS = ("openai", "claude")
OPERATORS = ("gt", "gte", "lt", "lte", "eq", "neq")
MAX_MATCH_PATTERN_CHARACTERS = 1000
MAX_USAGE_PATTERN_CHARACTERS = 200
MAX_TIER_NAME_CHARACTERS = 100
MAX_PRIORITY = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class TierFields:
    """A tier as sent: `prices` in USD per unit."""

    name: str
    is_default: bool
    priority: int
    prices: Mapping[str, Decimal]
    conditions: tuple[models.Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFields:
    """A model as sent: flat prices or tiers, in USD per unit."""

    name: str
    match_pattern: str
    unit: str | None = None
    start_date: datetime | None = None
    input_price: Decimal | None = None
    output_price: Decimal | None = None
    total_price: Decimal | None = None
    tiers: Sequence[TierFields] | None = None
    tokenizer_id: str | None = None
    tokenizer_config: Mapping[str, object] = field(default_factory=dict[str, object])


def definition_from_fields(
    fields: ModelFields, *, model_id: str, project_id: str, compile_pattern: models.CompilePattern
) -> models.ModelDefinition:
    """A valid definition; tier ids follow from the model's id and the tier's name, so replacing keeps them.

    Raises InvalidRequestError naming every broken rule. Source: Langfuse's API reference of models (POST /models).
    """
    flat = _flat_prices(fields)
    issues = _price_form_issues(fields, flat)
    if issues:
        raise errors.InvalidRequestError("Invalid model definition", issues)
    given = fields.tiers or [TierFields(name=models.DEFAULT_TIER_NAME, is_default=True, priority=0, prices=flat)]
    definition = models.ModelDefinition(
        id=model_id,
        project_id=project_id,
        name=fields.name,
        match_pattern=fields.match_pattern,
        start_date=fields.start_date,
        unit=fields.unit,
        tokenizer_id=fields.tokenizer_id,
        tokenizer_config=fields.tokenizer_config,
        tiers=tuple(
            models.PricingTier(
                id=ids.derived_id("pricing_tier", model_id, tier.name),
                name=tier.name,
                is_default=tier.is_default,
                priority=tier.priority,
                prices=tier.prices,
                conditions=tier.conditions,
            )
            for tier in given
        ),
    )
    validate_definition(definition, compile_pattern)
    return definition


def validate_definition(definition: models.ModelDefinition, compile_pattern: models.CompilePattern) -> None:
    """Raises InvalidRequestError naming every broken rule; paths are those of the API's body."""
    issues: list[errors.FieldIssue] = []
    if not definition.name.strip():
        issues.append(errors.FieldIssue(("modelName",), "must not be empty"))
    issues += _pattern_issues(
        ("matchPattern",), definition.match_pattern, MAX_MATCH_PATTERN_CHARACTERS, compile_pattern
    )
    issues += _choice_issues(("unit",), definition.unit, UNITS)
    issues += _choice_issues(("tokenizerId",), definition.tokenizer_id, TOKENIZER_IDS)
    issues += _tier_set_issues(definition.tiers)
    for index, tier in enumerate(definition.tiers):
        issues += _tier_issues(("pricingTiers", index), tier, compile_pattern)
    if issues:
        raise errors.InvalidRequestError("Invalid model definition", issues)


def _flat_prices(fields: ModelFields) -> dict[str, Decimal]:
    flat = {"input": fields.input_price, "output": fields.output_price, "total": fields.total_price}
    return {key: price for key, price in flat.items() if price is not None}


def _price_form_issues(fields: ModelFields, flat: Mapping[str, Decimal]) -> list[errors.FieldIssue]:
    if fields.tiers is not None and flat:
        return [errors.FieldIssue(("pricingTiers",), "can't be combined with inputPrice, outputPrice or totalPrice")]
    if not fields.tiers and not flat:
        return [errors.FieldIssue(("pricingTiers",), "must be given, or inputPrice, outputPrice or totalPrice")]
    if "total" in flat and len(flat) > 1:
        return [errors.FieldIssue(("totalPrice",), "can't be combined with inputPrice or outputPrice")]
    return []


def _tier_set_issues(tiers: Sequence[models.PricingTier]) -> list[errors.FieldIssue]:
    issues: list[errors.FieldIssue] = []
    if sum(tier.is_default for tier in tiers) != 1:
        issues.append(errors.FieldIssue(("pricingTiers",), "must hold exactly one default tier"))
    if len({tier.name for tier in tiers}) < len(tiers):
        issues.append(errors.FieldIssue(("pricingTiers",), "names must differ"))
    if len({tier.priority for tier in tiers}) < len(tiers):
        issues.append(errors.FieldIssue(("pricingTiers",), "priorities must differ"))
    return issues


def _tier_issues(
    path: tuple[str | int, ...], tier: models.PricingTier, compile_pattern: models.CompilePattern
) -> list[errors.FieldIssue]:
    issues: list[errors.FieldIssue] = []
    if not 1 <= len(tier.name) <= MAX_TIER_NAME_CHARACTERS:
        issues.append(errors.FieldIssue((*path, "name"), f"must have 1 to {MAX_TIER_NAME_CHARACTERS} characters"))
    if not 0 <= tier.priority <= MAX_PRIORITY:
        issues.append(errors.FieldIssue((*path, "priority"), f"must be 0 to {MAX_PRIORITY}"))
    if tier.is_default and (tier.priority or tier.conditions):
        issues.append(errors.FieldIssue(path, "the default tier has priority 0 and no conditions"))
    if not tier.is_default and not tier.conditions:
        issues.append(errors.FieldIssue((*path, "conditions"), "must hold at least one condition"))
    if not tier.prices:
        issues.append(errors.FieldIssue((*path, "prices"), "must hold at least one price"))
    issues += [
        errors.FieldIssue((*path, "prices", key), "must be a price of 0 or more for a named usage type")
        for key, price in tier.prices.items()
        if not key or not price.is_finite() or price < 0
    ]
    for index, condition in enumerate(tier.conditions):
        issues += _condition_issues((*path, "conditions", index), condition, compile_pattern)
    return issues


def _condition_issues(
    path: tuple[str | int, ...], condition: models.Condition, compile_pattern: models.CompilePattern
) -> list[errors.FieldIssue]:
    if isinstance(condition, models.AttributeCondition):
        issues = _choice_issues((*path, "source"), condition.source, ("model_parameters", "metadata"))
        if not condition.key:
            issues.append(errors.FieldIssue((*path, "key"), "must not be empty"))
        if not condition.values:
            issues.append(errors.FieldIssue((*path, "values"), "must hold at least one value"))
        return issues
    issues = _pattern_issues(
        (*path, "usageDetailPattern"), condition.usage_pattern, MAX_USAGE_PATTERN_CHARACTERS, compile_pattern
    )
    issues += _choice_issues((*path, "operator"), condition.operator, OPERATORS)
    if not condition.value.is_finite() or condition.value < 0:
        issues.append(errors.FieldIssue((*path, "value"), "must be 0 or more"))
    return issues


def _pattern_issues(
    path: tuple[str | int, ...], pattern: str, max_characters: int, compile_pattern: models.CompilePattern
) -> list[errors.FieldIssue]:
    if not 1 <= len(pattern) <= max_characters:
        return [errors.FieldIssue(path, f"must have 1 to {max_characters} characters")]
    try:
        compile_pattern(pattern)
    except models.InvalidPatternError as error:
        return [errors.FieldIssue(path, f"is not a supported regular expression: {error}")]
    return []


def _choice_issues(path: tuple[str | int, ...], value: str | None, choices: Collection[str]) -> list[errors.FieldIssue]:
    if value is None or value in choices:
        return []
    return [errors.FieldIssue(path, f"must be one of {', '.join(choices)}")]
