"""Golden cases G27-G32: usage, cost, tiers, models, tokenising."""

from typing import Any

import pytest

from support.golden import Golden, Json

OPENAI_USAGE = {
    "prompt_tokens": 1000,
    "completion_tokens": 200,
    "total_tokens": 1200,
    "prompt_tokens_details": {"cached_tokens": 400},
    "completion_tokens_details": {"reasoning_tokens": 50},
}


def generated(golden: Golden, **body: Any) -> Json:
    """The stored generation of one generation-create."""
    id_ = golden.id("g")
    golden.accept(golden.event("generation-create", 0, {"id": id_, "traceId": golden.id("t"), **body}))
    return golden.observation(id_)


def test_g27_openai_usage(golden: Golden):
    found = generated(golden, model="gpt-4o", usageDetails=OPENAI_USAGE)

    assert found["usageDetails"] == {
        "input": 600,
        "input_cached_tokens": 400,
        "output": 150,
        "output_reasoning_tokens": 50,
        "total": 1200,
    }
    assert found["costDetails"]["input"] == pytest.approx(0.0015)
    assert found["costDetails"]["input_cached_tokens"] == pytest.approx(0.0005)
    assert found["costDetails"]["output"] == pytest.approx(0.0015)
    assert found["costDetails"]["total"] == pytest.approx(0.0035)


def test_g27_an_extra_key_leaves_usage_as_it_is(golden: Golden):
    found = generated(golden, model="gpt-4o", usageDetails={**OPENAI_USAGE, "foo": 1})

    assert found["usageDetails"] == {
        "prompt_tokens": 1000,
        "completion_tokens": 200,
        "total_tokens": 1200,
        "foo": 1,
        "total": 2401,
    }
    assert found["costDetails"] == {}


def test_g28_negatives_and_totals(golden: Golden):
    found = generated(golden, model="gpt-4o-mini", usage={"input": 4, "output": -7, "total": -3})

    assert found["usageDetails"] == {"input": 4, "total": 4}
    assert found["costDetails"] == pytest.approx({"input": 6e-7, "total": 6e-7})


def test_g28_zero_input_still_counts_output(golden: Golden):
    assert generated(golden, usage={"input": 0, "output": 5})["usageDetails"]["total"] == 5


@pytest.mark.parametrize(
    ("provided", "stored"),
    [
        ({"input": 0.1}, {"input": 0.1, "total": 0.1}),
        ({"input": 0.1, "cached": 0.2}, {"input": 0.1, "cached": 0.2}),
        ({"total": 1}, {"total": 1}),
    ],
    ids=["input", "other-key", "total"],
)
def test_g29_provided_cost_is_never_mixed(golden: Golden, provided: Json, stored: Json):
    found = generated(golden, model="gpt-4o", usage={"input": 1000, "output": 500}, costDetails=provided)

    assert found["costDetails"] == pytest.approx(stored)
    assert found["calculatedTotalCost"] == stored.get("total")


@pytest.mark.parametrize(
    ("model", "fields", "total", "tier"),
    [
        ("gemini-2.5-pro", {"usageDetails": {"input": 200_000, "output": 1000}}, 0.26, "Standard"),
        ("gemini-2.5-pro", {"usageDetails": {"input": 200_001, "output": 1000}}, 0.5150025, "Large Context"),
        (
            "gpt-4o",
            {"usageDetails": {"input": 1000, "output": 100}, "modelParameters": {"service_tier": "priority"}},
            0.00595,
            "Fast mode",
        ),
    ],
    ids=["standard", "large-context", "fast-mode"],
)
def test_g30_tiers(golden: Golden, model: str, fields: Json, total: float, tier: str):
    found = generated(golden, model=model, **fields)

    assert found["calculatedTotalCost"] == pytest.approx(total)
    assert found["usagePricingTierName"] == tier


def test_g30_a_tier_looks_at_the_sum(golden: Golden):
    found = generated(golden, model="gemini-2.5-pro", usageDetails={"input": 150_000, "input_cached_tokens": 60_000})

    assert found["usagePricingTierName"] == "Large Context"


def test_g31_a_project_model_beats_the_built_in_one_until_deleted(golden: Golden):
    name = "gpt-4o-2024-05-13"
    model = {
        "modelName": golden.id("m"),
        "matchPattern": f"(?i)^({name})$",
        "unit": "TOKENS",
        "inputPrice": 1e-6,
    }
    created = golden.client.post("/api/public/models", json=model)
    assert created.status_code == 200, created.text

    own = generated(golden, model=name, usage={"input": 1_000_000, "output": 0})
    golden.client.delete(f"/api/public/models/{created.json()['id']}")
    golden.case += "b"
    built_in = generated(golden, model=name, usage={"input": 1_000_000, "output": 0})

    assert own["costDetails"]["input"] == pytest.approx(1)
    assert built_in["costDetails"]["input"] == pytest.approx(5)


def test_g31_an_unknown_model_keeps_usage_without_cost(golden: Golden):
    found = generated(golden, model="nobody-knows-this", usage={"input": 3, "output": 1})

    assert found["usageDetails"] == {"input": 3, "output": 1, "total": 4}
    assert (found["costDetails"], found["modelId"]) == ({}, None)


def test_g31_an_embedding_is_priced_by_its_total(golden: Golden):
    found = generated(golden, model="text-embedding-3-small", usage={"total": 1000})

    assert found["costDetails"] == pytest.approx({"total": 2e-5})


def test_g32_text_is_counted_when_usage_is_missing(golden: Golden):
    usage = generated(golden, model="gpt-4", input="hello world", output="hi")["usageDetails"]

    assert usage["input"] > 0
    assert usage["output"] > 0
    assert usage["total"] == usage["input"] + usage["output"]


@pytest.mark.parametrize("fields", [{"level": "ERROR"}, {"costDetails": {"total": 1}}], ids=["error", "cost-given"])
def test_g32_not_counted(golden: Golden, fields: Json):
    assert generated(golden, model="gpt-4", input="hello world", output="hi", **fields)["usageDetails"] == {}
