"""Usage and cost of a span, by convention."""

import json
from decimal import Decimal
from typing import Any

import pytest

from support.otlp import observe

ANTHROPIC = {"anthropic": {"usage": {"input_tokens": 10, "cache_read_input_tokens": 4}}}
SPLIT = {"anthropic": {"usage": {"cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 1}}}}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, {}),
        ({"langfuse.observation.usage_details": '{"input":1,"output":2}'}, {"input": 1, "output": 2}),
        (
            {
                "elasticdash.observation.usage_details": json.dumps(
                    {
                        "prompt_tokens": 10,
                        "completion_tokens": 5,
                        "total_tokens": 15,
                        "prompt_tokens_details": {"cached_tokens": 4},
                    }
                )
            },
            {"input": 6, "input_cached_tokens": 4, "output": 5, "total": 15},
        ),
        ({"langfuse.observation.usage_details": '{"input":-1,"output":1e99,"a":"3","b":2.5}'}, {"a": 3}),
        ({"langfuse.observation.usage_details": f'{{"input":{2**80},"output":1}}'}, {"output": 1}),
        (
            {
                "langfuse.observation.usage_details": json.dumps(
                    {
                        "prompt_tokens": 1,
                        "completion_tokens": 2,
                        "total_tokens": 3,
                        "prompt_tokens_details": {"cached_tokens": 2**70},
                    }
                )
            },
            {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
        ),
        ({"langfuse.observation.usage_details": '{"a":"99999999999999999999","b":1}'}, {"b": 1}),
        ({"ai.usage.tokens": -1, "gen_ai.usage.output_tokens": 1}, {"output": 1}),
        (
            {
                "ai.usage.cachedInputTokens": -5,
                "gen_ai.usage.input_tokens": 3,
                "gen_ai.usage.output_tokens": 2**62,
            },
            {"input": 3},
        ),
        ({"langfuse.observation.usage_details": "[1]", "gen_ai.usage.input_tokens": 1}, {}),
        ({"langfuse.observation.usage_details": "{broken", "gen_ai.usage.input_tokens": 1}, {"input": 1}),
        ({"gen_ai.usage.prompt_tokens": "7", "gen_ai.usage.completion_tokens": 2.0}, {"input": 7, "output": 2}),
        ({"gen_ai.usage.input_tokens": -5, "gen_ai.usage.output_tokens": True}, {}),
        ({"gen_ai.usage.input_tokens": 2**60, "gen_ai.usage.output_tokens": 1}, {"output": 1}),
        ({"gen_ai.usage.details.images": 3, "gen_ai.usage.input_tokens": 1}, {"input": 1, "images": 3}),
        (
            {"llm.token_count.completion": 9, "llm.token_count.completion_details.audio": 4},
            {"output": 5, "output_audio_tokens": 4},
        ),
        (
            {"genkit:output": '{"usage":{"inputTokens":5,"outputTokens":9,"thoughtsTokens":4,"totalTokens":14}}'},
            {"input": 5, "output": 5, "output_reasoning_tokens": 4, "total": 14},
        ),
        (
            {
                "gcp.vertex.agent.llm_response": '{"usage_metadata":{"cached_content_token_count":3}}',
                "gen_ai.usage.input_tokens": 10,
                "gen_ai.usage.output_tokens": 2,
            },
            {"input": 7, "output": 2, "input_cached_tokens": 3},
        ),
        (
            {
                "ai.usage.cachedInputTokens": 4,
                "ai.usage.reasoningTokens": 1,
                "gen_ai.usage.input_tokens": 10,
                "gen_ai.usage.output_tokens": 3,
            },
            {"input": 6, "output": 2, "input_cached_tokens": 4, "output_reasoning_tokens": 1},
        ),
        (
            {"ai.response.providerMetadata": json.dumps(SPLIT), "gen_ai.usage.input_tokens": 10},
            {"input": 7, "input_cache_creation_5m": 2, "input_cache_creation_1h": 1},
        ),
        ({"ai.usage.tokens": 12}, {"total": 12}),
    ],
)
def test_counts(attributes: dict[str, Any], expected: dict[str, int]):
    assert observe(attributes).provided_usage == expected


@pytest.mark.parametrize(
    ("attributes", "input_tokens"),
    [
        ({"gen_ai.usage.input_tokens": 100, "gen_ai.usage.cache_read.input_tokens": 30}, 70),
        ({"gen_ai.usage.input_tokens": 10, "gen_ai.usage.cache_read.input_tokens": 30}, 10),
        (
            {
                "gen_ai.usage.input_tokens": 100,
                "gen_ai.usage.output_tokens": 5,
                "gen_ai.usage.total_tokens": 135,
                "gen_ai.usage.cache_read.input_tokens": 30,
            },
            100,
        ),
        ({"ai.response.providerMetadata": json.dumps(ANTHROPIC), "gen_ai.usage.input_tokens": 10}, 10),
        ({"ai.response.providerMetadata": json.dumps(ANTHROPIC), "gen_ai.usage.input_tokens": 14}, 10),
    ],
    ids=["included", "larger-than-input", "total-counts-it-beside", "anthropic-alone", "anthropic-added-up"],
)
def test_cached_tokens_leave_the_input_only_where_it_includes_them(attributes: dict[str, Any], input_tokens: int):
    assert observe(attributes).provided_usage["input"] == input_tokens


def test_an_agents_sum_of_its_calls_is_not_counted_again():
    tokens = {"openinference.span.kind": "AGENT", "llm.token_count.prompt": 7}

    assert observe(tokens).provided_usage == {}
    assert observe({**tokens, "llm.model_name": "m"}).provided_usage == {"input": 7}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, {}),
        ({"langfuse.observation.cost_details": '{"input":0.1,"bad":-1,"text":"1"}'}, {"input": Decimal("0.1")}),
        ({"gen_ai.usage.cost": 0.25}, {"total": Decimal("0.25")}),
        ({"llm.cost.total": 1}, {"total": Decimal(1)}),
        ({"llm.cost.total": 1e300}, {"total": Decimal("999999.999999999999")}),
        (
            {"langfuse.observation.cost_details": f'{{"total":1{"0" * 4000}}}'},
            {"total": Decimal("999999.999999999999")},
        ),
        ({"gen_ai.usage.cost": "NaN"}, {}),
    ],
)
def test_cost(attributes: dict[str, Any], expected: dict[str, Decimal]):
    assert observe(attributes).provided_cost_usd == expected
