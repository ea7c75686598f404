"""Folds everything known about the touched entities into their rows; pure."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from elasticdash.shared import ids
from elasticdash.shared.clickhouse.merging import (
    TOMBSTONE_REVISION,
    LiveTexts,
    LiveTrace,
    TraceListRow,
    TraceTotals,
    TraceVersions,
)
from elasticdash.shared.clickhouse.observation_times import MINUTE_US, MovedObservation
from elasticdash.shared.clickhouse.write import Stamp
from elasticdash.shared.domain import merge
from elasticdash.shared.domain.events import EntityEvent, EntityKind
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.record import record
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.domain.traces import Trace

# Above the milliseconds that an observation's revision holds beside its number of events.
_STATEMENT_SHIFT = 42
# The Backend takes these for an observation without a text, and writes one.
_NO_TEXT = (None, "", "{}")


@record()
class MergedTrace:
    """A trace's row, its stamp, and the totals of its observations."""

    trace: Trace
    stamp: Stamp
    totals: TraceTotals | None


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
    A trace whose observations all went to other traces, and of which nothing else is known, becomes a deleted row.
    The revision is higher than that of any part of these statements, so whoever saw more wins.
    """
    has_observations = totals is not None and totals.observation_count > 0
    known = [*events, _statement_of(trace_id, totals)] if totals and (has_observations or not events) else list(events)
    folded = merge.fold_trace(scope.project_id, ids.TraceId(trace_id), known)
    is_empty = not events and not has_observations
    trace = dataclasses.replace(
        folded,
        # Tells a trace that ran empty from one that somebody deleted: only the first may come back.
        environment="" if is_empty else folded.environment,
        metadata={**live.metadata, **folded.metadata} if live else folded.metadata,
        revision=_revision(len(events), totals.weight if totals else 0),
    )
    is_deleted = is_empty or (live is not None and live.is_deleted)
    stamp = Stamp(live.created_at_ms if live else now_ms, now_ms, is_deleted)
    return MergedTrace(trace, stamp, totals if has_observations else None)


def list_rows(merged: MergedTrace, versions: TraceVersions) -> list[TraceListRow]:
    """The trace's rows in the trace list: the current one, then those to take away from other times.

    Empty when somebody who knew more has stored the trace meanwhile: the rows are theirs to write.
    """
    trace = merged.trace
    if versions.revision > trace.revision:
        return []
    rows = [TraceListRow(trace, trace.timestamp_us, merged.totals, merged.stamp.is_deleted)]
    earlier = versions.timestamps_us - {trace.timestamp_us}
    return rows + [TraceListRow(trace, timestamp_us, None, True) for timestamp_us in sorted(earlier)]


def left_traces(observation: Observation, events: Iterable[EntityEvent]) -> list[Observation]:
    """The observation without its texts, in every trace that some part of these events would have put it into."""
    derived = merge.derived_trace_id(observation.project_id, observation.id)
    traces = {_trace_said_by(event) or derived for event in events} - {observation.trace_id}
    return [
        dataclasses.replace(observation, trace_id=ids.TraceId(trace_id), input=None, output=None, metadata={})
        for trace_id in sorted(traces)
    ]


def moved_times(observation: Observation, events: Iterable[EntityEvent]) -> list[MovedObservation]:
    """Every minute at which some part of these events would have listed the observation, but the final one."""
    minutes = {_start_said_by(event) // MINUTE_US for event in events} - {observation.start_time_us // MINUTE_US}
    return [
        MovedObservation(
            observation.project_id, observation.trace_id, observation.id, minute * MINUTE_US, observation.revision
        )
        for minute in sorted(minutes)
    ]


def lacks_text(observation: Observation) -> bool:
    """Whether the Backend may have written the input or output that no event states."""
    return observation.input in _NO_TEXT or observation.output in _NO_TEXT


def with_foreign_texts(observation: Observation, live: LiveTexts, events: Iterable[EntityEvent]) -> Observation:
    """The observation with what the Backend wrote where the events leave nothing: a text that none of them states."""
    stated = [event.explicit.get(column) for event in events for column in ("input", "output")]
    found: dict[str, str] = {}
    if observation.input in _NO_TEXT and live.input not in _NO_TEXT and live.input not in stated:
        found["input"] = live.input or ""
    if observation.output in _NO_TEXT and live.output not in _NO_TEXT and live.output not in stated:
        found["output"] = live.output or ""
    return dataclasses.replace(observation, **found) if found else observation


def trace_ids_said_by(events: Iterable[EntityEvent]) -> set[str]:
    """Traces that events are about, or that their observations belong to."""
    found = {_trace_said_by(event) for event in events if event.kind is not EntityKind.SCORE}
    return {trace_id for trace_id in found if trace_id is not None}


def mentioned_traces(events: Iterable[EntityEvent]) -> set[str]:
    """Traces that events are about, or that their observations or scores belong to."""
    return {trace_id for event in events if (trace_id := _trace_said_by(event)) is not None}


def _trace_said_by(event: EntityEvent) -> str | None:
    trace_id = event.entity_id if event.kind is EntityKind.TRACE else event.explicit.get("trace_id")
    return trace_id if isinstance(trace_id, str) else None


def _start_said_by(event: EntityEvent) -> int:
    start = event.explicit.get("start_time_us")
    return start if isinstance(start, int) else event.time_us


def _statement_of(trace_id: str, totals: TraceTotals) -> EntityEvent:
    """What the observations alone say about their trace: when it began and where."""
    derived: Mapping[str, int | str] = {"timestamp_us": totals.start_time_us, "environment": totals.environment}
    return EntityEvent(EntityKind.TRACE, trace_id, totals.start_time_us, False, {}, derived, derived_rank=-1)


def _revision(event_count: int, weight: int) -> int:
    return min((event_count << _STATEMENT_SHIFT) + weight, TOMBSTONE_REVISION - 1)
