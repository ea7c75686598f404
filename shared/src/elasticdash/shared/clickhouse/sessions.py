"""Sessions, which exist only as what traces name: read from the narrow trace rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.hidden import NOT_HIDDEN
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.clickhouse.rows import SessionRow
from elasticdash.shared.clickhouse.trace_list import Page
from elasticdash.shared.domain.scope import ProjectScope


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which sessions: created in [from_us, to_us), in any of the environments; None and () restrict nothing."""

    from_us: int | None = None
    to_us: int | None = None
    environments: Sequence[str] = ()


def page_of(kept: SessionFilter, page: Page) -> ProjectQuery:
    """(id, created in ms, environment) of the sessions on a page, newest first."""
    return ProjectQuery(
        "sessions_page",
        "\n".join(
            [
                "SELECT session_id, toUnixTimestamp64Milli(toDateTime64(created, 3)), began_in",
                *_sessions(kept),
                "ORDER BY created DESC, session_id DESC",
                "LIMIT {limit:UInt64} OFFSET {offset:UInt64}",
            ]
        ),
        {**_parameters(kept), "limit": page.limit, "offset": page.offset},
    )


def count_of(kept: SessionFilter) -> ProjectQuery:
    """One row with the number of sessions the filter keeps."""
    return ProjectQuery("sessions_count", "\n".join(["SELECT count()", *_sessions(kept)]), _parameters(kept))


def trace_ids_of(session_id: str) -> ProjectQuery:
    """(trace_id, its timestamp in ms, its environment) of a session's live traces, oldest first."""
    return ProjectQuery(
        "sessions_trace_ids",
        "\n".join(
            [
                "SELECT trace_id, toUnixTimestamp64Milli(toDateTime64(timestamp_us, 3)), environment",
                "FROM traces_by_time FINAL",
                "WHERE project_id = {project_id:String}",
                "AND session_id = {session_id:String}",
                f"AND {NOT_HIDDEN.sql}",
                "ORDER BY timestamp_us, trace_id",
            ]
        ),
        {"session_id": session_id},
    )


async def fetch_page(clickhouse: ClickHouse, scope: ProjectScope, kept: SessionFilter, page: Page) -> list[SessionRow]:
    """Sessions on a page, newest first."""
    return [SessionRow._make(row) for row in await clickhouse.fetch_tuples(scope, page_of(kept, page))]


async def fetch_count(clickhouse: ClickHouse, scope: ProjectScope, kept: SessionFilter) -> int:
    """Number of sessions the filter keeps."""
    return int((await clickhouse.fetch_tuples(scope, count_of(kept)))[0][0])


async def find(clickhouse: ClickHouse, scope: ProjectScope, session_id: str) -> tuple[SessionRow, Sequence[str]] | None:
    """A session and the ids of its traces, oldest first; None when no live trace names it."""
    found = await clickhouse.fetch_tuples(scope, trace_ids_of(session_id))
    if not found:
        return None
    _, created_ms, environment = found[0]
    return SessionRow(session_id, created_ms, environment), [row[0] for row in found]


def _sessions(kept: SessionFilter) -> Sequence[str]:
    conditions = [
        ("created >= fromUnixTimestamp64Micro({from_us:Int64})", kept.from_us is not None),
        ("created < fromUnixTimestamp64Micro({to_us:Int64})", kept.to_us is not None),
        ("began_in IN {environments:Array(String)}", bool(kept.environments)),
    ]
    having = " AND ".join(sql for sql, is_set in conditions if is_set)
    return [
        "FROM (",
        "SELECT session_id, min(timestamp_us) AS created, argMin(environment, timestamp_us) AS began_in",
        "FROM traces_by_time FINAL",
        "WHERE project_id = {project_id:String} AND ifNull(session_id, '') != ''",
        f"AND {NOT_HIDDEN.sql}",
        "GROUP BY session_id",
        *([f"HAVING {having}"] if having else []),
        ")",
    ]


def _parameters(kept: SessionFilter) -> dict[str, object]:
    values = {"from_us": kept.from_us, "to_us": kept.to_us, "environments": kept.environments or None}
    return {name: value for name, value in values.items() if value is not None}
