"""Builds batch events and reads them, for tests of parsing and merging."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from elasticdash.shared.domain import merge
from elasticdash.shared.domain.events import EntityEvent
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.pricing import Priced, PricingInput
from elasticdash.shared.domain.scores import Score
from elasticdash.shared.domain.traces import Trace
from elasticdash.shared.ids import ObservationId, ProjectId, ScoreId, TraceId
from elasticdash.shared.schemas import ingestion
from elasticdash.shared.schemas.ingestion import BatchContext, EventFailure, ParsedBatch

T0 = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
T0_US = int(T0.timestamp()) * 1_000_000
PROJECT = ProjectId("p1")
CONTEXT = BatchContext(project_id=PROJECT)


def at(seconds: float = 0) -> str:
    """T plus some seconds, as events write it."""
    return (T0 + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def make_event(type_: str, seconds: float, body: Mapping[str, Any], **envelope: Any) -> dict[str, Any]:
    """An envelope at T plus `seconds`."""
    return {"id": "e1", "timestamp": at(seconds), "type": type_, "body": body, **envelope}


def parse(*events: Any, context: BatchContext = CONTEXT) -> ParsedBatch:
    """One batch of these events."""
    return ingestion.parse_batch(msgspec.json.encode({"batch": events}), context)


def accept(*events: Any, context: BatchContext = CONTEXT) -> Sequence[EntityEvent]:
    """What the events say; every one must be accepted."""
    parsed = parse(*events, context=context)
    assert parsed.failures == []
    return [accepted.event for accepted in parsed.accepted]


def refuse(event: Any, context: BatchContext = CONTEXT) -> EventFailure:
    """Why the event was refused; it must be."""
    parsed = parse(event, context=context)
    assert parsed.accepted == []
    (failure,) = parsed.failures
    return failure


def unpriced(stated: PricingInput) -> Priced:
    """Usage and cost as the sender stated them, with the sum as the total."""
    return Priced(
        model_id=None,
        usage=stated.provided_usage,
        cost_usd=stated.provided_cost_usd,
        total_cost_usd=sum(stated.provided_cost_usd.values(), Decimal(0)),
        pricing_tier_id=None,
        pricing_tier_name=None,
    )


def trace_of(*events: Any) -> Trace:
    """The trace that accepted batch events give."""
    return merge.fold_trace(PROJECT, TraceId("t"), accept(*events))


def observation_of(*events: Any) -> Observation:
    """The observation that accepted batch events give, not priced."""
    return merge.fold_observation(PROJECT, ObservationId("o"), accept(*events), unpriced)


def score_of(*events: Any, context: BatchContext = CONTEXT) -> Score:
    """The score that accepted batch events give."""
    return merge.fold_score(PROJECT, ScoreId("s"), accept(*events, context=context))
