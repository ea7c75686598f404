"""How metadata of one entity is put together from several statements, and stored."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeGuard

from elasticdash.shared.domain.json_value import JsonObject, JsonValue


def merged(base: JsonObject, update: JsonObject) -> dict[str, JsonValue]:
    """`base` with `update` laid over it: objects key by key, arrays index by index, all else replaced.

    Keys stay in the order they were sent in while all agree on it; otherwise they are sorted, so that the text of the
    result does not depend on how often something was said, or on what was said before it and replaced.
    Source: Langfuse v4.16, worker IngestionService (`[1,2,3]` and `[9]` give `[9,2,3]`).
    """
    result = dict(base)
    for key, value in update.items():
        result[key] = _merged_value(result[key], value) if key in result else value
    return result if list(base) == list(update) else dict(sorted(result.items()))


def as_texts(metadata: JsonObject) -> dict[str, str]:
    """Each top-level value as text: strings as they are, anything else as compact JSON."""
    return {key: value if isinstance(value, str) else json_text(value) for key, value in metadata.items()}


def json_text(value: JsonValue) -> str:
    """Compact JSON, not escaped beyond what JSON needs."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _merged_value(base: JsonValue, update: JsonValue) -> JsonValue:
    if isinstance(base, Mapping) and isinstance(update, Mapping):
        return merged(base, update)
    if _is_array(base) and _is_array(update):
        overlap = [_merged_value(old, new) for old, new in zip(base, update, strict=False)]
        return [*overlap, *base[len(overlap) :], *update[len(overlap) :]]
    return update


def _is_array(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    return isinstance(value, Sequence) and not isinstance(value, str)
