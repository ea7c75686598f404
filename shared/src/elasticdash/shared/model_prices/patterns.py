"""Patterns from users, matched by RE2: time is linear in the text, so no pattern can hang the process."""

from typing import Protocol, cast

import re2

from elasticdash.shared.domain import models

_MAX_PROGRAM_BYTES = 1 << 20


class _Options(Protocol):
    log_errors: bool
    max_mem: int


class _Pattern(Protocol):
    def search(self, text: str) -> object | None: ...


class _Engine(Protocol):
    """What is used of RE2, which ships no types."""

    error: type[Exception]

    def Options(self) -> _Options: ...  # noqa: N802 - RE2's name

    def compile(self, pattern: str, options: _Options) -> _Pattern: ...


_ENGINE = cast(_Engine, re2)


def compile_pattern(pattern: str) -> models.Matches:
    """Whether the pattern is found in a text. Look-around and back-references are refused: RE2 has neither.

    Raises InvalidPatternError, also for patterns that grow beyond a megabyte when compiled.
    """
    options = _ENGINE.Options()
    options.log_errors = False
    options.max_mem = _MAX_PROGRAM_BYTES
    try:
        compiled = _ENGINE.compile(_encodable(pattern), options)
    except _ENGINE.error as error:
        reason: object = error.args[0] if error.args else error
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise models.InvalidPatternError(text) from error
    return lambda text: compiled.search(_encodable(text)) is not None


def _encodable(text: str) -> str:
    """RE2 reads UTF-8, which has no lone surrogates; JSON may hold some."""
    return text if text.isascii() else text.encode(errors="replace").decode()
