"""Turns a raw object back into observations and events, with the rules that accepted it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from elasticdash.shared import compression
from elasticdash.shared.clickhouse.write import Attribution
from elasticdash.shared.domain.events import EntityEvent
from elasticdash.shared.domain.pricing import Pricer
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.otel import decode as otel_decode
from elasticdash.shared.otel import mapping
from elasticdash.shared.schemas import ingestion, raw_batch
from elasticdash.shared.schemas.raw_batch import RawBatch
from elasticdash.worker.ingestion.decoded import DecodedObject, PositionedEvent, PositionedObservation, Sent

# The body was accepted within the web's limits; this only stops a corrupt object from filling memory.
_MAX_UNPACKED_BYTES = 1 << 30


@dataclass(slots=True)
class _Collected:
    observations: list[PositionedObservation] = field(default_factory=list[PositionedObservation])
    events: list[PositionedEvent] = field(default_factory=list[PositionedEvent])
    size_bytes: int = 0


def decode_object(key: str, data: bytes, price: Pricer) -> DecodedObject:
    """All that a raw object says. Deterministic: the same bytes and prices give the same result.

    Raises CorruptRawBatchError or InvalidRequestError when the object cannot have been written by us.
    """
    batches = list(raw_batch.decode(data))
    if not batches:
        raise raw_batch.CorruptRawBatchError(f"Raw object {key!r} is empty")
    collected = _Collected()
    for batch in batches:
        if batch.header.kind == "otlp":
            _decode_export(batch, price, collected)
        else:
            _decode_batch(batch, collected)
    scope = ProjectScope(ProjectId(batches[0].header.project_id))
    return DecodedObject(key, scope, collected.observations, collected.events, size_bytes=collected.size_bytes)


def project_of(data: bytes) -> ProjectScope:
    """Whose object this is, from its first header."""
    return ProjectScope(ProjectId(next(raw_batch.decode(data)).header.project_id))


def _decode_export(batch: RawBatch, price: Pricer, into: _Collected) -> None:
    header = batch.header
    limits = msgspec.convert(header.limits, otel_decode.DecodeLimits)
    export = otel_decode.decode_export(_body(batch, into), header.content_type, limits)
    mapped = mapping.map_export(
        export,
        mapping.MappingContext(
            project_id=ProjectId(header.project_id),
            sdk_name=header.sdk_name,
            sdk_version=header.sdk_version,
            received_time_us=header.received_us,
        ),
        price,
    )
    sent = _sent(batch)
    start = len(into.observations)
    into.observations += [
        PositionedObservation(start + index, observation, sent) for index, observation in enumerate(mapped.observations)
    ]
    _append_events(into, mapped.trace_events, sent)


def _decode_batch(batch: RawBatch, into: _Collected) -> None:
    header = batch.header
    context = ingestion.BatchContext(
        project_id=header.project_id,
        can_write_traces=header.can_write_traces,
        score_configs=msgspec.convert(header.score_configs, dict[str, ingestion.ScoreConfigRule]),
        limits=msgspec.convert(header.limits, ingestion.BatchLimits),
    )
    parsed = ingestion.parse_batch(_body(batch, into), context)
    _append_events(into, [accepted.event for accepted in parsed.accepted], _sent(batch))


def _append_events(into: _Collected, events: Sequence[EntityEvent], sent: Sent) -> None:
    start = len(into.events)
    into.events += [PositionedEvent(start + index, event, sent) for index, event in enumerate(events)]


def _body(batch: RawBatch, into: _Collected) -> bytes:
    body = compression.unpack(batch.body, batch.header.content_encoding, _MAX_UNPACKED_BYTES)
    into.size_bytes += len(body)
    return body


def _sent(batch: RawBatch) -> Sent:
    header = batch.header
    return Sent(Attribution(header.api_key, header.sdk_name, header.sdk_version), header.received_us // 1000)
