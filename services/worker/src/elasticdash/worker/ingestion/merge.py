"""Folds everything known about the touched entities into their rows; pure."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from elasticdash.shared import ids
from elasticdash.shared.clickhouse.merging import LiveTrace, MovedObservation, TraceListRow, TraceTotals
from elasticdash.shared.clickhouse.write import Stamp
from elasticdash.shared.domain import merge
from elasticdash.shared.domain.events import EntityEvent, EntityKind
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.domain.traces import Trace

_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class MergedTrace:
    """A trace's row, its stamp, and its rows in the trace list (the current one, then those taken away)."""

    trace: Trace
    stamp: Stamp
    list_rows: Sequence[TraceListRow]


def merge_trace(
    scope: ProjectScope,
    trace_id: str,
    events: Sequence[EntityEvent],
    totals: TraceTotals | None,
    live: LiveTrace | None,
    now_ms: int,
) -> MergedTrace:
    """The row of one trace from its events, the totals of its observations and its present row.

    What the ElasticDash Backend wrote to the present row survives: foreign metadata keys and is_deleted.
    The revision counts all statements known about the trace, so whoever saw more wins.
    """
    known = [*events, _statement_of(trace_id, totals)] if totals else list(events)
    folded = merge.fold_trace(scope.project_id, ids.TraceId(trace_id), known)
    statements = len(events) + (totals.event_count if totals else 0)
    metadata = {**live.metadata, **folded.metadata} if live else folded.metadata
    trace = dataclasses.replace(folded, metadata=metadata, revision=statements)
    is_deleted = live.is_deleted if live else False
    stamp = Stamp(live.created_at_ms if live else now_ms, now_ms, is_deleted)
    rows = [TraceListRow(trace, trace.timestamp_us, totals, is_deleted)]
    earlier = live.timestamps_us - {trace.timestamp_us} if live else frozenset[int]()
    rows += [TraceListRow(trace, timestamp_us, None, True) for timestamp_us in sorted(earlier)]
    return MergedTrace(trace, stamp, rows)


def moved_times(observation: Observation, events: Iterable[EntityEvent]) -> list[MovedObservation]:
    """Every minute at which some part of these events would have listed the observation, but the final one."""
    minutes = {_start_said_by(event) // _MINUTE_US for event in events} - {observation.start_time_us // _MINUTE_US}
    return [
        MovedObservation(
            observation.project_id, observation.trace_id, observation.id, minute * _MINUTE_US, observation.revision
        )
        for minute in sorted(minutes)
    ]


def trace_ids_said_by(events: Iterable[EntityEvent]) -> set[str]:
    """Traces that events are about, or that their observations or scores belong to."""
    found: set[str] = set()
    for event in events:
        trace_id = event.entity_id if event.kind is EntityKind.TRACE else event.explicit.get("trace_id")
        if isinstance(trace_id, str) and event.kind is not EntityKind.SCORE:
            found.add(trace_id)
    return found


def _start_said_by(event: EntityEvent) -> int:
    start = event.explicit.get("start_time_us")
    return start if isinstance(start, int) else event.time_us


def _statement_of(trace_id: str, totals: TraceTotals) -> EntityEvent:
    """What the observations alone say about their trace: when it began and where."""
    derived: Mapping[str, int | str] = {"timestamp_us": totals.start_time_us, "environment": totals.environment}
    return EntityEvent(EntityKind.TRACE, trace_id, totals.start_time_us, False, {}, derived, derived_rank=-1)
