"""One span as the mapping rules see it: one vocabulary, and cheap questions about its attributes."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast

import msgspec

from elasticdash.shared.domain import usage_parsing
from elasticdash.shared.domain.json_value import JsonObject, JsonValue
from elasticdash.shared.otel.export import Attributes, AttributeValue, Origin, Span

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()
_MAX_DEPTH = 64
# Whole texts, so that brackets inside of them don't count; else one bracket.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_LANGFUSE = "langfuse."
_OWN = "elasticdash."


@dataclass(frozen=True, slots=True)
class OriginView:
    """What is computed once for all spans of an origin. Texts are JSON; the checksum covers both."""

    origin: Origin
    resource: Mapping[str, AttributeValue]
    resource_text: str
    scope_text: str
    checksum: int
    has_encoded_metadata: bool
    is_early_python_sdk: bool


@dataclass(frozen=True, slots=True)
class SpanView:
    """A span with its attributes in the `elasticdash.` vocabulary.

    `families` are the first parts of the keys ("gen_ai" of "gen_ai.system"): whole groups of rules are
    skipped when their family is absent.
    """

    span: Span
    attributes: Mapping[str, AttributeValue]
    families: set[str]
    origin: OriginView

    @property
    def scope_name(self) -> str:
        return self.origin.origin.scope_name


def of(span: Span, origin: OriginView) -> SpanView:
    """The view of a span."""
    families: set[str] = set()
    attributes = own_vocabulary(span.attributes, families)
    return SpanView(span, attributes, families, origin)


def own_vocabulary(attributes: Mapping[str, AttributeValue], families: set[str]) -> Mapping[str, AttributeValue]:
    """The attributes with `langfuse.` keys as `elasticdash.` ones (which win if both are there).

    Adds the first part of every key to `families`.
    """
    for key in attributes:
        families.add(key.partition(".")[0])
    if "langfuse" not in families:
        return attributes
    families.discard("langfuse")
    families.add("elasticdash")
    translated: Attributes = {}
    for key, value in attributes.items():
        if not key.startswith(_LANGFUSE):
            translated[key] = value
        elif (own_key := _OWN + key[len(_LANGFUSE) :]) not in attributes:
            translated[own_key] = value
    return translated


def text_of(value: JsonValue) -> str:
    """A text as it is, anything else as JSON text; nothing for None."""
    if isinstance(value, str):
        return value
    return "" if value is None else _encoder.encode(value).decode()


def json_text(value: object) -> str:
    """Compact JSON text."""
    return _encoder.encode(value).decode()


def first(attributes: Mapping[str, AttributeValue], keys: Collection[str]) -> AttributeValue:
    """The first value under these keys that is there and not an empty text."""
    # Most spans have none of them, and this asks in one call.
    if attributes.keys().isdisjoint(keys):
        return None
    for key in keys:
        value = attributes.get(key)
        if value is not None and value != "":
            return value
    return None


def first_text(attributes: Mapping[str, AttributeValue], keys: Collection[str]) -> str | None:
    """As `first`, as text."""
    value = first(attributes, keys)
    return None if value is None else text_of(value)


def parsed(value: AttributeValue) -> JsonValue:
    """What a value means when it may be JSON text; None when it is text but not JSON, or nests too deep to walk."""
    if not isinstance(value, str):
        return value
    if value.count("[") + value.count("{") > _MAX_DEPTH and _nests_too_deep(value):
        return None
    try:
        return _decoder.decode(value)
    except (ValueError, RecursionError):
        return None


def _nests_too_deep(text: str) -> bool:
    """Whether brackets outside of texts open more often than allowed before they close."""
    depth = 0
    for bracket in _BRACKETS.findall(text):
        depth += 1 if bracket in "[{" else -1 if bracket in "]}" else 0
        if depth > _MAX_DEPTH:
            return True
    return False


def parsed_object(value: AttributeValue) -> JsonObject | None:
    """The object a value is, or is JSON text of; None for anything else."""
    found = parsed(value) if not isinstance(value, str) or value.lstrip()[:1] == "{" else None
    return cast("JsonObject", found) if isinstance(found, dict) else None


def parsed_list(value: AttributeValue) -> list[JsonValue] | None:
    """The list a value is, or is JSON text of; None for anything else."""
    found = parsed(value) if not isinstance(value, str) or value.lstrip()[:1] == "[" else None
    return found if isinstance(found, list) else None


def count(value: JsonValue) -> int | None:
    """The count a value states, also as text; None when it states none that can be stored."""
    if isinstance(value, str) and len(value) < 20 and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value <= usage_parsing.MAX_COUNT or value != int(value):
        return None
    return int(value)
