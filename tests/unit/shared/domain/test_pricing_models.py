"""Which definition prices a name, and which definitions are refused."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from elasticdash.shared.domain.models import AttributeCondition, ModelDefinition, UsageCondition
from elasticdash.shared.domain.models_catalogue import ModelCatalogue, ModelList
from elasticdash.shared.domain.models_rules import (
    ModelFields,
    TierFields,
    definition_from_fields,
    validate_definition,
)
from elasticdash.shared.domain.tiers_json import tiers_from_json, tiers_json
from elasticdash.shared.errors import InvalidRequestError
from elasticdash.shared.model_prices.patterns import compile_pattern
from support.pricing import make_model, make_tier

FAST = AttributeCondition(source="model_parameters", key="service_tier", values=("fast", "priority"))
LARGE = UsageCondition(usage_pattern="(input)", operator="gt", value=Decimal(200_000))
DEFAULT = TierFields(name="Standard", is_default=True, priority=0, prices={"input": Decimal("0.1")})


def find_id(name: str, own: list[ModelDefinition], built_in: list[ModelDefinition]) -> str | None:
    catalogue = ModelCatalogue(ModelList(own, compile_pattern), ModelList(built_in, compile_pattern))
    found = catalogue.find(name)
    return found.definition.id if found else None


def test_g31_project_model_comes_before_built_in_until_it_is_deleted() -> None:
    own, built_in = make_model("(?i)^(gpt-4o)$", id="own"), make_model("(?i)^(gpt-4o)$", id="built-in")

    assert find_id("GPT-4o", [own], [built_in]) == "own"
    assert find_id("GPT-4o", [], [built_in]) == "built-in"


def test_newest_start_date_wins_and_none_is_oldest() -> None:
    dates = {"undated": None, "old": datetime(2024, 1, 1, tzinfo=UTC), "new": datetime(2030, 1, 1, tzinfo=UTC)}
    own = [make_model("m", id=name, start_date=date) for name, date in dates.items()]

    assert find_id("m", own, []) == "new"
    assert find_id("m", own[:2], []) == "old"


def test_pattern_without_anchors_is_found_anywhere() -> None:
    assert find_id("my-model-2", [make_model("model", id="own")], []) == "own"


def test_first_of_many_models_wins_also_when_their_patterns_are_too_large_together() -> None:
    large = "((a|b){100}){10}"
    small = [make_model(f"^m{number % 150}$", id=str(number)) for number in range(200)]
    many = [make_model(f"^{large}{number}$", id=f"large-{number}") for number in range(60)]

    assert find_id("m149", [*small, *many], []) == "149"
    assert find_id("m10", [*small, *many], []) == "10"
    assert find_id("a" * 400, [*small, *many], []) is None
    assert find_id("m7", [*many, *small], []) == "7"


def make_fields(**changes: object) -> ModelFields:
    fields: dict[str, object] = {"name": "m", "match_pattern": "^m$", "input_price": Decimal(1)}
    return ModelFields(**{**fields, **changes})  # pyright: ignore[reportArgumentType] - names are checked by the class


def make_tier_fields(**changes: object) -> TierFields:
    fields: dict[str, object] = {
        "name": "Fast",
        "is_default": False,
        "priority": 1,
        "prices": {"input": Decimal(1)},
        "conditions": (FAST,),
    }
    return TierFields(**{**fields, **changes})  # pyright: ignore[reportArgumentType] - names are checked by the class


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        pytest.param({"name": " "}, ("modelName",), id="no name"),
        pytest.param({"match_pattern": ""}, ("matchPattern",), id="no pattern"),
        pytest.param({"match_pattern": "("}, ("matchPattern",), id="broken pattern"),
        pytest.param({"match_pattern": "(?=a)"}, ("matchPattern",), id="look-ahead"),
        pytest.param({"match_pattern": "a" * 1001}, ("matchPattern",), id="long pattern"),
        pytest.param({"match_pattern": "((a{100}){100}){100}"}, ("matchPattern",), id="huge pattern"),
        pytest.param({"unit": "PAGES"}, ("unit",), id="unit"),
        pytest.param({"tokenizer_id": "llama"}, ("tokenizerId",), id="tokenizer"),
        pytest.param({"input_price": None}, ("pricingTiers",), id="no price"),
        pytest.param({"input_price": None, "tiers": ()}, ("pricingTiers",), id="no tier"),
        pytest.param({"tiers": (DEFAULT,)}, ("pricingTiers",), id="flat and tiers"),
        pytest.param({"total_price": Decimal(1)}, ("totalPrice",), id="total and input"),
        pytest.param({"input_price": Decimal(-1)}, ("pricingTiers", 0, "prices", "input"), id="negative price"),
        pytest.param({"input_price": Decimal("NaN")}, ("pricingTiers", 0, "prices", "input"), id="no number"),
    ],
)
def test_definition_that_breaks_a_rule_is_refused(changes: dict[str, object], path: tuple[str | int, ...]) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        definition_from_fields(make_fields(**changes), model_id="1", project_id="p", compile_pattern=compile_pattern)

    assert [issue.path for issue in refused.value.issues] == [path]


@pytest.mark.parametrize(
    ("tiers", "path"),
    [
        pytest.param([make_tier_fields()], ("pricingTiers",), id="no default"),
        pytest.param([DEFAULT, make_tier_fields(name="Standard")], ("pricingTiers",), id="same name"),
        pytest.param([DEFAULT, make_tier_fields(priority=0)], ("pricingTiers",), id="same priority"),
        pytest.param([DEFAULT, make_tier_fields(priority=1000)], ("pricingTiers", 1, "priority"), id="priority"),
        pytest.param([DEFAULT, make_tier_fields(prices={})], ("pricingTiers", 1, "prices"), id="no price"),
        pytest.param([DEFAULT, make_tier_fields(name="n" * 101)], ("pricingTiers", 1, "name"), id="long name"),
        pytest.param([DEFAULT, make_tier_fields(conditions=())], ("pricingTiers", 1, "conditions"), id="none"),
        pytest.param([make_tier_fields(is_default=True, priority=0)], ("pricingTiers", 0), id="default with condition"),
        pytest.param(
            [
                DEFAULT,
                make_tier_fields(
                    conditions=(UsageCondition(usage_pattern="a" * 201, operator="gt", value=Decimal(1)),)
                ),
            ],
            ("pricingTiers", 1, "conditions", 0, "usageDetailPattern"),
            id="long usage pattern",
        ),
        pytest.param(
            [
                DEFAULT,
                make_tier_fields(conditions=(UsageCondition(usage_pattern="a", operator="gt", value=Decimal(-1)),)),
            ],
            ("pricingTiers", 1, "conditions", 0, "value"),
            id="negative value",
        ),
    ],
)
def test_tiers_that_break_a_rule_are_refused(tiers: list[TierFields], path: tuple[str | int, ...]) -> None:
    fields = make_fields(input_price=None, tiers=tiers)

    with pytest.raises(InvalidRequestError) as refused:
        definition_from_fields(fields, model_id="1", project_id="p", compile_pattern=compile_pattern)

    assert [issue.path for issue in refused.value.issues] == [path]


def test_flat_prices_become_the_default_tier() -> None:
    fields = make_fields(output_price=Decimal("2e-6"))

    definition = definition_from_fields(fields, model_id="1", project_id="p", compile_pattern=compile_pattern)

    assert definition.default_tier.prices == {"input": Decimal(1), "output": Decimal("0.000002")}
    assert (definition.default_tier.name, definition.project_id) == ("Standard", "p")


def test_stored_tiers_read_back_equal() -> None:
    tiers = (
        make_tier("Standard", {"input": "0.00000125"}),
        make_tier("Fast", {"input": "1"}, is_default=False, priority=1, conditions=(FAST, LARGE)),
    )
    validate_definition(make_model("^m$", *tiers), compile_pattern)

    stored = tiers_json(tiers)

    assert stored[0]["prices"] == {"input": "0.00000125"}
    assert tiers_from_json(stored) == tiers
