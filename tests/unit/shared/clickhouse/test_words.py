"""What counts as a word of a search."""

import pytest

from elasticdash.shared.clickhouse import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("--", [], id="none"),
        pytest.param("Refund REFUND refund", ["refund"], id="any case, once"),
        pytest.param("a bb ccc", ["ccc", "bb", "a"], id="longest first"),
        pytest.param('{"order_id":"A-17"}', ["order", "17", "id", "a"], id="cut at every other ASCII character"),
        pytest.param("straße ÉCOLE", ["straße", "École"], id="other letters keep their case"),
        pytest.param("東京 – x", ["東京", "x", "–"], id="beyond ASCII all belongs to words"),
    ],
)
def test_words_of_a_text(text: str, expected: list[str]) -> None:
    assert words.of_text(text) == expected
