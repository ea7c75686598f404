"""Usage and cost as they are understood: golden cases G27-G29 before pricing."""

import pytest

from elasticdash.shared import errors
from elasticdash.shared.domain import environment, revision, usage_parsing
from support.batch import make_event, observation_of

OPENAI = {
    "prompt_tokens": 1000,
    "completion_tokens": 200,
    "total_tokens": 1200,
    "prompt_tokens_details": {"cached_tokens": 400, "audio_tokens": None},
    "completion_tokens_details": {"reasoning_tokens": 50},
}
RESPONSES = {
    "input_tokens": 10,
    "output_tokens": 4,
    "total_tokens": 14,
    "input_tokens_details": {"cached_tokens": 20},
    "output_tokens_details": None,
}


def test_a_count_that_sums_could_overflow_is_refused():
    with pytest.raises(errors.InvalidRequestError):
        usage_parsing.usage_counts({"input": 2**53}, None)


@pytest.mark.parametrize(
    ("details", "counts"),
    [
        (
            OPENAI,
            {"input": 600, "input_cached_tokens": 400, "output": 150, "output_reasoning_tokens": 50, "total": 1200},
        ),
        (RESPONSES, {"input": 0, "input_cached_tokens": 20, "output": 4, "total": 14}),
        (
            {**OPENAI, "foo": 1},
            {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200, "foo": 1},
        ),
        ({"prompt_tokens": 1, "completion_tokens": 2}, {"prompt_tokens": 1, "completion_tokens": 2}),
        (
            {"input_tokens": 10, "output_tokens": 20, "cache_read_input_tokens": 3},
            {"input_tokens": 10, "output_tokens": 20, "cache_read_input_tokens": 3},
        ),
        ({"a": "3.7", "b": " 4 ", "c": "x", "d": "4x"}, {"a": 3, "b": 4}),
        ({"a": 1.5, "b": -1, "c": None, "d": {}, "e": True, "f": 2.0}, {"f": 2}),
    ],
    ids=["g27-completion", "responses", "g27-extra-key", "no-total", "anthropic", "texts", "not-counts"],
)
def test_g27_usage_details(details: dict[str, object], counts: dict[str, int]):
    row = observation_of(make_event("generation-create", 0, {"id": "o", "usageDetails": details}))

    assert row.provided_usage == counts


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        ({"input": 4, "output": -7, "total": -3}, {"input": 4}),
        ({"input": 0, "output": 5}, {"input": 0, "output": 5, "total": 5}),
        ({"output": 5}, {"output": 5, "total": 5}),
        ({"input": 3, "output": 2, "total": 9}, {"input": 3, "output": 2, "total": 9}),
        ({"input": 3, "total": 0}, {"input": 3, "total": 3}),
        (
            {"promptTokens": 3, "completionTokens": 2, "input": 100, "inputCost": 1},
            {"input": 3, "output": 2, "total": 5},
        ),
        ({"totalTokens": 7}, {"total": 7}),
        ({}, {}),
        ({"surprise": 1}, {}),
    ],
)
def test_g28_legacy_usage(usage: dict[str, object], counts: dict[str, int]):
    row = observation_of(make_event("generation-create", 0, {"id": "o", "usage": usage}))

    assert row.provided_usage == counts


def test_details_override_legacy_usage_and_stop_the_sum():
    body = {"id": "o", "usage": {"input": 1, "output": 2}, "usageDetails": {"output": 9, "cached": 1}}

    assert observation_of(make_event("generation-create", 0, body)).provided_usage == {
        "input": 1,
        "output": 9,
        "cached": 1,
    }


def test_g29_cost_details_override_legacy_costs():
    body = {
        "id": "o",
        "usage": {"input": 1, "inputCost": 0.1, "outputCost": 0.2, "totalCost": None},
        "costDetails": {"output": 0.3, "text": "1", "negative": -1, "flag": True, "list": [1]},
    }

    row = observation_of(make_event("generation-create", 0, body))

    assert {kind: str(usd) for kind, usd in row.provided_cost_usd.items()} == {"input": "0.1", "output": "0.3"}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0.1", "0.1"),
        ("1e-7", "0.0000001"),
        ("1E2", "100"),
        ("0.0000000000004", "0"),
        ("1000000", "999999.999999999999"),
        ("1e400", "999999.999999999999"),
        ("1" * 10_000, "999999.999999999999"),
        ("-0.1", None),
        ("1e99999999999999999999", None),
        ("NaN", None),
    ],
)
def test_costs_fit_their_column(number: str, text: str | None):
    assert usage_parsing.cost_text(number) == text


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("PROD", "prod"),
        ("Langfuse-Prod", "prod"),
        ("langfuse_langfuse-x", "x"),
        ("langfuse", "default"),
        ("my env!", "default"),
        ("prod\n", "default"),
        ("", "default"),
        (None, "default"),
        (5, "default"),
        ({}, "default"),
        ("a" * 60, "a" * 40),
    ],
)
def test_g05_environments_are_normalised_never_refused(sent: object, kept: str):
    assert environment.normalise(sent) == kept
    assert observation_of(make_event("span-create", 0, {"id": "o", "environment": sent})).environment == kept


def test_revisions_count_first_then_time_and_stay_in_64_bits():
    few_late = revision.folded_revision(1, 9_000_000_000_000_000, b"")
    many_early = revision.folded_revision(2, 1, b"")
    same_count_later = revision.folded_revision(2, 1_001, b"")

    assert few_late < many_early < same_count_later
    assert 0 <= revision.folded_revision(1, -5_000_000, b"") < few_late
    assert revision.folded_revision(10**6, 10**18, b"x") < 2**64
