"""Reads the `filter` parameter of the API into typed conditions."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import msgspec

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import words

_COMPARISONS = frozenset({"=", ">", "<", ">=", "<="})
_TEXT_OPERATORS = frozenset({"=", "contains", "does not contain", "starts with", "ends with", "matches"})
_OPERATORS: Mapping[str, frozenset[str]] = {
    "datetime": _COMPARISONS - {"="},
    "string": _TEXT_OPERATORS,
    "number": _COMPARISONS,
    "stringOptions": frozenset({"any of", "none of"}),
    "arrayOptions": frozenset({"any of", "none of", "all of"}),
    "categoryOptions": frozenset({"any of", "none of"}),
    "stringObject": _TEXT_OPERATORS | {"is set", "is not set"},
    "numberObject": _COMPARISONS,
    "booleanObject": frozenset({"=", "<>"}),
    "boolean": frozenset({"=", "<>"}),
    "null": frozenset({"is null", "is not null"}),
    "positionInTrace": frozenset({"="}),
}
_WITH_KEY = frozenset({"categoryOptions", "stringObject", "numberObject", "booleanObject", "positionInTrace"})
_POSITIONS = frozenset({"root", "first", "last", "nthFromEnd", "nthFromStart"})
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")

Value = str | float | bool | Sequence[str] | datetime


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition as the API states it; `value` has the type that `type` calls for."""

    type: str
    column: str
    operator: str
    value: Value
    key: str | None = None


def parse(text: str | None) -> Sequence[Condition]:
    """The conditions of a filter parameter, all of which must hold; none for no filter.

    Raises InvalidRequestError for anything the grammar does not allow, with the index of each broken condition.
    """
    if not text:
        return ()
    try:
        # Unlike the standard library's, this refuses halves of surrogate pairs, which no store can hold.
        decoded: Any = msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        raise errors.InvalidRequestError("Invalid JSON in filter parameter") from error
    if not isinstance(decoded, list):
        raise errors.InvalidRequestError("Invalid filter parameter: must be an array of conditions")
    return [_condition(index, item) for index, item in enumerate(cast(list[Any], decoded))]


def parse_datetime(text: str) -> datetime:
    """The moment of an ISO 8601 text with a zone; ValueError for any other text."""
    if not _DATETIME.fullmatch(text):
        raise ValueError(f"{text!r} is not an ISO 8601 time with a zone")
    return datetime.fromisoformat(text)


def _condition(index: int, item: object) -> Condition:
    if not isinstance(item, dict):
        raise _invalid((index,), "a condition must be an object")
    fields = cast(dict[str, object], item)
    kind, column, operator, key = (fields.get(name) for name in ("type", "column", "operator", "key"))
    if not isinstance(kind, str) or kind not in _OPERATORS:
        raise _invalid((index, "type"), f"must be one of {', '.join(_OPERATORS)}")
    if not isinstance(column, str):
        raise _invalid((index, "column"), "must be a string")
    if not isinstance(operator, str) or operator not in _OPERATORS[kind]:
        raise _invalid((index, "operator"), f"must be one of {', '.join(sorted(_OPERATORS[kind]))} for {kind}")
    if kind not in _WITH_KEY:
        key = None
    elif not isinstance(key, str) or (kind == "positionInTrace" and key not in _POSITIONS):
        raise _invalid((index, "key"), f"is required for {kind}")
    return Condition(kind, column, operator, _value(index, kind, operator, fields.get("value")), key)


def _value(index: int, kind: str, operator: str, value: object) -> Value:
    where = (index, "value")
    if kind in ("null", "positionInTrace") or operator in ("is set", "is not set"):
        return ""
    if kind in ("string", "stringObject"):
        return _text(where, operator, value)
    if kind == "datetime":
        return _moment(where, value)
    if kind in ("number", "numberObject"):
        return _number(where, value)
    if kind in ("boolean", "booleanObject"):
        if not isinstance(value, bool):
            raise _invalid(where, "must be true or false")
        return value
    return _texts(where, kind, operator, value)


def _text(where: tuple[int, str], operator: str, value: object) -> str:
    if not isinstance(value, str):
        raise _invalid(where, "must be a string")
    if operator == "matches" and not any(character.isalnum() for character in value):
        raise _invalid(where, "must hold at least one letter or digit for 'matches'")
    if operator == "matches" and len(words.of_text(value)) > words.MAX_WORDS:
        raise _invalid(where, f"must hold at most {words.MAX_WORDS} different words for 'matches'")
    return value


def _number(where: tuple[int, str], value: object) -> float:
    try:
        number = math.nan if isinstance(value, bool) or not isinstance(value, int | float) else float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _invalid(where, "must be a finite number")
    return number


def _moment(where: tuple[int, str], value: object) -> datetime:
    if not isinstance(value, str):
        raise _invalid(where, "must be an ISO 8601 time with a zone")
    try:
        return parse_datetime(value)
    except (ValueError, OverflowError) as error:
        raise _invalid(where, "must be an ISO 8601 time with a zone") from error


def _texts(where: tuple[int, str], kind: str, operator: str, value: object) -> Sequence[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in cast(list[object], value)):
        raise _invalid(where, "must be an array of strings")
    may_be_empty = kind == "categoryOptions" or (kind == "arrayOptions" and operator != "any of")
    if not value and not may_be_empty:
        raise _invalid(where, "must not be empty")
    return cast(list[str], value)


def _invalid(path: tuple[int | str, ...], message: str) -> errors.InvalidRequestError:
    return errors.InvalidRequestError("Invalid request data", [errors.FieldIssue(("filter", *path), message)])
