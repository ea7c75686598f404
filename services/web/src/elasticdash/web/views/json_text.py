"""Stored texts and times as they look in answers, without building what they hold."""

import functools
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec

Json = Any
"""What msgspec encodes: None, bool, int, float, str, Raw, and lists and dicts of them."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_SAFE_INTEGER = 2**53 - 1
# Finding 16 digits in a row this way costs a tenth of a regular expression.
_DIGITS_AS_ZERO = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NUMBER = b"0" * 16
_STARTS_JSON = frozenset('{["-0123456789tfn \t\r\n')


def parsed(text: str | None) -> Json:
    """The JSON value a text holds; the text itself where it is not JSON, None for None.

    Integers beyond 2^53 become strings: JavaScript clients could not hold them.
    """
    if text is None or not text or text[0] not in _STARTS_JSON:
        return text
    try:
        raw = text.encode()
        # Raw is checked like any JSON and then copied into the answer as it is.
        checked = msgspec.json.decode(raw, type=msgspec.Raw)
        has_long_number = _LONG_NUMBER in raw.translate(_DIGITS_AS_ZERO)
        return _with_safe_integers(json.loads(raw)) if has_long_number else checked
    except (ValueError, RecursionError):
        return text


def parsed_values(texts: Mapping[str, str]) -> dict[str, Json]:
    """A metadata map with every value parsed where it holds JSON."""
    return {key: parsed(text) for key, text in texts.items()}


def time_of_ms(milliseconds: int) -> str:
    """`2026-01-31T12:00:00.000Z` of milliseconds since the epoch."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_time_of_second(seconds)}.{rest:03}Z"


def time_of_us(microseconds: int) -> str:
    """The same of microseconds since the epoch; finer digits are cut."""
    return time_of_ms(microseconds // 1000)


def precise_time_of_us(microseconds: int) -> str:
    """The same with all six digits, for what is read back."""
    moment = _EPOCH + timedelta(microseconds=microseconds)
    return moment.isoformat(timespec="microseconds")[:-6] + "Z"


def us_of_time(moment: datetime) -> int:
    """Microseconds since the epoch."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def optional_time_of_us(microseconds: int | None) -> str | None:
    """The same, None for None."""
    return None if microseconds is None else time_of_us(microseconds)


# What belongs together happens within seconds.
@functools.lru_cache(maxsize=4096)
def _time_of_second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).isoformat(timespec="seconds")[:-6]


def _with_safe_integers(value: Json) -> Json:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) <= _MAX_SAFE_INTEGER else str(value)
    if isinstance(value, list):
        return [_with_safe_integers(item) for item in cast(list[Json], value)]
    if isinstance(value, dict):
        return {key: _with_safe_integers(item) for key, item in cast(dict[str, Json], value).items()}
    return value
