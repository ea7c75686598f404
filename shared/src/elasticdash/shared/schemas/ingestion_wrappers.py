"""Turns requests that carry one thing (a score, an old-style trace, span, generation) into batch events."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

import msgspec

from elasticdash.shared import errors, ids
from elasticdash.shared.schemas import ingestion, json_slices
from elasticdash.shared.schemas.ingestion import BatchContext, ParsedBatch

WrapperName = Literal["traces", "events", "spans", "generations"]
Event = dict[str, object]
Fields = dict[str, msgspec.Raw]
Sent = TypeVar("Sent")

_MAX_LIST_BYTES = 1_000_000
_CREATE_TYPES: Mapping[WrapperName, str] = {
    "traces": "trace-create",
    "events": "event-create",
    "spans": "span-create",
    "generations": "generation-create",
}
# What an update calls the id of what it updates.
_UPDATE_TYPES: Mapping[WrapperName, tuple[str, str]] = {
    "spans": ("span-update", "spanId"),
    "generations": ("generation-update", "generationId"),
}
_NO_ID = (b"", b"null", b'""')
_OLD_GENERATION_KEYS = {"prompt": "input", "completion": "output"}
_object_decoder = msgspec.json.Decoder(Fields)
_scores_decoder: msgspec.json.Decoder[Fields | list[Fields]] = msgspec.json.Decoder(Fields | list[Fields])


@dataclass(frozen=True, slots=True)
class WrappedEvent:
    """A batch event built from a request, and the id of the entity it is about."""

    entity_id: str
    event: Event


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """The events of `POST /api/public/scores`, in order. `is_list`: the body was an array."""

    events: tuple[WrappedEvent, ...]
    is_list: bool


def create_event(name: WrapperName, body: bytes, timestamp: str) -> WrappedEvent:
    """The batch event of `POST /api/public/{name}`; `timestamp` is when it came (ISO 8601, UTC).

    A missing id is generated. Raises InvalidRequestError when the body is no JSON object.
    """
    sent = _decoded(_object_decoder, body)
    if name == "generations":
        sent = _renamed(sent)
    return _wrapped(_CREATE_TYPES[name], sent, timestamp)


def update_event(name: Literal["spans", "generations"], body: bytes, timestamp: str) -> WrappedEvent:
    """The batch event of `PATCH /api/public/{name}`, whose body names its entity `spanId` or `generationId`.

    Raises InvalidRequestError when it does not, or the body is no JSON object.
    """
    type_, id_key = _UPDATE_TYPES[name]
    sent = _decoded(_object_decoder, body)
    if id_key not in sent:
        raise errors.InvalidRequestError("Invalid request data", [errors.FieldIssue((id_key,), "is required")])
    sent = {**sent, "id": sent.pop(id_key)}
    return _wrapped(type_, _renamed(sent) if name == "generations" else sent, timestamp)


def score_request(body: bytes, timestamp: str) -> ScoreRequest:
    """The batch events of one score or an array of scores; `timestamp` is when they came (ISO 8601, UTC).

    A missing or empty id is generated. Raises InvalidRequestError when the body is neither, and
    PayloadTooLargeError for an array over 1,000,000 bytes.
    """
    sent = _decoded(_scores_decoder, body)
    if isinstance(sent, dict):
        return ScoreRequest((_wrapped("score-create", sent, timestamp),), is_list=False)
    if len(body) > _MAX_LIST_BYTES:
        raise errors.PayloadTooLargeError(f"The scores have {len(body)} bytes, more than {_MAX_LIST_BYTES}")
    return ScoreRequest(tuple(_wrapped("score-create", score, timestamp) for score in sent), is_list=True)


def parse_score(body: bytes, context: BatchContext, timestamp: str) -> ParsedBatch:
    """What became of the score or scores of a `POST /api/public/scores`, by the rules of a batch.

    Raises as `score_request` and `parse_batch` do.
    """
    events = [wrapped.event for wrapped in score_request(body, timestamp).events]
    return ingestion.parse_batch(msgspec.json.encode({"batch": events}), context)


def _wrapped(type_: str, sent: Fields, timestamp: str) -> WrappedEvent:
    stated_id = bytes(sent.get("id", b""))
    if stated_id in _NO_ID:
        entity_id = ids.new_id()
        body: dict[str, object] = {**sent, "id": entity_id}
    else:
        entity_id = _text_or_empty(stated_id)
        body = {**sent}
    return WrappedEvent(entity_id, {"id": ids.new_id(), "timestamp": timestamp, "type": type_, "body": body})


def _text_or_empty(json: bytes) -> str:
    """The text, or nothing when it is none: then the rules of its event refuse it."""
    try:
        return msgspec.json.decode(json, type=str)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""


def _renamed(sent: Fields) -> Fields:
    """With the names generations have today; a new name wins over its old one."""
    old = {new: sent[key] for key, new in _OLD_GENERATION_KEYS.items() if key in sent}
    return {**old, **{key: value for key, value in sent.items() if key not in _OLD_GENERATION_KEYS}}


def _decoded(decoder: msgspec.json.Decoder[Sent], body: bytes) -> Sent:
    try:
        return decoder.decode(json_slices.without_lone_surrogates(body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise errors.InvalidRequestError("Invalid request data", [errors.FieldIssue((), str(error))]) from error
