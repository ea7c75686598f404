"""At which minutes observations are listed: those that no longer count are taken out of the narrow companion."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import ProjectQuery, parameter_sized
from elasticdash.shared.domain.record import record
from elasticdash.shared.domain.scope import ProjectScope

MINUTE_US = 60_000_000

Place = tuple[str, str]
"""A trace id and the id of an observation in it."""


@record()
class StoredVersions:
    """The stored versions of one observation: the minutes they start in, and which minute and revision won."""

    minutes_us: frozenset[int]
    minute_us: int
    revision: int


@dataclass(frozen=True, slots=True)
class MovedObservation:
    """A time at which an observation may have been listed before its start became known."""

    project_id: str
    trace_id: str
    id: str
    start_time_us: int
    revision: int


def versions(trace_ids: Sequence[str], observation_ids: Sequence[str], except_written_ms: int) -> ProjectQuery:
    """(trace_id, id, minutes, winning minute, its revision) of these observations in these traces.

    A minute is the number of microseconds since the epoch at which it began. Left out are observations stored at one
    minute only whose winning version was written at `except_written_ms`.
    """
    return ProjectQuery(
        "observation_times_versions",
        """
        SELECT
            trace_id,
            id,
            groupUniqArray(toUnixTimestamp(toStartOfMinute(start_time_us)) * 1000000) AS minutes,
            argMax(toUnixTimestamp(toStartOfMinute(start_time_us)) * 1000000, revision),
            max(revision)
        FROM observations
        WHERE project_id = {project_id:String}
          AND trace_id IN {trace_ids:Array(String)}
          AND id IN {observation_ids:Array(String)}
        GROUP BY trace_id, id
        HAVING length(minutes) > 1
            OR toUnixTimestamp64Milli(argMax(updated_at, revision)) != {except_written_ms:Int64}
        """,
        {"trace_ids": trace_ids, "observation_ids": observation_ids, "except_written_ms": except_written_ms},
    )


def rewritten_traces(trace_ids: Sequence[str], written_ms: int) -> ProjectQuery:
    """(trace_id) of those in which an observation is stored in several versions, or not only at `written_ms`."""
    return ProjectQuery(
        "observation_times_rewritten_traces",
        """
        SELECT trace_id
        FROM observations
        WHERE project_id = {project_id:String} AND trace_id IN {trace_ids:Array(String)}
        GROUP BY trace_id
        HAVING uniqExact(id) != count() OR countIf(toUnixTimestamp64Milli(updated_at) != {written_ms:Int64}) > 0
        """,
        {"trace_ids": trace_ids, "written_ms": written_ms},
    )


async def fetch_rewritten_traces(
    clickhouse: ClickHouse, scope: ProjectScope, trace_ids: Collection[str], written_ms: int
) -> set[str]:
    """Traces of which more is stored than what was written at `written_ms`, each observation of it once."""
    found: set[str] = set()
    for ids in parameter_sized(sorted(trace_ids)):
        rows = await clickhouse.fetch_tuples(scope, rewritten_traces(ids, written_ms))
        found.update(trace_id for (trace_id,) in rows)
    return found


async def fetch_versions(
    clickhouse: ClickHouse, scope: ProjectScope, places: Collection[Place], except_written_ms: int = -1
) -> dict[Place, StoredVersions]:
    """What is stored of these observations, as `versions` says; the others are absent."""
    found: dict[Place, StoredVersions] = {}
    for chunk in parameter_sized(sorted(places), lambda place: max(place, key=len)):
        query = versions(sorted({trace_id for trace_id, _ in chunk}), [id_ for _, id_ in chunk], except_written_ms)
        for trace_id, id_, minutes_us, minute_us, revision in await clickhouse.fetch_tuples(scope, query):
            found[trace_id, id_] = StoredVersions(frozenset(minutes_us), minute_us, revision)
    return found


def left_minutes(
    scope: ProjectScope, stored: Mapping[Place, StoredVersions], seen_us: Mapping[Place, Collection[int]]
) -> list[MovedObservation]:
    """Every minute an observation is stored at or was seen at, but the one that won."""
    return [
        MovedObservation(scope.project_id, *place, minute_us, of_it.revision)
        for place, of_it in stored.items()
        for minute_us in sorted(of_it.minutes_us.union(seen_us.get(place, ())) - {of_it.minute_us})
    ]


async def insert_moved(clickhouse: ClickHouse, rows: Sequence[MovedObservation]) -> None:
    """Take observations away from times they are no longer at in the narrow companion."""
    if not rows:
        return
    await clickhouse.insert(
        "observations_by_time",
        ["project_id", "trace_id", "id", "start_time_us", "revision", "is_deleted"],
        [
            [row.project_id for row in rows],
            [row.trace_id for row in rows],
            [row.id for row in rows],
            [row.start_time_us for row in rows],
            [row.revision for row in rows],
            [1] * len(rows),
        ],
    )
