"""One span as the mapping rules see it: one vocabulary, and cheap questions about its attributes."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from elasticdash.shared.domain import usage_parsing
from elasticdash.shared.domain.json_value import JsonObject, JsonValue
from elasticdash.shared.domain.record import record
from elasticdash.shared.otel.export import AttributeValue, Origin, Span

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()
_MAX_DEPTH = 64
# Whole texts, so that brackets inside of them don't count; else one bracket.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_LANGFUSE = "langfuse."
_OWN = "elasticdash."
EVENTS = "events of the span"


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What the keys of a span's attributes say, whatever their values are.

    `keys` are in the `elasticdash.` vocabulary, in the order sent; `key_set` holds the same. `families` are their
    first parts ("gen_ai" of "gen_ai.system"): groups of rules are skipped without theirs. EVENTS is a family too.
    `sent_keys` leads from the keys to those that were sent; None when they are the same.
    """

    keys: Sequence[str]
    key_set: frozenset[str]
    families: frozenset[str]
    sent_keys: Mapping[str, str] | None

    def has_any(self, keys: Collection[str]) -> bool:
        """Whether one of these keys is there."""
        return not self.key_set.isdisjoint(keys)

    def has_prefix(self, prefixes: tuple[str, ...]) -> bool:
        """Whether a key begins with one of these."""
        return any(key.startswith(prefixes) for key in self.keys)

    def own_vocabulary(self, attributes: Mapping[str, AttributeValue]) -> Mapping[str, AttributeValue]:
        """The attributes of a span of this shape under the keys of this shape."""
        if self.sent_keys is None:
            return attributes
        return {key: attributes[sent] for key, sent in self.sent_keys.items()}


@dataclass(frozen=True, slots=True)
class OriginView:
    """What is computed once for all spans of an origin. Texts are JSON; the checksum covers both.

    `environment`, `version` and `release` are what the resource says about spans that do not say it themselves.
    """

    origin: Origin
    resource: Mapping[str, AttributeValue]
    resource_text: str
    scope_text: str
    checksum: int
    has_encoded_metadata: bool
    is_early_python_sdk: bool
    environment: str | None
    version: str | None
    release: str | None


@record()
class SpanView:
    """A span with its attributes in the `elasticdash.` vocabulary."""

    span: Span
    attributes: Mapping[str, AttributeValue]
    families: frozenset[str]
    origin: OriginView

    @property
    def scope_name(self) -> str:
        return self.origin.origin.scope_name


def shape_of(sent: Collection[str], has_events: bool) -> Shape:
    """The shape of spans with these keys: `langfuse.` is read as `elasticdash.`, whose own keys win."""
    families = {key.partition(".")[0] for key in sent}
    if has_events:
        families.add(EVENTS)
    if "langfuse" not in families:
        return Shape(tuple(sent), frozenset(sent), frozenset(families), None)
    sent_keys: dict[str, str] = {}
    for key in sent:
        own_key = _OWN + key[len(_LANGFUSE) :] if key.startswith(_LANGFUSE) else key
        if own_key == key or own_key not in sent:
            sent_keys[own_key] = key
    own_families = families - {"langfuse"} | {"elasticdash"}
    return Shape(tuple(sent_keys), frozenset(sent_keys), frozenset(own_families), sent_keys)


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
