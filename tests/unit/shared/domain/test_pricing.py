"""Cost of stated and counted usage, with a compiler of patterns and a counter of tokens of the test's own."""

import re
from decimal import Decimal

import pytest

from elasticdash.shared.domain.models import (
    AttributeCondition,
    InvalidPatternError,
    Matches,
    ModelDefinition,
    UsageCondition,
)
from elasticdash.shared.domain.models_catalogue import MAX_MODEL_NAME_CHARACTERS, ModelCatalogue, ModelList
from elasticdash.shared.domain.pricing import MAX_COST_USD, price
from support.pricing import decimals, make_model, make_pricing_input, make_tier


def compile_with_re(pattern: str) -> Matches:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise InvalidPatternError(str(error)) from error
    return lambda text: compiled.search(text) is not None


def make_catalogue(*definitions: ModelDefinition, built_in: tuple[ModelDefinition, ...] = ()) -> ModelCatalogue:
    return ModelCatalogue(ModelList(definitions, compile_with_re), ModelList(built_in, compile_with_re))


def count_words(_definition: ModelDefinition, text: str) -> int | None:
    return len(text.split())


def count_nothing(_definition: ModelDefinition, _text: str) -> int | None:
    return None


PAIR = make_tier("Standard", {"input": "0.000001", "output": "0.000002"})


@pytest.mark.parametrize(
    ("provided", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"input": 4, "output": -7, "total": -3}, {"input": 4, "total": 4}, id="negatives dropped"),
        pytest.param({"input": 0, "output": 5}, {"input": 0, "output": 5, "total": 5}, id="zero input counts"),
        pytest.param({"input": 9, "total": 4}, {"input": 9, "total": 4}, id="low total kept"),
        pytest.param({"a": 1, "b": 2}, {"a": 1, "b": 2, "total": 3}, id="total of all keys"),
    ],
)
def test_g28_usage_has_a_total_and_no_negatives(provided: dict[str, int], expected: dict[str, int]) -> None:
    priced = price(make_pricing_input(provided_usage=provided), make_catalogue(), count_nothing)

    assert priced.usage == expected


@pytest.mark.parametrize(
    ("stated", "cost", "total"),
    [
        pytest.param({"input": "0.1"}, {"input": "0.1", "total": "0.1"}, "0.1", id="input"),
        pytest.param(
            {"input": "0.1", "output": "0.2"}, {"input": "0.1", "output": "0.2", "total": "0.3"}, "0.3", id="both"
        ),
        pytest.param({"input": "0.1", "cached": "0.2"}, {"input": "0.1", "cached": "0.2"}, None, id="other part"),
        pytest.param({"total": "1"}, {"total": "1"}, "1", id="total"),
        pytest.param({"input": "0"}, {"input": "0", "total": "0"}, "0", id="free"),
    ],
)
def test_g29_provided_cost_is_never_mixed_with_prices(
    stated: dict[str, str], cost: dict[str, str], total: str | None
) -> None:
    given = make_pricing_input(
        model="m", provided_usage={"input": 1000, "output": 500}, provided_cost_usd=decimals(stated)
    )

    priced = price(given, make_catalogue(make_model("^m$", PAIR)), count_nothing)

    assert priced.cost_usd == decimals(cost)
    assert priced.total_cost_usd == (Decimal(total) if total is not None else None)


@pytest.mark.parametrize("unusable", ["-1", "NaN", "Infinity"])
def test_unusable_provided_cost_does_not_stop_computing(unusable: str) -> None:
    given = make_pricing_input(model="m", provided_usage={"input": 1}, provided_cost_usd={"input": Decimal(unusable)})

    priced = price(given, make_catalogue(make_model("^m$", PAIR)), count_nothing)

    assert priced.total_cost_usd == Decimal("0.000001")


def test_usage_without_a_price_costs_nothing_and_has_no_cost_key() -> None:
    given = make_pricing_input(model="m", provided_usage={"input": 3, "thoughts": 9})

    priced = price(given, make_catalogue(make_model("^m$", PAIR)), count_nothing)

    assert priced.cost_usd == decimals({"input": "0.000003", "total": "0.000003"})


def test_price_of_the_total_is_the_total_cost() -> None:
    embedding = make_model("^m$", make_tier("Standard", {"total": "0.00002", "input": "5"}))

    priced = price(
        make_pricing_input(model="m", provided_usage={"input": 1, "total": 1000}),
        make_catalogue(embedding),
        count_nothing,
    )

    assert priced.cost_usd == decimals({"input": "5", "total": "0.02"})
    assert priced.total_cost_usd == Decimal("0.02")


