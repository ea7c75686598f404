"""How a prompt quotes another: `@@@langfusePrompt:name=greeting|label=production@@@`, or with `|version=3`.

Source: Langfuse's prompt composability; `elasticdashPrompt` is our own spelling of the same.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from elasticdash.shared.domain.json_value import JsonValue

_TAG = re.compile(r"@@@(?:langfuse|elasticdash)Prompt:(.*?)@@@", re.DOTALL)
_SAID = re.compile(r"name=([^|]+)\|(?:version=([1-9][0-9]{0,8})|label=([^|]+))")


@dataclass(frozen=True, slots=True)
class Reference:
    """The one version of a prompt that is quoted: by its number or, when that is None, by a label."""

    name: str
    version: int | None
    label: str | None

    def __str__(self) -> str:
        return f"{self.name!r} with " + (f"version {self.version}" if self.version else f"label {self.label!r}")


def of(prompt: JsonValue) -> Sequence[Reference]:
    """What a text, or the messages of a chat, quote: each once, in order. What is no whole tag quotes nothing."""
    found = [_reference(tag) for text in _texts(prompt) for tag in _TAG.finditer(text)]
    return list(dict.fromkeys(reference for reference in found if reference is not None))


def broken(prompt: JsonValue) -> Sequence[str]:
    """Tags that do not say what they quote, as they were sent."""
    return [tag[0] for text in _texts(prompt) for tag in _TAG.finditer(text) if _reference(tag) is None]


def size_when_replaced(prompt: JsonValue, quoted: Mapping[Reference, str]) -> int:
    """How many characters the texts of a prompt get with what they quote, without building them."""
    size = 0
    for text in _texts(prompt):
        size += len(text)
        for tag in _TAG.finditer(text):
            reference = _reference(tag)
            size += len(quoted.get(reference, "")) if reference is not None else 0
    return size


def replaced(text: str, quoted: Mapping[Reference, str]) -> str:
    """A text with what it quotes in place of its tags; tags of anything else stay."""

    def said(tag: re.Match[str]) -> str:
        reference = _reference(tag)
        return tag[0] if reference is None else quoted.get(reference, tag[0])

    return _TAG.sub(said, text)


def replaced_everywhere(prompt: JsonValue, quoted: Mapping[Reference, str]) -> JsonValue:
    """The same in every text of a prompt."""
    if isinstance(prompt, str):
        return replaced(prompt, quoted)
    if isinstance(prompt, Mapping):
        fields = cast(Mapping[str, JsonValue], prompt)  # decoded JSON
        return {name: replaced_everywhere(value, quoted) for name, value in fields.items()}
    if isinstance(prompt, Sequence):
        return [replaced_everywhere(part, quoted) for part in prompt]
    return prompt


def _reference(tag: re.Match[str]) -> Reference | None:
    said = _SAID.fullmatch(tag[1])
    if said is None:
        return None
    name, version, label = said.groups()
    return Reference(name, int(version) if version else None, label)


def _texts(prompt: JsonValue) -> Iterator[str]:
    if isinstance(prompt, str):
        yield prompt
    elif isinstance(prompt, Mapping):
        for value in cast(Mapping[str, JsonValue], prompt).values():  # decoded JSON
            yield from _texts(value)
    elif isinstance(prompt, Sequence):
        for part in prompt:
            yield from _texts(part)
