"""Environment names as they are stored: any input gives a valid one."""

import re

DEFAULT = "default"
_MAX_LENGTH = 40
_RESERVED_PREFIX = re.compile(r"(?:langfuse[-_]?)+")
_ALLOWED = re.compile(r"[a-z0-9_-]+")


def normalise(sent: object) -> str:
    """The environment meant by `sent`; "default" for what can't be one. Never refuses.

    Source: Langfuse v4.16 ingestion: lower case, reserved prefix off, 40 characters, then the alphabet.
    """
    if not isinstance(sent, str):
        return DEFAULT
    name = sent.lower()
    reserved = _RESERVED_PREFIX.match(name)
    name = (name[reserved.end() :] if reserved else name)[:_MAX_LENGTH]
    return name if _ALLOWED.fullmatch(name) else DEFAULT
