"""Reads a batch of events: what each says about its entity, or why it was refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from elasticdash.shared import errors, ids
from elasticdash.shared.domain import score_rules
from elasticdash.shared.domain.events import EntityEvent, EntityKind
from elasticdash.shared.domain.score_rules import ScoreCategory, ScoreConfigRule
from elasticdash.shared.schemas import ingestion_bodies as bodies
from elasticdash.shared.schemas import ingestion_statements, json_slices
from elasticdash.shared.schemas.ingestion_statements import Explicit

__all__ = [
    "AcceptedEvent",
    "BatchContext",
    "BatchLimits",
    "EntityEvent",
    "EventFailure",
    "ParsedBatch",
    "ScoreCategory",
    "ScoreConfigRule",
    "SdkLog",
    "parse_batch",
    "referenced_score_config_ids",
]

_INVALID = "Invalid request data"
_UNKNOWN_ID = "unknown"
_CONFIG_ID = re.compile(rb'"configId"\s*:\s*("(?:[^"\\]|\\.)*")')
_REFUSALS = (msgspec.MsgspecError, errors.InvalidRequestError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """Bounds of one batch, and of each of its events: `max_depth` levels of JSON, keys of one map at all levels."""

    max_bytes: int = 64 * 1024 * 1024
    max_events: int = 100_000
    max_depth: int = 128
    max_metadata_keys: int = 1_000


@dataclass(frozen=True, slots=True)
class BatchContext:
    """All that, besides its bytes, decides what a batch says. `score_configs` by id."""

    project_id: str
    can_write_traces: bool = True
    score_configs: Mapping[str, ScoreConfigRule] = field(default_factory=dict[str, ScoreConfigRule])
    limits: BatchLimits = field(default_factory=BatchLimits)


class AcceptedEvent(msgspec.Struct, frozen=True, gc=False):
    """A valid event: its place in the batch, the id it is reported under, and what it says."""

    position: int
    envelope_id: str
    event: EntityEvent


@dataclass(frozen=True, slots=True)
class EventFailure:
    """A refused event. `id` is "unknown" where it has none; `error` names the field and the rule."""

    position: int
    id: str
    status: int
    message: str
    error: str


@dataclass(frozen=True, slots=True)
class SdkLog:
    """What an SDK wants logged, as JSON text; reported neither as success nor as failure."""

    position: int
    envelope_id: str
    log: str


@dataclass(slots=True)
class ParsedBatch:
    """What became of each event, each list in the order of the batch."""

    accepted: list[AcceptedEvent] = field(default_factory=list[AcceptedEvent])
    failures: list[EventFailure] = field(default_factory=list[EventFailure])
    sdk_logs: list[SdkLog] = field(default_factory=list[SdkLog])


class _Batch(msgspec.Struct, gc=False):
    batch: list[msgspec.Raw]


@dataclass(frozen=True, slots=True)
class _EventType:
    """How events of one type are read. Without `kind` it says nothing about an entity."""

    body: msgspec.json.Decoder[msgspec.Struct]
    kind: EntityKind | None
    observation_type: str | None = None
    is_create: bool = True


class _Envelope(msgspec.Struct):
    id: str
    time_us: int
    type: _EventType
    body: bytes


class _NotPermittedError(errors.ElasticDashError):
    """The key may not send events of this type."""


def _observation_types() -> dict[str, _EventType]:
    generation = msgspec.json.Decoder[msgspec.Struct](bodies.GenerationBody)
    span = msgspec.json.Decoder[msgspec.Struct](bodies.SpanBody)
    old = msgspec.json.Decoder[msgspec.Struct](bodies.ObservationBody)
    types = {
        "event-create": _EventType(
            msgspec.json.Decoder[msgspec.Struct](bodies.EventBody), EntityKind.OBSERVATION, "EVENT"
        ),
        "observation-create": _EventType(old, EntityKind.OBSERVATION),
        "observation-update": _EventType(old, EntityKind.OBSERVATION, is_create=False),
    }
    for name, body in (("span", span), ("generation", generation)):
        for action in ("create", "update"):
            types[f"{name}-{action}"] = _EventType(body, EntityKind.OBSERVATION, name.upper(), action == "create")
    for name in ("agent", "tool", "chain", "retriever", "evaluator", "embedding", "guardrail"):
        types[f"{name}-create"] = _EventType(generation, EntityKind.OBSERVATION, name.upper())
    return types


_EVENT_TYPES: Mapping[str, _EventType] = {
    "trace-create": _EventType(msgspec.json.Decoder[msgspec.Struct](bodies.TraceBody), EntityKind.TRACE),
    "score-create": _EventType(msgspec.json.Decoder[msgspec.Struct](bodies.ScoreBody), EntityKind.SCORE),
    "sdk-log": _EventType(msgspec.json.Decoder[msgspec.Struct](bodies.LogBody), None),
    **_observation_types(),
}
_batch_decoder = msgspec.json.Decoder(_Batch)
_envelope_decoder = msgspec.json.Decoder(bodies.Envelope)
_envelope_id_decoder = msgspec.json.Decoder(bodies.EnvelopeId)


def parse_batch(body: bytes, context: BatchContext) -> ParsedBatch:
    """What became of each event of the batch; the same for the same body and context.

    Raises PayloadTooLargeError over a limit of the whole, InvalidRequestError for what is no batch.
    """
    limits = context.limits
    if len(body) > limits.max_bytes:
        raise errors.PayloadTooLargeError(f"The batch has {len(body)} bytes, more than {limits.max_bytes}")
    elements = _elements(body)
    if len(elements) > limits.max_events:
        raise errors.PayloadTooLargeError(f"The batch has {len(elements)} events, more than {limits.max_events}")
    parsed = ParsedBatch()
    for position, element in enumerate(elements):
        json = bytes(element)
        try:
            _read_event(position, json, context, parsed)
        except _NotPermittedError as error:
            parsed.failures.append(
                EventFailure(position, _id_of(json), 401, "Authentication error", str(error)),
            )
        except _REFUSALS as error:
            parsed.failures.append(EventFailure(position, _id_of(json), 400, _INVALID, _explained(error)))
    return parsed


def referenced_score_config_ids(body: bytes) -> set[str]:
    """Ids of score configurations that a body may refer to: at least those its scores name."""
    found: set[str] = set()
    for match in _CONFIG_ID.finditer(body):
        try:
            found.add(msgspec.json.decode(match[1], type=str))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
    return found


def _elements(body: bytes) -> Sequence[bytes | msgspec.Raw]:
    """The events as slices of JSON. What makes a parser refuse the whole body is left in its own event."""
    try:
        return _batch_decoder.decode(body).batch
    except RecursionError:
        return json_slices.batch_elements(json_slices.without_lone_surrogates(body))
    except msgspec.ValidationError as error:
        raise errors.InvalidRequestError(_INVALID, [errors.FieldIssue(("batch",), str(error))]) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        repaired = json_slices.without_lone_surrogates(body)
        if repaired != body:
            return _elements(repaired)
        if b"NaN" in body or b"Infinity" in body:
            return json_slices.batch_elements(body)
        raise errors.InvalidRequestError(_INVALID, [errors.FieldIssue((), f"The body is no JSON: {error}")]) from error


def _read_event(position: int, json: bytes, context: BatchContext, into: ParsedBatch) -> None:
    envelope = _envelope(json, context)
    body = _body(envelope)
    if isinstance(body, bodies.LogBody):
        into.sdk_logs.append(SdkLog(position, envelope.id, bytes(body.log).decode()))
        return
    explicit = ingestion_statements.explicit_of(body, context.limits.max_metadata_keys)
    if isinstance(body, bodies.ScoreBody):
        _state_score(body, explicit, context.score_configs)
    elif envelope.type.observation_type is not None:
        explicit["type"] = envelope.type.observation_type
    into.accepted.append(AcceptedEvent(position, envelope.id, _entity_event(envelope, body, explicit, context)))


def _entity_event(envelope: _Envelope, body: msgspec.Struct, explicit: Explicit, context: BatchContext) -> EntityEvent:
    sent_id: str | None = getattr(body, "id", None) or None
    # A body without an id gets one that a resend of the same event gets too.
    entity_id = sent_id or ids.derived_id(context.project_id, envelope.id, envelope.body.hex())
    kind = envelope.type.kind or EntityKind.TRACE
    return EntityEvent(kind, entity_id, envelope.time_us, envelope.type.is_create, explicit)


def _envelope(json: bytes, context: BatchContext) -> _Envelope:
    json_slices.check_depth(json, context.limits.max_depth)
    sent = _envelope_decoder.decode(json)
    event_type = _EVENT_TYPES.get(sent.type)
    if event_type is None:
        raise _broken("type", f"{sent.type!r} is no event type")
    if not context.can_write_traces and event_type.kind not in (EntityKind.SCORE, None):
        raise _NotPermittedError(f"This key may not send {sent.type!r} events")
    try:
        time_us = ingestion_statements.time_us(sent.timestamp)
    except errors.InvalidRequestError as error:
        raise _broken("timestamp", str(error)) from error
    return _Envelope(sent.id, time_us, event_type, bytes(sent.body))


def _body(envelope: _Envelope) -> msgspec.Struct:
    try:
        return envelope.type.body.decode(envelope.body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        place = str(error).partition(ingestion_statements.PLACE)[2]
        raise _broken(f"body{place.rstrip('`')}", ingestion_statements.rule_text(error)) from error


def _state_score(body: bodies.ScoreBody, explicit: Explicit, configs: Mapping[str, ScoreConfigRule]) -> None:
    statement = ingestion_statements.score_statement(body)
    score = score_rules.typed_score(statement, configs)
    explicit["name"] = score.name
    explicit["data_type"] = score.data_type.value
    explicit["value"] = score.value
    explicit["string_value"] = score.string_value
    explicit["long_string_value"] = score.long_string_value
    explicit["source"] = statement.source


def _id_of(json: bytes) -> str:
    try:
        return _envelope_id_decoder.decode(json).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _UNKNOWN_ID


def _explained(error: Exception) -> str:
    if isinstance(error, errors.InvalidRequestError) and error.issues:
        return "; ".join(f"{'.'.join(map(str, issue.path))}: {issue.message}" for issue in error.issues)
    return ingestion_statements.rule_text(error)


def _broken(field_name: str, rule: str) -> errors.InvalidRequestError:
    return errors.InvalidRequestError(_INVALID, [errors.FieldIssue((field_name,), rule)])
