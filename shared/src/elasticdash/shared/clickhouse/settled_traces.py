"""Which traces nothing was added to for a while, and which of them somebody was told about."""

from collections.abc import Sequence
from dataclasses import dataclass

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.domain.record import record

# What was added to a trace always raises its revision: the same events stored again are no news, nor is what the
# Backend writes. Tries are later than the update they are about, so those before `since` are about other updates.
_DUE = """
SELECT
    candidate.project_id AS project_id, candidate.trace_id AS trace_id, candidate.latest AS revision,
    toUnixTimestamp64Milli(candidate.changed_at) AS updated_ms,
    if(tried.latest = candidate.latest, tried.attempts, 0) AS attempts
FROM (
    SELECT
        project_id, id AS trace_id, max(revision) AS latest,
        argMax(updated_at, (revision, updated_at)) AS changed_at, argMax(is_deleted, (revision, updated_at)) AS is_gone
    FROM traces
    WHERE updated_at >= fromUnixTimestamp64Milli({since_ms:Int64})
    GROUP BY project_id, id
    HAVING is_gone = 0 AND changed_at <= fromUnixTimestamp64Milli({until_ms:Int64})
) AS candidate
LEFT JOIN (
    SELECT
        project_id, trace_id, max(revision) AS latest, argMax(attempt, (revision, attempt)) AS attempts,
        argMax(is_done, (revision, attempt)) AS is_over, argMax(due_at, (revision, attempt)) AS next_at
    FROM settled_traces
    WHERE tried_at >= fromUnixTimestamp64Milli({since_ms:Int64})
    GROUP BY project_id, trace_id
) AS tried ON tried.project_id = candidate.project_id AND tried.trace_id = candidate.trace_id
WHERE tried.latest < candidate.latest
    OR (tried.latest = candidate.latest AND NOT tried.is_over
        AND tried.next_at <= fromUnixTimestamp64Milli({now_ms:Int64}))
ORDER BY candidate.changed_at, project_id, trace_id
LIMIT {limit:UInt32}
"""


@dataclass(frozen=True, slots=True)
class Window:
    """Traces last added to from `since_ms` to `until_ms`, and the present, in milliseconds since the epoch."""

    since_ms: int
    until_ms: int
    now_ms: int


@record()
class SettledTrace:
    """A trace as it settled, and how often it was announced in vain since."""

    project_id: str
    trace_id: str
    revision: int
    updated_ms: int
    attempts: int


@record()
class Try:
    """One try to announce a trace. `due_ms` is when to try again, unless it is done."""

    trace: SettledTrace
    is_done: bool
    tried_ms: int
    due_ms: int


async def fetch_due(clickhouse: ClickHouse, window: Window, limit: int) -> Sequence[SettledTrace]:
    """Settled traces to announce now, of all projects, those that settled first before others."""
    parameters = {
        "since_ms": window.since_ms,
        "until_ms": window.until_ms,
        "now_ms": window.now_ms,
        "limit": limit,
    }
    rows = await clickhouse.fetch_system(SystemStatement("settled_traces", _DUE, parameters))
    return [SettledTrace(**row) for row in rows]


async def insert_tries(clickhouse: ClickHouse, tries: Sequence[Try]) -> None:
    """Remember these tries."""
    if not tries:
        return
    columns = {
        "project_id": [each.trace.project_id for each in tries],
        "trace_id": [each.trace.trace_id for each in tries],
        "revision": [each.trace.revision for each in tries],
        "attempt": [each.trace.attempts + 1 for each in tries],
        "is_done": [each.is_done for each in tries],
        "tried_at": [each.tried_ms for each in tries],
        "due_at": [each.due_ms for each in tries],
    }
    await clickhouse.insert("settled_traces", list(columns), list(columns.values()))
