"""What the API takes and says about priced models."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from elasticdash.shared.domain import models, models_rules, tiers_json
from elasticdash.shared.domain.models import ModelDefinition
from elasticdash.shared.domain.models_rules import ModelFields, TierFields
from elasticdash.web.pagination import PageMeta
from elasticdash.web.wire import STORABLE, SentTimestamp, Text, Timestamp, WireModel

Price = Annotated[Decimal, Field(ge=0, max_digits=50)]
Unit = Literal["TOKENS", "CHARACTERS", "MILLISECONDS", "SECONDS", "REQUESTS", "IMAGES"]


class UsageConditionBody(WireModel):
    """Holds when the usage found by a pattern compares with a value."""

    usage_detail_pattern: Text
    operator: models.UsageOperator
    value: Annotated[Decimal, Field(max_digits=50)]
    case_sensitive: bool = False

    def condition(self) -> models.Condition:
        """The same for the domain."""
        return models.UsageCondition(
            usage_pattern=self.usage_detail_pattern,
            operator=self.operator,
            value=self.value,
            is_case_sensitive=self.case_sensitive,
        )


class AttributeConditionBody(WireModel):
    """Holds when a model parameter or a metadata value is one of a list."""

    source: models.AttributeSource
    key: Text
    operator: Literal["in"] = "in"
    values: list[Text]

    def condition(self) -> models.Condition:
        """The same for the domain."""
        return models.AttributeCondition(source=self.source, key=self.key, values=tuple(self.values))


ConditionBody = UsageConditionBody | AttributeConditionBody


class TierBody(WireModel):
    """Prices that apply when all conditions hold, in USD per unit by usage type."""

    name: Text
    is_default: bool
    priority: int
    conditions: list[ConditionBody] = Field(default_factory=list[ConditionBody])
    prices: dict[Text, Price]

    def fields(self) -> TierFields:
        """The same for the domain."""
        return TierFields(
            name=self.name,
            is_default=self.is_default,
            priority=self.priority,
            prices=self.prices,
            conditions=tuple(condition.condition() for condition in self.conditions),
        )


class SaveModelRequest(WireModel):
    """A model of one's own: flat prices or tiers, in USD per unit."""

    model_name: Text
    match_pattern: Text
    unit: Unit | None = None
    start_date: SentTimestamp | None = None
    input_price: Price | None = None
    output_price: Price | None = None
    total_price: Price | None = None
    pricing_tiers: list[TierBody] | None = None
    tokenizer_id: str | None = None
    tokenizer_config: Annotated[dict[str, Any], STORABLE] | None = None

    def definition(self, model_id: str, project_id: str, compile_pattern: models.CompilePattern) -> ModelDefinition:
        """The model it describes; InvalidRequestError names every rule it breaks."""
        fields = ModelFields(
            name=self.model_name,
            match_pattern=self.match_pattern,
            unit=self.unit,
            start_date=self.start_date,
            input_price=self.input_price,
            output_price=self.output_price,
            total_price=self.total_price,
            tiers=[tier.fields() for tier in self.pricing_tiers] if self.pricing_tiers is not None else None,
            tokenizer_id=self.tokenizer_id,
            tokenizer_config=self.tokenizer_config or {},
        )
        return models_rules.definition_from_fields(
            fields, model_id=model_id, project_id=project_id, compile_pattern=compile_pattern
        )


class PriceResponse(WireModel):
    """USD per unit."""

    price: float


class TierResponse(WireModel):
    """A tier; prices in USD per unit by usage type, read from decimal texts and shown as numbers."""

    id: str
    name: str
    is_default: bool
    priority: int
    conditions: list[dict[str, Any]]
    prices: dict[str, float]


class ModelResponse(WireModel):
    """A model; `prices` and the flat prices are those of its default tier."""

    id: str
    model_name: str
    match_pattern: str
    start_date: Timestamp | None
    unit: str | None
    input_price: float | None
    output_price: float | None
    total_price: float | None
    tokenizer_id: str | None
    tokenizer_config: dict[str, Any]
    is_langfuse_managed: bool
    created_at: Timestamp
    prices: dict[str, PriceResponse]
    pricing_tiers: list[TierResponse]

    @classmethod
    def from_definition(cls, definition: ModelDefinition, created_at: datetime) -> "ModelResponse":
        """The model as the API shows it."""
        prices = {key: float(price) for key, price in definition.default_tier.prices.items()}
        return cls(
            id=definition.id,
            model_name=definition.name,
            match_pattern=definition.match_pattern,
            start_date=definition.start_date,
            unit=definition.unit,
            input_price=prices.get("input"),
            output_price=prices.get("output"),
            total_price=prices.get("total"),
            tokenizer_id=definition.tokenizer_id,
            tokenizer_config=dict(definition.tokenizer_config),
            is_langfuse_managed=definition.project_id is None,
            created_at=created_at,
            prices={key: PriceResponse(price=price) for key, price in prices.items()},
            pricing_tiers=[TierResponse.model_validate(tier) for tier in tiers_json.tiers_json(definition.tiers)],
        )


class ModelsResponse(WireModel):
    """A page of models by name: the project's own and the built-in ones."""

    data: list[ModelResponse]
    meta: PageMeta


class DeletedResponse(WireModel):
    """What was done."""

    message: str = "Model successfully deleted"
