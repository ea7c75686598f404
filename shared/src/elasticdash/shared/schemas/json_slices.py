"""Handles JSON that must stay as it was sent: slices of text, their nesting, and what is wrong with them."""

import re
from collections.abc import Iterator

import msgspec

from elasticdash.shared import errors

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)", re.S
)
_LONE_SURROGATE_LENGTH = 6
_REPLACEMENT = rb"\ufffd"
_MARK = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},]', re.S)
_BATCH_KEY = b'"batch"'
_ARRAY_VALUE = re.compile(rb"\s*:\s*\[")
_FALSY_WORDS = frozenset(("null", "false"))
_text_decoder = msgspec.json.Decoder(str)


def without_lone_surrogates(json: bytes) -> bytes:
    """The same JSON with every escaped half of a surrogate pair replaced by U+FFFD: no store can hold one."""
    if b"\\ud" not in json and b"\\uD" not in json:
        return json
    return _ESCAPE.sub(_repaired, json)


def check_depth(json: bytes, max_depth: int) -> None:
    """Raises InvalidRequestError when objects and arrays nest deeper than `max_depth`."""
    if json.count(b"{") + json.count(b"[") <= max_depth:
        return
    if any(depth > max_depth for depth, _ in _marks(json)):
        raise errors.InvalidRequestError(f"must not be nested deeper than {max_depth} levels")


def batch_elements(body: bytes) -> list[bytes]:
    """The slices of the array `batch`, found by brackets alone; each may still be no JSON.

    For a body that a JSON parser refuses as a whole although one element is to blame.
    Raises InvalidRequestError when there is no such array or it does not end.
    """
    begin = _batch_start(body)
    elements: list[bytes] = []
    for depth, mark in _marks(body, begin - 1):
        if (depth == 1 and mark.group() == b",") or depth == 0:
            element = body[begin : mark.start()].strip()
            if element or elements:
                elements.append(element)
            begin = mark.end()
        if depth == 0:
            return elements
    raise errors.InvalidRequestError("The array 'batch' does not end")


def text_of(slice_: msgspec.Raw) -> str | None:
    """What is stored for an input or output: a string itself, other JSON as its text as sent.

    None for nothing and for what Langfuse counts as nothing: null, false, 0 and "".
    Raises msgspec.DecodeError or UnicodeDecodeError.
    """
    json = bytes(slice_)
    if json.startswith(b'"'):
        return _text_decoder.decode(json) or None
    text = json.decode()
    if not text or text in _FALSY_WORDS or (text[0] in "-0" and float(text) == 0):
        return None
    return text


def _batch_start(body: bytes) -> int:
    for depth, mark in _marks(body):
        if depth == 1 and mark.group() == _BATCH_KEY:
            opening = _ARRAY_VALUE.match(body, mark.end())
            if opening:
                return opening.end()
    raise errors.InvalidRequestError("The body is no JSON object with an array 'batch'")


def _repaired(escape: re.Match[bytes]) -> bytes:
    found = escape.group()
    is_lone_surrogate = len(found) == _LONE_SURROGATE_LENGTH
    return _REPLACEMENT if is_lone_surrogate else found


def _marks(json: bytes, start: int = 0) -> Iterator[tuple[int, re.Match[bytes]]]:
    """Brackets and commas outside strings, each with the nesting after it."""
    depth = 0
    for mark in _MARK.finditer(json, start):
        symbol = mark.group()
        if symbol in b"[{":
            depth += 1
        elif symbol in b"]}":
            depth -= 1
        yield depth, mark
