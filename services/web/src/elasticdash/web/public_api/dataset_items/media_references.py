"""Media that the texts of a dataset item refer to. Source: section T2.5 of the API contract research."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

Field = Literal["input", "expectedOutput", "metadata"]

_REFERENCE = re.compile(r"@@@(?:langfuse|elasticdash)Media:([^@]*)@@@")
_ID = re.compile(r"(?:^|\|)id=([^|]+)")


@dataclass(frozen=True, slots=True)
class MediaReference:
    """A reference as it stands in a text, and where the text is within its field, as JSONPath."""

    field: Field
    text: str
    json_path: str
    media_id: str


def find(fields: Mapping[Field, Any]) -> Iterator[MediaReference]:
    """Every reference in these JSON values, in the order they stand there."""
    for field, value in fields.items():
        for json_path, text in _texts(value):
            for found in _REFERENCE.finditer(text):
                media_id = _ID.search(found[1])
                if media_id:
                    yield MediaReference(field, found[0], json_path, media_id[1])


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    # Not by recursion: how deep a value is, its sender decides.
    left: list[tuple[str, Any]] = [("$", value)]
    while left:
        path, part = left.pop()
        if isinstance(part, str):
            yield path, part
        elif isinstance(part, dict):
            members = cast(dict[str, Any], part)
            left += [(f"{path}[{_quoted(name)}]", member) for name, member in reversed(members.items())]
        elif isinstance(part, list):
            elements = cast(list[Any], part)
            left += [(f"{path}[{at}]", elements[at]) for at in reversed(range(len(elements)))]


def _quoted(name: str) -> str:
    """A name in a JSONPath. Source: RFC 9535, section 2.3.1."""
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
