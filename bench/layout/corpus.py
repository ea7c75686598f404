"""Prose-like text, so that stored rows compress and index like prose, not like noise."""

import random

SEED = 7
RARE_WORD = "zanzibarite"
_VOCABULARY = 40_000
_WORDS = 3_000_000


def text() -> str:
    """About 20 MB of words, drawn with the frequencies of Zipf's law; the same at every call."""
    rng = random.Random(SEED)
    syllables = [a + b for a in "bcdfghlmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "is", "ol")]
    words = ["".join(rng.choices(syllables, k=rng.choice((1, 2, 2, 3, 3, 4)))) for _ in range(_VOCABULARY)]
    weights = [1 / (rank + 10) for rank in range(_VOCABULARY)]
    return " ".join(rng.choices(words, weights, k=_WORDS))