def test_cost_stays_storable() -> None:
    given = make_pricing_input(model="m", provided_usage={"input": 2**53})

    priced = price(given, make_catalogue(make_model("^m$")), count_nothing)

    assert priced.total_cost_usd == MAX_COST_USD


@pytest.mark.parametrize("name", [None, "", "unknown", "m" * (MAX_MODEL_NAME_CHARACTERS + 1)])
def test_g31_without_a_model_usage_is_kept_and_nothing_is_priced(name: str | None) -> None:
    given = make_pricing_input(model=name, provided_usage={"input": 7})

    priced = price(given, make_catalogue(make_model("^(m+)$")), count_nothing)

    assert (priced.model_id, priced.usage, priced.cost_usd) == (None, {"input": 7, "total": 7}, {})
    assert (priced.total_cost_usd, priced.pricing_tier_id, priced.pricing_tier_name) == (None, None, None)


@pytest.mark.parametrize(
    ("service_tier", "metadata", "input_units", "expected"),
    [
        pytest.param(None, {}, 10, "Standard", id="no condition holds"),
        pytest.param("fast", {}, 10, "Fast", id="attribute"),
        pytest.param("fast", {}, 11, "Fast large", id="lower priority first, all conditions"),
        pytest.param(None, {}, 11, "Large", id="usage above"),
        pytest.param(None, {"service_tier": "fast"}, 10, "Standard", id="metadata is not parameters"),
        pytest.param(None, {"plan": "edu"}, 10, "Education", id="metadata"),
    ],
)
def test_g30_tier_is_the_first_whose_conditions_all_hold(
    service_tier: str | None, metadata: dict[str, str], input_units: int, expected: str
) -> None:
    fast = AttributeCondition(source="model_parameters", key="service_tier", values=("fast",))
    large = UsageCondition(usage_pattern="INPUT|cached", operator="gt", value=Decimal(10))
    education = AttributeCondition(source="metadata", key="plan", values=("edu",))
    conditions = {"Fast": (2, (fast,)), "Large": (3, (large,)), "Fast large": (1, (fast, large))}
    conditions["Education"] = (4, (education,))
    tiers = [
        make_tier(name, {"input": "1"}, is_default=False, priority=priority, conditions=held)
        for name, (priority, held) in conditions.items()
    ]
    given = make_pricing_input(
        model="m",
        provided_usage={"input": input_units - 4, "input_cached_tokens": 4},
        model_parameters=f'{{"service_tier": "{service_tier}"}}' if service_tier else None,
        metadata=metadata,
    )

    priced = price(given, make_catalogue(make_model("^m$", *tiers, PAIR)), count_nothing)

    assert (priced.pricing_tier_name, priced.pricing_tier_id) == (expected, f"tier-{expected}")


@pytest.mark.parametrize("text", ["not json", "[1]", '"text"', "[" * 100_000])
def test_model_parameters_that_are_no_object_meet_no_condition(text: str) -> None:
    fast = AttributeCondition(source="model_parameters", key="service_tier", values=("fast",))
    tier = make_tier("Fast", {"input": "9"}, is_default=False, priority=1, conditions=(fast,))
    given = make_pricing_input(model="m", provided_usage={"input": 1}, model_parameters=text)

    priced = price(given, make_catalogue(make_model("^m$", tier, PAIR)), count_nothing)

    assert priced.pricing_tier_name == "Standard"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, {"input": 2, "output": 1, "total": 3}, id="counted"),
        pytest.param({"level": "ERROR"}, {}, id="failed"),
        pytest.param({"provided_cost_usd": {"total": Decimal(1)}}, {}, id="cost stated"),
        pytest.param({"model": "unknown"}, {}, id="no model"),
        pytest.param({"provided_usage": {"input": 8}}, {"input": 8, "total": 8}, id="usage stated"),
        pytest.param({"provided_usage": {"input": -8}}, {"input": 2, "output": 1, "total": 3}, id="usage unusable"),
        pytest.param({"output": None}, {"input": 2, "total": 2}, id="no output"),
    ],
)
def test_g32_tokens_are_counted_only_when_nothing_is_known(
    changes: dict[str, object], expected: dict[str, int]
) -> None:
    given = make_pricing_input(**{"model": "m", "input": "hello world", "output": "hi", **changes})

    priced = price(given, make_catalogue(make_model("^m$", PAIR)), count_words)

    assert priced.usage == expected
