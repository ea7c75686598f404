"""Texts and JSON as both engines take them: no NUL, no half of a surrogate pair."""

import json
import re
from typing import Any

_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
# An escaped NUL whose backslash is not itself escaped.
_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def text(value: str) -> str:
    """The text with U+FFFD in place of what no store takes: what was never stored is then just not found."""
    return _NOT_STORABLE.sub(_REPLACEMENT, value)


def json_text(value: Any) -> str:
    """A value as JSON, with U+FFFD in place of what no store takes. ValueError for NaN and the infinities."""
    encoded = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _ESCAPED_NUL.sub(rf"\1{_REPLACEMENT}", text(encoded))
