"""Settings of the model call, from whichever convention states them."""

from collections.abc import Mapping

from elasticdash.shared.domain.json_value import JsonObject, JsonValue
from elasticdash.shared.otel import view
from elasticdash.shared.otel.conventions import vercel_ai
from elasticdash.shared.otel.view import SpanView

FAMILIES = ("elasticdash", "gen_ai", "llm", "ai", "genkit:input", "model_config")
_WHOLE = ("elasticdash.observation.model.parameters", "genkit:input", "llm.invocation_parameters", "model_config")
_SINGLE = ("gen_ai.request.", "llm.invocation_parameters.")


def of(seen: SpanView) -> str | None:
    """JSON object text, values that are neither text, number nor truth value as JSON text; None for no settings."""
    stated = _stated(seen)
    settings = {
        name: value if isinstance(value, str | int | float) else view.json_text(value) for name, value in stated.items()
    }
    return view.json_text(settings) if settings else None


def _stated(seen: SpanView) -> JsonObject:
    attributes = seen.attributes
    if seen.scope_name != "ai" and attributes.keys().isdisjoint(_WHOLE):
        return _single_settings(seen)
    own = view.parsed_object(attributes.get("elasticdash.observation.model.parameters"))
    if seen.scope_name == "ai":
        return {**vercel_ai.model_parameters(seen), **(own or {})}
    if own:
        return own
    request = view.parsed_object(attributes.get("genkit:input")) or {}
    config = request.get("config")
    if isinstance(config, Mapping) and config:
        return config
    for key in ("llm.invocation_parameters", "model_config"):
        if found := view.parsed_object(attributes.get(key)):
            return found
    return _single_settings(seen)


def _single_settings(seen: SpanView) -> JsonObject:
    found: dict[str, JsonValue] = {}
    for key, value in seen.attributes.items():
        if key.startswith(_SINGLE):
            name = key[15:] if key[0] == "g" else key[26:]
            if name != "model":
                found[name] = value
    return found
