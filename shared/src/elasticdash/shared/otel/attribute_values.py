"""Rules for single OTLP values that hold in both encodings."""

import math
import re
from typing import Any

from elasticdash.shared.otel.export import DecodeLimits

# DateTime64 of ClickHouse ends with the year 2299.
MAX_TIME_NS = 10_413_791_999 * 1_000_000_000
_SURROGATES = re.compile("[\ud800-\udfff]")
_NOT_ZERO = re.compile("[^0]")


class BrokenSpanError(ValueError):
    """A span breaks a rule; the message names the field and the rule."""


def storable(text: str) -> str:
    """The text without what no store takes: NUL and lone surrogates become U+FFFD."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if not text.isascii() and _SURROGATES.search(text):
        text = _SURROGATES.sub("\ufffd", text)
    return text


def storable_number(number: float) -> float | str:
    """The number, or its name where JSON has none for it."""
    if math.isfinite(number):
        return number
    if math.isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"


def checked_id(field: str, value: str, limits: DecodeLimits) -> str:
    """The id; raises BrokenSpanError when it is empty, all zeroes (invalid in OTLP) or too long."""
    if not _NOT_ZERO.search(value):
        raise BrokenSpanError(f"{field} must not be empty or all zeroes")
    if len(value) > limits.max_id_length:
        raise BrokenSpanError(f"{field} must not be longer than {limits.max_id_length} characters")
    return value


def checked_time(field: str, time_ns: int) -> int:
    """The time in nanoseconds; raises BrokenSpanError when it is negative or after the year 2299."""
    if not 0 <= time_ns <= MAX_TIME_NS:
        raise BrokenSpanError(f"{field} must lie between 1970 and 2299")
    return time_ns


def checked_count(field: str, items: Any, limits: DecodeLimits) -> None:
    """Raises BrokenSpanError when there are too many items."""
    if len(items) > limits.max_attributes:
        raise BrokenSpanError(f"{field} must not have more than {limits.max_attributes} items")


def too_deep(limits: DecodeLimits) -> BrokenSpanError:
    """The error for an attribute that nests too deep."""
    return BrokenSpanError(f"attributes must not nest deeper than {limits.max_depth} levels")
