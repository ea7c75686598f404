"""Searching texts by whole words, in any case of ASCII letters.

A word is a run of ASCII letters, digits and characters beyond ASCII, as the engine's `hasToken` and its index of words
see it. What is searched must be written as `searched` writes it: the index is on that expression.
"""

import re

MAX_WORDS = 64
"""How many different words one condition may ask for."""
_WORD = re.compile("[0-9a-z\u0080-\U0010ffff]+")


def of_text(text: str) -> list[str]:
    """The different words of a text, longest first: those are the rarest."""
    # bytes.lower() changes ASCII alone, like the engine's lower().
    lowered = text.encode().lower().decode()
    return sorted(set(_WORD.findall(lowered)), key=lambda word: (-len(word), word))


def searched(sql: str) -> str:
    """What the words of a column's text are looked for in."""
    return f"lower(ifNull({sql}, ''))"


def holds_all(sql: str, text: str, name: str) -> str:
    """SQL: whether a column's text holds all words of `text`, which has at least one; never NULL."""
    conditions = [f"hasToken({searched(sql)}, {{{parameter}:String}})" for parameter in parameters(text, name)]
    return "(" + " AND ".join(conditions) + ")"


def parameters(text: str, name: str) -> dict[str, object]:
    """The words of `text` as the parameters of its condition."""
    return {f"{name}_word{index}": word for index, word in enumerate(of_text(text))}
