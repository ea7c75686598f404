"""Patterns of users can't hang the process."""

import time

import pytest

from elasticdash.shared.domain.models import InvalidPatternError
from elasticdash.shared.model_prices.patterns import compile_pattern


@pytest.mark.parametrize("pattern", ["(", "(?=a)b", r"(a)\1", "((a{100}){100}){100}", "a**b(?<"])
def test_unsupported_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPatternError, match=r"\w"):
        compile_pattern(pattern)


def test_pattern_that_backtracks_elsewhere_answers_at_once() -> None:
    matches = compile_pattern("^(a+)+$")
    started = time.thread_time()

    assert not matches("a" * 500 + "b")
    assert time.thread_time() - started < 1


def test_case_is_ignored_on_request_only() -> None:
    assert compile_pattern("(?i)^(gpt-4o)$")("GPT-4o")
    assert not compile_pattern("^(gpt-4o)$")("GPT-4o")


def test_lone_surrogates_are_matched_as_question_marks() -> None:
    assert compile_pattern("^a.$")("a\ud800")
    assert compile_pattern("^[\ud800]$")("?")
