"""What stored texts and times become in answers."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from elasticdash.web.views import json_text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("hello", id="word"),
        pytest.param("true story", id="begins like a literal"),
        pytest.param("{broken", id="broken object"),
        pytest.param("[1,]", id="trailing comma"),
        pytest.param("NaN", id="no JSON number"),
        pytest.param('{"a":1} and more', id="JSON with a tail"),
        pytest.param("[" * 100_000 + "]" * 100_000, id="too deep"),
        pytest.param("012345678901234567890", id="long digits that are no number"),
    ],
)
def test_text_that_is_no_json_stays_text(text: str) -> None:
    assert json_text.parsed(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("null", None, id="null"),
        pytest.param("1", 1, id="number"),
        pytest.param('"x"', "x", id="string"),
        pytest.param(' {"a": [true, 1.5]} ', {"a": [True, 1.5]}, id="object"),
        pytest.param('{"é": "\\u00e9"}', {"é": "é"}, id="beyond ASCII"),
        pytest.param("9007199254740991", 9007199254740991, id="largest safe integer"),
        pytest.param("9007199254740992", "9007199254740992", id="integer beyond it"),
        pytest.param('{"a":[-12345678901234567890123]}', {"a": ["-12345678901234567890123"]}, id="huge, nested"),
        pytest.param(
            '{"id": "1234567890123456789", "n": 2}', {"id": "1234567890123456789", "n": 2}, id="digits in text"
        ),
        pytest.param("1234567890.12345678901234", 1234567890.1234567, id="long fraction"),
    ],
)
def test_json_is_parsed_with_integers_that_clients_can_hold(text: str, value: Any) -> None:
    assert msgspec.json.decode(msgspec.json.encode(json_text.parsed(text))) == value


def test_nothing_stays_nothing() -> None:
    assert json_text.parsed(None) is None


def test_times_are_shown_in_utc_with_milliseconds() -> None:
    microseconds = json_text.us_of_time(datetime(2026, 3, 4, 5, 6, 7, 89_999, UTC))

    assert json_text.time_of_us(microseconds) == "2026-03-04T05:06:07.089Z"
    assert json_text.precise_time_of_us(microseconds) == "2026-03-04T05:06:07.089999Z"
    assert json_text.time_of_ms(-1) == "1969-12-31T23:59:59.999Z"
