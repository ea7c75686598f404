"""Pydantic Logfire: the events of a model call as one JSON list in the attribute `events`."""

from collections.abc import Mapping

from elasticdash.shared.domain.json_value import JsonValue
from elasticdash.shared.otel import view
from elasticdash.shared.otel.view import SpanView

_CHOICE = "gen_ai.choice"


def input_value(seen: SpanView) -> JsonValue:
    """All events that are not answers."""
    return [event for event in _events(seen) if event.get("event.name") != _CHOICE] or None


def output_value(seen: SpanView) -> JsonValue:
    """The answers; the only one not in a list."""
    choices = [event for event in _events(seen) if event.get("event.name") == _CHOICE]
    return choices[0] if len(choices) == 1 else choices or None


def _events(seen: SpanView) -> list[Mapping[str, JsonValue]]:
    events = view.parsed_list(seen.attributes.get("events")) or []
    return [event for event in events if isinstance(event, Mapping)]
