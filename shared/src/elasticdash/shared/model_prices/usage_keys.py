"""Which usage keys a price of the price package applies to, per maker; senders name the same tokens differently.

Langfuse's SDKs and integrations send these keys; a key absent here stays unpriced on purpose.
"""

from collections.abc import Mapping

UsageKeys = Mapping[str, tuple[str, ...]]

_INPUT_CACHED = ("input_cached_tokens", "input_cache_read", "cache_read_input_tokens")
_REASONING = ("output_reasoning_tokens", "output_reasoning", "reasoning_tokens")
_AUDIO_AND_IMAGE: UsageKeys = {
    "input_audio_mtok": ("input_audio_tokens", "input_audio"),
    "output_audio_mtok": ("output_audio_tokens", "output_audio"),
    "cache_audio_read_mtok": ("input_cached_audio_tokens",),
    "input_image_mtok": ("input_image_tokens", "input_image"),
    "output_image_mtok": ("output_image_tokens", "output_image"),
    "cache_image_read_mtok": ("input_cached_image_tokens",),
    "input_video_mtok": ("input_video_tokens", "input_video"),
    "output_video_mtok": ("output_video_tokens", "output_video"),
}

GENERAL: UsageKeys = {
    **_AUDIO_AND_IMAGE,
    "input_mtok": ("input", "input_text_tokens"),
    "output_mtok": ("output", "output_text_tokens"),
    "cache_read_mtok": (*_INPUT_CACHED, "input_cached_text_tokens"),
    "cache_write_mtok": ("input_cache_creation", "cache_creation_input_tokens", "cache_write_tokens"),
    "output_reasoning_mtok": _REASONING,
}

ANTHROPIC: UsageKeys = {
    "input_mtok": ("input", "input_tokens"),
    "output_mtok": ("output", "output_tokens"),
    "cache_read_mtok": _INPUT_CACHED,
    "cache_write_mtok": ("input_cache_creation", "cache_creation_input_tokens", "input_cache_creation_5m"),
    "cache_write_1h_mtok": ("input_cache_creation_1h",),
    "output_reasoning_mtok": _REASONING,
}

GOOGLE: UsageKeys = {
    **_AUDIO_AND_IMAGE,
    "input_mtok": ("input", "input_text", "input_modality_1", "prompt_token_count", "promptTokenCount"),
    "output_mtok": ("output", "output_text", "output_modality_1", "candidates_token_count", "candidatesTokenCount"),
    "cache_read_mtok": (*_INPUT_CACHED, "cached_content_token_count"),
    "output_reasoning_mtok": (*_REASONING, "thoughtsTokenCount", "thoughts_token_count"),
    "web_searches_kcount": ("web_search_queries", "webSearchQueries", "grounding_queries", "groundingQueries"),
}
