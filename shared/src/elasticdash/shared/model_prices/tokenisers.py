"""Counts tokens of texts whose sender stated no usage; vocabularies come with the package, nothing is downloaded."""

import functools
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from elasticdash.shared.domain import models

if TYPE_CHECKING:
    from bpe_openai import Encoding

# About 10 ms of counting per 100,000 characters; longer texts get no count rather than a stalled worker.
MAX_TEXT_CHARACTERS = 1_000_000
_REPLY_PRIMING_TOKENS = 3
_TOKENS_PER_MESSAGE = 3
_TOKENS_PER_NAME = 1
_O200K_MODELS = re.compile(r"(chatgpt-4o|gpt-4o|gpt-4\.1|gpt-4\.5|gpt-[5-9]|gpt-oss|o[1-9])")


def count_tokens(definition: models.ModelDefinition, text: str) -> int | None:
    """Tokens of a text, None for models without a tokenizer and texts over `MAX_TEXT_CHARACTERS`.

    OpenAI: exact for plain texts; a JSON array of chat messages counts each value, the overhead of each message and
    name, and the priming of the reply (source: OpenAI cookbook, "How to count tokens with tiktoken").
    Claude: an approximation by OpenAI's older vocabulary, for Anthropic publishes none for current models.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        return None
    if definition.tokenizer_id == "claude":
        return _count("cl100k_base", text)
    if definition.tokenizer_id != "openai":
        return None
    named = definition.tokenizer_config.get("tokenizerModel")
    encoding = "o200k_base" if _O200K_MODELS.search(str(named or definition.name).lower()) else "cl100k_base"
    messages = _chat_messages(text)
    return _count(encoding, text) if messages is None else _count_chat(encoding, messages, definition.tokenizer_config)


def _count_chat(encoding: str, messages: list[Mapping[str, object]], config: Mapping[str, object]) -> int:
    per_message = _overhead(config, "tokensPerMessage", _TOKENS_PER_MESSAGE)
    per_name = _overhead(config, "tokensPerName", _TOKENS_PER_NAME)
    total = _REPLY_PRIMING_TOKENS
    for message in messages:
        total += per_message + (per_name if message.get("name") else 0)
        total += sum(_count(encoding, _text(value)) for value in message.values() if value is not None)
    return total


def _chat_messages(text: str) -> list[Mapping[str, object]] | None:
    if not text.lstrip().startswith("["):
        return None
    try:
        decoded: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    items = cast("list[object]", decoded)  # a text that starts with [ decodes to a list
    messages = [cast("Mapping[str, object]", item) for item in items if isinstance(item, dict) and "role" in item]
    return messages if messages and len(messages) == len(items) else None


def _overhead(config: Mapping[str, object], key: str, default: int) -> int:
    value = config.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _count(encoding: str, text: str) -> int:
    return len(_encoding(encoding).encode_ordinary(text.encode(errors="replace").decode()))


@functools.cache
def _encoding(name: str) -> "Encoding":
    # Importing it reads every vocabulary, 60 MB that nobody needs whose spans all state their usage.
    import bpe_openai

    return bpe_openai.get_encoding(name)
