"""The built-in models give the reference figures, and agree with Langfuse's own list where it is at hand."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from elasticdash.shared.domain.models_catalogue import ModelCatalogue
from elasticdash.shared.domain.models_rules import validate_definition
from elasticdash.shared.domain.pricing import price
from elasticdash.shared.domain.usage_parsing import usage_counts
from elasticdash.shared.model_prices import tokenisers
from elasticdash.shared.model_prices.built_in import built_in_models
from elasticdash.shared.model_prices.catalogues import Catalogues
from elasticdash.shared.model_prices.patterns import compile_pattern
from support.pricing import decimals, make_model, make_pricing_input, make_tier

AT = datetime(2026, 11, 1, tzinfo=UTC)
REFERENCE = Path(__file__).parents[5] / "shared" / "data" / "default-model-prices.json"
# Where this catalogue differs from Langfuse v4.16 on purpose, by reason.
RETIRED_PALM = {
    *("chat-bison", "chat-bison-32k", "codechat-bison", "codechat-bison-32k", "text-bison", "text-bison-32k"),
    *("code-bison", "code-bison-32k", "code-gecko", "text-unicorn"),
    *("textembedding-gecko", "textembedding-gecko-multilingual"),
}
RETIRED_OTHER = {"text-babbage-001", "gemini-1.0-pro-latest", "gemini-1.0-pro-001", "claude-mythos-5"}
OTHER_PRICE_IN_PACKAGE = {
    *("text-ada-001", "text-curie-001", "gpt-3.5-turbo-0301", "gpt-3.5-turbo-16k", "ft:gpt-3.5-turbo-0613"),
    *("gemini-1.5-pro-latest", "gpt-5.6-sol"),
}


@pytest.fixture(scope="module")
def catalogues() -> Catalogues:
    return Catalogues(built_in_models(AT))


@pytest.fixture(scope="module")
def catalogue(catalogues: Catalogues) -> ModelCatalogue:
    return catalogues.for_project([])


def test_g27_openai_usage_is_priced_by_part(catalogue: ModelCatalogue) -> None:
    stated = {
        "prompt_tokens": 1000,
        "completion_tokens": 200,
        "total_tokens": 1200,
        "prompt_tokens_details": {"cached_tokens": 400},
        "completion_tokens_details": {"reasoning_tokens": 50},
    }

    priced = price(
        make_pricing_input(model="gpt-4o", provided_usage=usage_counts({}, stated)), catalogue, tokenisers.count_tokens
    )

    assert priced.usage == {
        "input": 600,
        "input_cached_tokens": 400,
        "output": 150,
        "output_reasoning_tokens": 50,
        "total": 1200,
    }
    assert priced.cost_usd == decimals(
        {"input": "0.0015", "input_cached_tokens": "0.0005", "output": "0.0015", "total": "0.0035"}
    )


def test_g27_openai_usage_with_a_foreign_key_is_unpriced(catalogue: ModelCatalogue) -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200, "foo": 1}

    priced = price(make_pricing_input(model="gpt-4o", provided_usage=usage), catalogue, tokenisers.count_tokens)

    assert (priced.usage["total"], priced.cost_usd, priced.total_cost_usd) == (2401, {}, None)


@pytest.mark.parametrize(
    ("model", "usage", "parameters", "cost", "tier"),
    [
        pytest.param("gpt-4o-mini", {"input": 4}, None, {"input": "6e-7"}, "Standard", id="g28"),
        pytest.param(
            "gemini-2.5-pro",
            {"input": 200_000, "output": 1000},
            None,
            {"input": "0.25", "output": "0.01"},
            "Standard",
            id="g30 at the threshold",
        ),
        pytest.param(
            "gemini-2.5-pro",
            {"input": 200_001, "output": 1000},
            None,
            {"input": "0.5000025", "output": "0.015"},
            "Large Context",
            id="g30 above the threshold",
        ),
        pytest.param(
            "gemini-2.5-pro",
            {"input": 150_000, "input_cached_tokens": 60_000},
            None,
            {"input": "0.375", "input_cached_tokens": "0.015"},
            "Large Context",
            id="g30 sum of keys",
        ),
        pytest.param(
            "gpt-4o",
            {"input": 1000, "output": 100},
            '{"service_tier": "priority"}',
            {"input": "0.00425", "output": "0.0017"},
            "Fast mode",
            id="g30 fast mode",
        ),
        pytest.param(
            "gpt-5",
            {"input": 1000, "output": 100},
            '{"service_tier": "flex"}',
            {"input": "0.000625", "output": "0.0005"},
            "Flex",
            id="flex is half",
        ),
        pytest.param("gpt-4", {"input": 1, "output": 1}, None, {"input": "3e-5", "output": "6e-5"}, "Standard", id="4"),
        pytest.param(
            "anthropic/claude-sonnet-4-5-20250929",
            {"input": 1, "output": 1, "cache_creation_input_tokens": 1, "cache_read_input_tokens": 1},
            None,
            {
                "input": "3e-6",
                "output": "1.5e-5",
                "cache_creation_input_tokens": "3.75e-6",
                "cache_read_input_tokens": "3e-7",
            },
            "Standard",
            id="claude cache",
        ),
        pytest.param(
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            {"input_cache_creation_1h": 1},
            None,
            {"input_cache_creation_1h": "6e-6"},
            "Standard",
            id="claude on Bedrock",
        ),
    ],
)
def test_g28_g30_reference_figures(
    catalogue: ModelCatalogue,
    model: str,
    usage: dict[str, int],
    parameters: str | None,
    cost: dict[str, str],
    tier: str,
) -> None:
    given = make_pricing_input(model=model, provided_usage=usage, model_parameters=parameters)

    priced = price(given, catalogue, tokenisers.count_tokens)

    expected = decimals(cost)
    assert priced.cost_usd == {**expected, "total": sum(expected.values())}
    assert priced.pricing_tier_name == tier


def test_g31_embedding_is_priced_by_total(catalogue: ModelCatalogue) -> None:
    given = make_pricing_input(model="text-embedding-3-small", provided_usage={"total": 1000})

    priced = price(given, catalogue, tokenisers.count_tokens)

    assert priced.cost_usd == decimals({"total": "2e-5"})


def test_g31_project_model_beats_built_in_for_that_project_alone(catalogues: Catalogues) -> None:
    own = make_model("(?i)^(gpt-4o)$", make_tier("Standard", {"input": "0.000001"}), id="own")
    given = make_pricing_input(model="gpt-4o", provided_usage={"input": 1000})

    costs = [
        price(given, catalogues.for_project(models), tokenisers.count_tokens).total_cost_usd for models in ([own], [])
    ]

    assert costs == [Decimal("0.001"), Decimal("0.0025")]


def test_price_changes_on_the_announced_day() -> None:
    days = [datetime(2026, 12, 31, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC)]
    given = make_pricing_input(model="gemini-3.6-flash", provided_usage={"input": 1_000_000})

    costs = [
        price(given, Catalogues(built_in_models(day)).for_project([]), tokenisers.count_tokens).total_cost_usd
        for day in days
    ]

    assert costs == [Decimal("0.75"), Decimal("1.5")]


def test_every_built_in_model_is_valid_and_has_its_own_ids(catalogues: Catalogues) -> None:
    unbounded = [model for model in catalogues.built_in if len(model.match_pattern) <= 1000]
    for model in unbounded:
        validate_definition(model, compile_pattern)

    tier_ids = [tier.id for model in catalogues.built_in for tier in model.tiers]
    assert len(unbounded) > 400
    assert len({model.id for model in catalogues.built_in}) == len(catalogues.built_in)
    assert len(set(tier_ids)) == len(tier_ids)


def test_ids_do_not_depend_on_the_day(catalogues: Catalogues) -> None:
    later = {model.name: model.id for model in Catalogues(built_in_models(datetime(2027, 6, 1, tzinfo=UTC))).built_in}

    assert {model.name: model.id for model in catalogues.built_in}.items() <= later.items()


@pytest.mark.skipif(not REFERENCE.exists(), reason="Langfuse's default-model-prices.json is not beside the checkout")
def test_prices_agree_with_the_reference_list(catalogue: ModelCatalogue) -> None:
    reference: list[dict[str, Any]] = json.loads(REFERENCE.read_text(), parse_float=Decimal, parse_int=Decimal)

    missing = {each["modelName"] for each in reference if catalogue.find(each["modelName"]) is None}
    differing = {each["modelName"] for each in reference if not _agrees(catalogue, each)} - missing

    assert missing == RETIRED_PALM | RETIRED_OTHER
    assert differing == OTHER_PRICE_IN_PACKAGE


def _agrees(catalogue: ModelCatalogue, reference: dict[str, Any]) -> bool:
    found = catalogue.find(reference["modelName"])
    if found is None:
        return False
    prices = found.definition.default_tier.prices
    stated = next(tier for tier in reference["pricingTiers"] if tier["isDefault"])["prices"]
    by_kind = {"input": "input", "output": "output", "total": "input" if "total" not in prices else "total"}
    return all(prices.get(by_kind[kind]) == stated[kind] for kind in by_kind if kind in stated)
