"""Models the price package lacks, each with where its maker publishes prices.

Figures agree with Langfuse v4.16's default list; a test compares them where that list is at hand.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPrice:
    """USD per million tokens; `total_mtok` alone is one price for all tokens. `source` is the maker's page."""

    pattern: str
    name: str
    source: str
    input_mtok: Decimal | None = None
    output_mtok: Decimal | None = None
    total_mtok: Decimal | None = None
    tokenizer_id: str | None = "openai"


_OPENAI = "https://developers.openai.com/api/docs/pricing"
_OPENAI_DEPRECATED = "https://developers.openai.com/api/docs/deprecations"
_ANTHROPIC = "https://platform.claude.com/docs/en/about-claude/pricing"


def _pair(name: str, price: tuple[str, str], source: str, pattern: str = "") -> OwnPrice:
    return OwnPrice(
        pattern=pattern or name.replace(".", r"\."),
        name=name,
        source=source,
        input_mtok=Decimal(price[0]),
        output_mtok=Decimal(price[1]),
        tokenizer_id="claude" if name.startswith("claude") else "openai",
    )


def _total(name: str, price: str, source: str, pattern: str = "") -> OwnPrice:
    return OwnPrice(pattern=pattern or name, name=name, source=source, total_mtok=Decimal(price))


OWN_PRICES = (
    _total("text-embedding-ada-002", "0.1", _OPENAI, r"text-embedding-ada-002(-v2)?"),
    _pair("gpt-4-vision-preview", ("10", "30"), _OPENAI_DEPRECATED, r"gpt-4(-\d{4})?(-turbo)?-vision(-preview)?"),
    _pair("gpt-4-preview", ("10", "30"), _OPENAI_DEPRECATED),
    _pair("chatgpt-4o-latest", ("5", "15"), _OPENAI_DEPRECATED),
    _pair("babbage-002", ("0.4", "0.4"), _OPENAI),
    _pair("davinci-002", ("2", "2"), _OPENAI),
    _pair("ft:davinci-002", ("12", "12"), _OPENAI, r"ft:davinci-002(:.*)?"),
    _pair("ft:babbage-002", ("1.6", "1.6"), _OPENAI, r"ft:babbage-002(:.*)?"),
    _pair("claude-instant-1", ("1.63", "5.51"), _ANTHROPIC, r"claude-instant-1(\.[0-9])?"),
    _pair("claude-1", ("8", "24"), _ANTHROPIC, r"claude-1(\.[0-9])?"),
)
