"""Token counts that need no network, and texts and models that get none."""

from datetime import UTC, datetime

import pytest

from elasticdash.shared.domain.pricing import price
from elasticdash.shared.model_prices import tokenisers
from elasticdash.shared.model_prices.built_in import built_in_models
from elasticdash.shared.model_prices.catalogues import Catalogues
from support.pricing import make_model, make_pricing_input


@pytest.mark.parametrize(
    ("tokenizer_id", "text"),
    [
        pytest.param(None, "hello", id="no tokenizer"),
        pytest.param("other", "hello", id="unknown tokenizer"),
        pytest.param("openai", "a" * (tokenisers.MAX_TEXT_CHARACTERS + 1), id="too long"),
    ],
)
def test_no_count(tokenizer_id: str | None, text: str) -> None:
    assert tokenisers.count_tokens(make_model("m", tokenizer_id=tokenizer_id), text) is None


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param("gpt-4", "hello world", 2, id="plain"),
        pytest.param("gpt-4", "hello \ud800", 2, id="lone surrogate counts as ?"),
        pytest.param("gpt-4", '[{"role": "user", "content": "hello world"}]', 3 + 3 + 1 + 2, id="chat"),
        pytest.param(
            "gpt-4", '[{"role": "user", "content": "hello", "name": "bob"}]', 3 + 3 + 1 + 1 + 1 + 1, id="name"
        ),
        pytest.param("gpt-4", "[1, 2]", 6, id="list of no messages"),
        pytest.param("gpt-4", "[]", 1, id="empty list"),
    ],
)
def test_openai_count(name: str, text: str, expected: int) -> None:
    model = make_model("m", tokenizer_id="openai", name=name)

    assert tokenisers.count_tokens(model, text) == expected


def test_vocabulary_follows_the_model() -> None:
    text = "Привет, как дела? 你好，世界"
    counts = [
        tokenisers.count_tokens(make_model("m", tokenizer_id=tokenizer_id, name=name), text)
        for tokenizer_id, name in (("openai", "gpt-4"), ("openai", "gpt-4o"), ("openai", "gpt-5"), ("claude", "claude"))
    ]

    assert counts[0] == counts[3]
    assert counts[1] == counts[2]
    assert counts[1] < counts[0]


def test_stated_overheads_apply() -> None:
    config = {"tokensPerMessage": 10, "tokensPerName": 20}
    model = make_model("m", tokenizer_id="openai", name="gpt-4", tokenizer_config=config)

    counted = tokenisers.count_tokens(model, '[{"role": "user", "name": "bob"}]')

    assert counted == 3 + 10 + 20 + 1 + 1


def test_g32_generation_without_usage_is_counted_and_priced() -> None:
    catalogue = Catalogues(built_in_models(datetime(2026, 11, 1, tzinfo=UTC))).for_project([])
    given = make_pricing_input(model="gpt-4", input="hello world", output="hi")

    priced = price(given, catalogue, tokenisers.count_tokens)

    assert priced.usage == {"input": 2, "output": 1, "total": 3}
    assert str(priced.total_cost_usd) == "0.000120000000"
