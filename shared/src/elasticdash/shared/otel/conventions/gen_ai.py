"""OpenTelemetry's semantic conventions for generative AI: messages as attributes, as span events, as numbered keys."""

from collections.abc import Mapping, Sequence
from typing import Any

from elasticdash.shared.domain.json_value import JsonValue
from elasticdash.shared.otel import view
from elasticdash.shared.otel.conventions import indexed
from elasticdash.shared.otel.export import AttributeValue, SpanEvent
from elasticdash.shared.otel.view import SpanView

_MESSAGE_EVENTS = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
_CHOICE_EVENT = "gen_ai.choice"
_DETAILS_EVENT = "gen_ai.client.inference.operation.details"


def details_input(seen: SpanView) -> JsonValue:
    """The messages inside the event that carries all details."""
    details = next((event.attributes for event in seen.span.events if event.name == _DETAILS_EVENT), None)
    return None if details is None else input_of(details)


def details_output(seen: SpanView) -> JsonValue:
    """The answers inside the event that carries all details."""
    return _event_attribute(seen.span.events, _DETAILS_EVENT, "gen_ai.output.messages")


def event_input(seen: SpanView) -> JsonValue:
    """One message for each message event, with its role."""
    return [
        {"role": role, **event.attributes}
        for event in seen.span.events
        if (role := _MESSAGE_EVENTS.get(event.name)) is not None
    ] or None


def event_output(seen: SpanView) -> JsonValue:
    """The choices; the only one not in a list."""
    choices = [event.attributes for event in seen.span.events if event.name == _CHOICE_EVENT]
    return choices[0] if len(choices) == 1 else choices or None


def content_input(seen: SpanView) -> JsonValue:
    """The prompt of the older content event."""
    return _event_attribute(seen.span.events, "gen_ai.content.prompt", "gen_ai.prompt")


def content_output(seen: SpanView) -> JsonValue:
    """The completion of the older content event."""
    return _event_attribute(seen.span.events, "gen_ai.content.completion", "gen_ai.completion")


def indexed_input(seen: SpanView) -> JsonValue:
    """The list under `gen_ai.prompt.N.`, or what `gen_ai.prompt` holds."""
    return indexed.rebuilt(seen.attributes, "gen_ai.prompt.") or seen.attributes.get("gen_ai.prompt")


def indexed_output(seen: SpanView) -> JsonValue:
    """The list under `gen_ai.completion.N.`, or what `gen_ai.completion` holds."""
    return indexed.rebuilt(seen.attributes, "gen_ai.completion.") or seen.attributes.get("gen_ai.completion")


def messages_input(seen: SpanView) -> JsonValue:
    """The messages, or the arguments of a tool call."""
    return input_of(seen.attributes) or seen.attributes.get("gen_ai.tool.call.arguments")


def messages_output(seen: SpanView) -> JsonValue:
    """The answers, or the result of a tool call."""
    return view.first(seen.attributes, ("gen_ai.output.messages", "gen_ai.tool.call.result"))


def input_of(attributes: Mapping[str, AttributeValue]) -> JsonValue:
    """The input messages as sent; with the system instructions as first message unless there is a system message."""
    sent = attributes.get("gen_ai.input.messages")
    instructions = attributes.get("gen_ai.system_instructions")
    if not instructions:
        return sent
    messages = view.parsed_list(sent)
    if messages is None:
        return sent or instructions
    if any(isinstance(message, Mapping) and message.get("role") == "system" for message in messages):
        return sent
    return [_system_message(instructions, messages), *messages]


def _system_message(instructions: AttributeValue, messages: Sequence[JsonValue]) -> dict[str, Any]:
    parts = view.parsed_list(instructions)
    if parts is None:
        return {"role": "system", "content": instructions}
    if any(isinstance(message, Mapping) and "parts" in message for message in messages):
        return {"role": "system", "parts": parts}
    texts = [part["content"] for part in parts if isinstance(part, Mapping) and isinstance(part.get("content"), str)]
    return {"role": "system", "content": "\n".join(map(str, texts)) if len(texts) == len(parts) else parts}


def _event_attribute(events: Sequence[SpanEvent], name: str, key: str) -> JsonValue:
    for event in events:
        if event.name == name:
            return event.attributes.get(key)
    return None
