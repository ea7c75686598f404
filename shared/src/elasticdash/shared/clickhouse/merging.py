"""What the worker reads and writes to merge: the event log, live traces, totals of a trace."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import ProjectDelete, ProjectQuery, parameter_sized
from elasticdash.shared.domain.events import EntityKind
from elasticdash.shared.domain.record import record
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.domain.traces import Trace

# Of a trace deleted through the API: no merge can exceed it, so late events never revive the trace.
TOMBSTONE_REVISION = 2**64 - 1
_POSITIONS_PER_QUERY = 2000


@record()
class LoggedEvent:
    """A row of the event log. `payload` is the encoded EntityEvent, `received_ms` since the epoch."""

    batch_key: str
    position: int
    payload: str
    received_ms: int


@record()
class LiveTrace:
    """The current row of a trace. `is_deleted` only where somebody deleted it, not where it ran empty."""

    revision: int
    is_deleted: bool
    created_at_ms: int
    metadata: Mapping[str, str]


@record()
class TraceVersions:
    """How much is known about a trace at most, and every time it was ever listed at."""

    revision: int
    timestamps_us: frozenset[int]


@dataclass(frozen=True, slots=True)
class LiveTexts:
    """Input and output of an observation as they are stored now."""

    input: str | None
    output: str | None


@record()
class TraceTotals:
    """Sums over the live observations of one trace. Costs are None when no observation has one.

    `weight` grows with everything that becomes known about the observations, deleted ones included. Without live
    observations the start is that of the deleted ones.
    """

    observation_count: int
    weight: int
    environment: str
    start_time_us: int
    end_time_us: int
    input_cost_usd: Decimal | None
    output_cost_usd: Decimal | None
    total_cost_usd: Decimal | None
    input_tokens: int
    output_tokens: int
    total_tokens: int
    error_count: int
    warning_count: int
    default_count: int
    debug_count: int
    models: Sequence[str]


def events_of(kind: EntityKind, entity_ids: Sequence[str], except_batches: Sequence[str]) -> ProjectQuery:
    """(entity_id, batch_key, position, payload, received_ms) of what other raw objects said about these entities."""
    return ProjectQuery(
        "merging_events_of",
        """
        SELECT entity_id, batch_key, position, payload, toUnixTimestamp64Milli(received_at)
        FROM event_log
        WHERE project_id = {project_id:String}
          AND entity_kind = {kind:String}
          AND entity_id IN {entity_ids:Array(String)}
          AND batch_key NOT IN {except_batches:Array(String)}
        LIMIT 1 BY entity_id, batch_key, position
        """,
        {"kind": kind.value, "entity_ids": entity_ids, "except_batches": except_batches},
    )


def live_traces(trace_ids: Sequence[str]) -> ProjectQuery:
    """The winning version of each trace: (id, revision, is_deleted, created_ms, metadata)."""
    return ProjectQuery(
        "merging_live_traces",
        """
        SELECT
            id,
            max(revision),
            argMax(is_deleted AND environment != '', revision),
            toUnixTimestamp64Milli(min(created_at)),
            argMax(metadata, revision)
        FROM traces
        WHERE project_id = {project_id:String} AND id IN {trace_ids:Array(String)}
        GROUP BY id
        """,
        {"trace_ids": trace_ids},
    )


def trace_versions(trace_ids: Sequence[str]) -> ProjectQuery:
    """(id, highest revision stored, every time it was ever listed at) of each trace."""
    return ProjectQuery(
        "merging_trace_versions",
        """
        SELECT id, max(revision), any(times)
        FROM traces
        INNER JOIN (
            SELECT trace_id, groupUniqArray(toUnixTimestamp64Micro(timestamp_us)) AS times
            FROM trace_times
            WHERE project_id = {project_id:String} AND trace_id IN {trace_ids:Array(String)}
            GROUP BY trace_id
        ) AS listed ON listed.trace_id = traces.id
        WHERE project_id = {project_id:String} AND id IN {trace_ids:Array(String)}
        GROUP BY id
        """,
        {"trace_ids": trace_ids},
    )


def live_texts(trace_ids: Sequence[str], observation_ids: Sequence[str]) -> ProjectQuery:
    """(trace_id, id, input, output) of the winning version of each of these observations in these traces."""
    return ProjectQuery(
        "merging_live_texts",
        """
        SELECT trace_id, id, input, output
        FROM observations
        WHERE project_id = {project_id:String}
          AND trace_id IN {trace_ids:Array(String)}
          AND id IN {observation_ids:Array(String)}
        ORDER BY revision DESC
        LIMIT 1 BY trace_id, id
        """,
        {"trace_ids": trace_ids, "observation_ids": observation_ids},
    )


def trace_totals(trace_ids: Sequence[str]) -> ProjectQuery:
    """Totals of each trace that has or had observations, each counted once, in its newest version."""
    return ProjectQuery(
        "merging_trace_totals",
        """
        SELECT
            trace_id,
            countIf(is_live),
            sum(toUInt128(bitShiftRight(revision, 10))),
            argMinIf(environment, (start_time_us, id), is_live),
            toUnixTimestamp64Micro(if(countIf(is_live) = 0, min(start_time_us), minIf(start_time_us, is_live))),
            toUnixTimestamp64Micro(maxIf(ifNull(end_time_us, start_time_us), is_live)),
            sumOrNullIf(
                arraySum(mapValues(mapFilter((k, v) -> k LIKE '%input%', cost_details))),
                is_live AND notEmpty(cost_details)
            ),
            sumOrNullIf(
                arraySum(mapValues(mapFilter((k, v) -> k LIKE '%output%', cost_details))),
                is_live AND notEmpty(cost_details)
            ),
            sumOrNullIf(total_cost, is_live),
            sumIf(arraySum(mapValues(mapFilter((k, v) -> k LIKE '%input%', usage_details))), is_live),
            sumIf(arraySum(mapValues(mapFilter((k, v) -> k LIKE '%output%', usage_details))), is_live),
            sumIf(usage_details['total'], is_live),
            countIf(level = 'ERROR' AND is_live),
            countIf(level = 'WARNING' AND is_live),
            countIf(level = 'DEFAULT' AND is_live),
            countIf(level = 'DEBUG' AND is_live),
            arraySort(
                groupUniqArrayIf(assumeNotNull(provided_model_name), provided_model_name IS NOT NULL AND is_live)
            )
        FROM
        (
            SELECT
                trace_id, id, revision, is_deleted = 0 AS is_live, environment, start_time_us, end_time_us,
                cost_details, total_cost, usage_details, level, provided_model_name
            FROM observations
            WHERE project_id = {project_id:String} AND trace_id IN {trace_ids:Array(String)}
            ORDER BY revision DESC
            LIMIT 1 BY trace_id, id
        )
        GROUP BY trace_id
        """,
        {"trace_ids": trace_ids},
    )


async def fetch_events(
    clickhouse: ClickHouse,
    scope: ProjectScope,
    kind: EntityKind,
    entity_ids: Sequence[str],
    except_batches: Sequence[str],
) -> dict[str, list[LoggedEvent]]:
    """Log rows of these entities that other raw objects wrote, by entity id; entities without any are absent."""
    found: dict[str, list[LoggedEvent]] = {}
    for ids in parameter_sized(entity_ids):
        for entity_id, *row in await clickhouse.fetch_tuples(scope, events_of(kind, ids, except_batches)):
            found.setdefault(entity_id, []).append(LoggedEvent(*row))
    return found


async def fetch_live_traces(
    clickhouse: ClickHouse, scope: ProjectScope, trace_ids: Sequence[str]
) -> dict[str, LiveTrace]:
    """Current rows by trace id; unknown ids are absent."""
    found: dict[str, LiveTrace] = {}
    for ids in parameter_sized(trace_ids):
        for trace_id, revision, deleted, created_ms, metadata in await clickhouse.fetch_tuples(scope, live_traces(ids)):
            found[trace_id] = LiveTrace(revision, bool(deleted), created_ms, metadata)
    return found


async def fetch_trace_versions(
    clickhouse: ClickHouse, scope: ProjectScope, trace_ids: Sequence[str]
) -> dict[str, TraceVersions]:
    """Revision and times of each stored trace by its id; unknown ids are absent."""
    found: dict[str, TraceVersions] = {}
    for ids in parameter_sized(trace_ids):
        for trace_id, revision, times_us in await clickhouse.fetch_tuples(scope, trace_versions(ids)):
            found[trace_id] = TraceVersions(revision, frozenset(times_us))
    return found


async def fetch_live_texts(
    clickhouse: ClickHouse, scope: ProjectScope, places: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], LiveTexts]:
    """Current texts by (trace id, observation id); what is not stored is absent."""
    found: dict[tuple[str, str], LiveTexts] = {}
    for chunk in parameter_sized(places, lambda place: max(place, key=len)):
        query = live_texts(sorted({trace_id for trace_id, _ in chunk}), [id_ for _, id_ in chunk])
        for trace_id, id_, *texts in await clickhouse.fetch_tuples(scope, query):
            found[trace_id, id_] = LiveTexts(*texts)
    return found


async def fetch_trace_totals(
    clickhouse: ClickHouse, scope: ProjectScope, trace_ids: Sequence[str]
) -> dict[str, TraceTotals]:
    """Totals by trace id; traces that never had observations are absent."""
    found: dict[str, TraceTotals] = {}
    for ids in parameter_sized(trace_ids):
        for trace_id, *row in await clickhouse.fetch_tuples(scope, trace_totals(ids)):
            found[trace_id] = TraceTotals(*row)
    return found


async def insert_events(clickhouse: ClickHouse, rows: Sequence[tuple[str, str, str, LoggedEvent]]) -> None:
    """Append to the event log: each row is (project id, entity kind, entity id, event)."""
    if not rows:
        return
    await clickhouse.insert(
        "event_log",
        ["project_id", "entity_kind", "entity_id", "batch_key", "position", "payload", "received_at"],
        [
            [project_id for project_id, _, _, _ in rows],
            [kind for _, kind, _, _ in rows],
            [entity_id for _, _, entity_id, _ in rows],
            [event.batch_key for _, _, _, event in rows],
            [event.position for _, _, _, event in rows],
            [event.payload for _, _, _, event in rows],
            [event.received_ms for _, _, _, event in rows],
        ],
    )


# What the engine refused may be in the log already, where it would spoil every later fold of its entity.
_FORGET = ProjectDelete("event_log", "batch_key = {batch_key:String} AND position IN {positions:Array(UInt32)}")


async def delete_events(clickhouse: ClickHouse, scope: ProjectScope, batch_key: str, positions: Sequence[int]) -> None:
    """Take statements of one raw object back out of the event log."""
    for start in range(0, len(positions), _POSITIONS_PER_QUERY):
        chunk = positions[start : start + _POSITIONS_PER_QUERY]
        await clickhouse.delete(scope, _FORGET, {"batch_key": batch_key, "positions": chunk})


@record()
class TraceListRow:
    """A row of the trace list at one timestamp; `is_deleted` takes an earlier one away."""

    trace: Trace
    timestamp_us: int
    totals: TraceTotals | None
    is_deleted: bool


_LIST_COLUMNS: Sequence[tuple[str, Callable[[TraceListRow], Any]]] = (
    ("project_id", lambda r: r.trace.project_id),
    ("timestamp_us", lambda r: r.timestamp_us),
    ("trace_id", lambda r: r.trace.id),
    ("name", lambda r: r.trace.name),
    ("user_id", lambda r: r.trace.user_id),
    ("session_id", lambda r: r.trace.session_id),
    ("release", lambda r: r.trace.release),
    ("version", lambda r: r.trace.version),
    ("environment", lambda r: r.trace.environment),
    ("public", lambda r: r.trace.is_public),
    ("bookmarked", lambda r: r.trace.is_bookmarked),
    ("tags", lambda r: r.trace.tags),
    ("metadata", lambda r: r.trace.metadata),
    ("observation_count", lambda r: r.totals.observation_count if r.totals else 0),
    ("start_time_us", lambda r: r.totals.start_time_us if r.totals else None),
    ("end_time_us", lambda r: r.totals.end_time_us if r.totals else None),
    ("input_cost", lambda r: r.totals.input_cost_usd if r.totals else None),
    ("output_cost", lambda r: r.totals.output_cost_usd if r.totals else None),
    ("total_cost", lambda r: r.totals.total_cost_usd if r.totals else None),
    ("input_tokens", lambda r: r.totals.input_tokens if r.totals else 0),
    ("output_tokens", lambda r: r.totals.output_tokens if r.totals else 0),
    ("total_tokens", lambda r: r.totals.total_tokens if r.totals else 0),
    ("error_count", lambda r: r.totals.error_count if r.totals else 0),
    ("warning_count", lambda r: r.totals.warning_count if r.totals else 0),
    ("default_count", lambda r: r.totals.default_count if r.totals else 0),
    ("debug_count", lambda r: r.totals.debug_count if r.totals else 0),
    ("models", lambda r: r.totals.models if r.totals else ()),
    ("is_deleted", lambda r: int(r.is_deleted)),
    ("revision", lambda r: r.trace.revision),
)


async def insert_trace_list_rows(clickhouse: ClickHouse, rows: Sequence[TraceListRow]) -> None:
    """Store rows of the trace list."""
    if not rows:
        return
    names = [name for name, _ in _LIST_COLUMNS]
    await clickhouse.insert("traces_by_time", names, [[read(row) for row in rows] for _, read in _LIST_COLUMNS])


async def insert_processed_batches(clickhouse: ClickHouse, keys: Sequence[str], now_ms: int) -> None:
    """Mark raw objects as done: all their rows are stored."""
    await clickhouse.insert("processed_batches", ["batch_key", "processed_at"], [list(keys), [now_ms] * len(keys)])
