"""The makers and hosts whose models are built in, and how their senders prefix model names."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from elasticdash.shared.model_prices import usage_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """`prefix` and `suffix` are patterns around the model name; `id` is the price package's provider.

    `priced_reasoning` finds the models whose reasoning tokens, reported apart from output, cost as much as output
    (empty: all of the maker's). Prices by prompt size are left out with `has_large_context` false.
    """

    id: str
    prefix: str = ""
    suffix: str = ""
    keys: usage_keys.UsageKeys = field(default_factory=lambda: usage_keys.GENERAL)
    tokenizer_id: str | None = None
    priced_reasoning: str = ""
    has_large_context: bool = True
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])


# First match wins: makers before hosts.
MAKERS = (
    Maker(
        id="openai",
        prefix="(openai/|azure/)?",
        tokenizer_id="openai",
        priced_reasoning=r"^(o[1-9]|gpt-[5-9])",
    ),
    # Requests above 200,000 tokens are refused by the models that had such prices, and the others have one price.
    # Source: https://platform.claude.com/docs/en/release-notes/overview (2026-04-30).
    Maker(
        id="anthropic",
        prefix=r"(anthropic/|((eu|us|apac|au|jp|global)\.)?anthropic\.)?",
        keys=usage_keys.ANTHROPIC,
        tokenizer_id="claude",
        has_large_context=False,
        aliases={"claude-sonnet-4-0": "claude-sonnet-4-latest"},
    ),
    Maker(
        id="google",
        prefix="(google(ai)?/|vertex_ai/|models/)?",
        suffix="(@[a-zA-Z0-9]+)?",
        keys=usage_keys.GOOGLE,
    ),
    Maker(id="mistral", prefix="(mistral(ai)?/)?"),
    Maker(id="deepseek", prefix="(deepseek/|deepseek-ai/)?"),
    Maker(id="cohere", prefix="(cohere/)?"),
    Maker(id="x-ai", prefix="(x-ai/|xai/)?"),
    Maker(id="meta", prefix="(meta/)?"),
    Maker(id="moonshotai", prefix="(moonshotai/)?"),
    Maker(id="minimax", prefix="(minimax/)?"),
    Maker(id="zhipuai", prefix="(z-ai/|zai/|zhipuai/)?"),
    Maker(id="perplexity", prefix="(perplexity/)?"),
    Maker(id="voyageai", prefix="(voyage(ai)?/)?"),
    Maker(id="aws", prefix="(bedrock/)?"),
    Maker(id="groq", prefix="(groq/)?"),
)
