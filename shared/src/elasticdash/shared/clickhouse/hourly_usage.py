"""Sums over the observations of whole hours, kept beside a fingerprint of the rows they were made from.

An hour is the number of hours since the epoch. Its sums are true as long as the rows of the hour and the project's
hidden traces still have the fingerprints that are stored with them: whatever was inserted, merged away or deleted since
changes those. The fingerprints of rows come from a projection, which lives and dies with the rows themselves.
"""

# ruff: noqa: S608 these statements are made of constants; values travel as parameters

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import LiteralString

from elasticdash.shared.clickhouse import hidden, metrics_views
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.clickhouse.metrics_views import Unit
from elasticdash.shared.clickhouse.query import ProjectQuery, SystemStatement
from elasticdash.shared.domain.scope import ProjectScope

HOUR_US = 3_600_000_000
# What a server takes as one parameter; a year has 8,766 hours.
_MAX_HOURS = 10_000
_MAX_STRETCHES = 50
# Of rows that have an hour before or at 0, integer division rounds to the wrong side.
_FIRST_HOUR = 1
_MEASURES = metrics_views.V1["observations"].measures
COLUMNS: Mapping[str, LiteralString] = {
    "count": "observation_count",
    "totalCost": "total_cost",
    "inputCost": "input_cost",
    "outputCost": "output_cost",
    "inputTokens": "input_tokens",
    "outputTokens": "output_tokens",
    "totalTokens": "total_tokens",
}
"""Measures of observations that are summed, and the column of a plan's source that each is in."""
DIMENSIONS = ("environment", "type", "level", "provided_model_name")
"""Columns that sums are apart by."""
_HOUR = "intDiv(toUnixTimestamp64Second(start_time_us), 3600)"
_IS_HIDDEN = "is_deleted = 1 AND environment != ''"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, in microseconds since the epoch; the end is not in it."""

    from_us: int
    to_us: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What answers a question about a time: sums of these hours, and the rows that began in these stretches.

    `visible` hides the rows of deleted traces; the sums have none.
    """

    hours: Sequence[int]
    stretches: Sequence[Stretch]
    visible: Sequence[Predicate]


def hidden_hash() -> ProjectQuery:
    """One row: a number that changes with the set of the project's hidden traces, 0 for none."""
    return ProjectQuery(
        "hourly_usage_hidden_hash",
        f"""
        SELECT sum(cityHash64(id))
        FROM (SELECT DISTINCT id FROM traces WHERE project_id = {{project_id:String}} AND {_IS_HIDDEN})
        """,
    )


def hours_between(from_hour: int, to_hour: int, hidden_hash_: int) -> ProjectQuery:
    """(hour, whether its sums are true) of the hours with rows, ascending; `to_hour` is not among them."""
    return ProjectQuery(
        "hourly_usage_hours",
        f"""
        SELECT
            stored.hour,
            made.row_count = stored.row_count AND made.rows_hash = stored.rows_hash
                AND made.hidden_hash = {{hidden_hash:UInt64}}
        FROM
        (
            SELECT {_HOUR} AS hour, count() AS row_count, sum(row_hash) AS rows_hash
            FROM observations_by_time
            WHERE project_id = {{project_id:String}} AND {_HOUR} >= {{from_hour:Int64}} AND {_HOUR} < {{to_hour:Int64}}
            GROUP BY hour
        ) AS stored
        LEFT ANY JOIN
        (
            SELECT hour, row_count, rows_hash, hidden_hash
            FROM usage_by_hour FINAL
            WHERE project_id = {{project_id:String}} AND hour >= {{from_hour:Int64}} AND hour < {{to_hour:Int64}}
        ) AS made ON made.hour = stored.hour
        ORDER BY stored.hour
        """,
        {"from_hour": from_hour, "to_hour": to_hour, "hidden_hash": hidden_hash_},
    )


async def find_plan(clickhouse: ClickHouse, scope: ProjectScope, from_us: int, to_us: int) -> Plan | None:
    """How to answer for the time between both bounds (each inclusive); None when the sums are of no help."""
    first, end = max(-(-from_us // HOUR_US), _FIRST_HOUR), (to_us + 1) // HOUR_US
    if first >= end:
        return None
    [(hidden_hash_,)] = await clickhouse.fetch_tuples(scope, hidden_hash())
    found = await clickhouse.fetch_tuples(scope, hours_between(first, end, hidden_hash_))
    hours = [hour for hour, is_true in found if is_true]
    stretches = stretches_of([hour for hour, is_true in found if not is_true], (first, end), (from_us, to_us + 1))
    if not hours or len(hours) > _MAX_HOURS or len(stretches) > _MAX_STRETCHES:
        return None
    return Plan(hours, stretches, [hidden.NOT_HIDDEN] if hidden_hash_ else [])


def stretches_of(changed: Sequence[int], whole: tuple[int, int], bounds_us: tuple[int, int]) -> Sequence[Stretch]:
    """The changed hours, and what `bounds_us` has before and after the `whole` hours; touching ones as one."""
    first, end = whole
    pieces = [Stretch(bounds_us[0], first * HOUR_US)]
    pieces += [Stretch(hour * HOUR_US, (hour + 1) * HOUR_US) for hour in changed]
    pieces.append(Stretch(end * HOUR_US, bounds_us[1]))
    joined: list[Stretch] = []
    for piece in pieces:
        if piece.from_us >= piece.to_us:
            continue
        if joined and joined[-1].to_us == piece.from_us:
            piece = Stretch(joined.pop().from_us, piece.to_us)
        joined.append(piece)
    return joined


def source_of(plan: Plan) -> tuple[str, dict[str, object]]:
    """A SELECT of a plan's rows in parentheses, one per stored group or observation, and its parameters.

    Columns: start_time_us (of a group, that of its hour), those of DIMENSIONS, then those of COLUMNS.
    """
    parameters: dict[str, object] = {"hours": list(plan.hours)}
    lines = [
        "(SELECT fromUnixTimestamp64Micro(hour * 3600000000) AS start_time_us,",
        ", ".join(f"sums.{index} AS {name}" for index, name in enumerate((*DIMENSIONS, *COLUMNS.values()), start=1)),
        "FROM usage_by_hour FINAL",
        "ARRAY JOIN usage AS sums",
        "WHERE project_id = {project_id:String} AND hour IN {hours:Array(Int64)}",
    ]
    if plan.stretches:
        conditions: list[str] = []
        for index, stretch in enumerate(plan.stretches):
            begins, ends = f"stretch{index}_from", f"stretch{index}_to"
            parameters |= {begins: stretch.from_us, ends: stretch.to_us}
            conditions.append(
                f"(start_time_us >= fromUnixTimestamp64Micro({{{begins}:Int64}})"
                f" AND start_time_us < fromUnixTimestamp64Micro({{{ends}:Int64}}))"
            )
        lines += [
            "UNION ALL",
            f"SELECT start_time_us, {_OWN_DIMENSIONS}, {_OF_ONE}",
            "FROM observations_by_time FINAL",
            "WHERE project_id = {project_id:String}",
            "AND (" + " OR ".join(conditions) + ")",
            *(f"AND {predicate.sql}" for predicate in plan.visible),
        ]
        parameters |= {name: value for predicate in plan.visible for name, value in predicate.parameters.items()}
    return "\n".join([*lines, ")"]), parameters


_OWN_DIMENSIONS = (
    "toString(environment), toString(type), toString(level), CAST(provided_model_name AS Nullable(String))"
)
_OF_ONE = ", ".join(
    f"toDecimal128(ifNull({measure.sql}, 0), 12)" if measure.unit is Unit.DECIMAL else f"toInt64({measure.sql})"
    for measure in (_MEASURES[name] for name in COLUMNS)
)

# Rows and hidden ids are read once, so sums and fingerprints belong together whatever happens meanwhile. An hour in
# which one revision of an observation exists with two contents has no sums: which of them wins is the merges' choice.
_MAKE = f"""
INSERT INTO usage_by_hour (project_id, hour, row_count, rows_hash, hidden_hash, usage, made_at)
WITH (SELECT groupUniqArray(id) FROM traces WHERE project_id = {{project_id:String}} AND {_IS_HIDDEN}) AS hidden_ids
SELECT
    {{project_id:String}}, hour, sum(group_rows), sum(group_hash), arraySum(id -> cityHash64(id), hidden_ids),
    groupArrayIf(({", ".join(f"group_{index}" for index in range(1, 12))}), group_5 > 0), now64(3)
FROM
(
    SELECT
        hour, newest.1 AS group_1, newest.2 AS group_2, newest.3 AS group_3, newest.4 AS group_4,
        {", ".join(f"sumIf(newest.{index}, is_live) AS group_{index}" for index in range(5, 12))},
        sum(version_rows) AS group_rows, sum(version_hash) AS group_hash, max(is_unclear) AS has_unclear
    FROM
    (
        SELECT
            {_HOUR} AS hour,
            count() AS version_rows,
            sum(row_hash) AS version_hash,
            uniqExact(revision, row_hash) > uniqExact(revision) AS is_unclear,
            argMax(is_deleted, revision) = 0 AND trace_id NOT IN (SELECT arrayJoin(hidden_ids)) AS is_live,
            argMax(({_OWN_DIMENSIONS}, {_OF_ONE}), revision) AS newest
        FROM observations_by_time
        WHERE project_id = {{project_id:String}}
            AND start_time_us >= fromUnixTimestamp64Micro({{from_us:Int64}})
            AND start_time_us < fromUnixTimestamp64Micro({{to_us:Int64}})
            AND {_HOUR} IN {{hours:Array(Int64)}}
        GROUP BY hour, toStartOfMinute(start_time_us), trace_id, id
    )
    GROUP BY hour, group_1, group_2, group_3, group_4
)
GROUP BY hour
HAVING max(has_unclear) = 0
SETTINGS max_bytes_before_external_group_by = 500000000
"""
_CHANGED = f"""
SELECT stored.project_id AS project_id, arraySort(groupArray((stored.hour, stored.row_count))) AS hours
FROM
(
    SELECT project_id, {_HOUR} AS hour, count() AS row_count, sum(row_hash) AS rows_hash
    FROM observations_by_time
    WHERE {_HOUR} >= {{from_hour:Int64}} AND {_HOUR} < {{to_hour:Int64}}
    GROUP BY project_id, hour
) AS stored
LEFT ANY JOIN
(
    SELECT project_id, sum(cityHash64(id)) AS hidden_hash
    FROM (SELECT DISTINCT project_id, id FROM traces WHERE {_IS_HIDDEN})
    GROUP BY project_id
) AS gone ON gone.project_id = stored.project_id
LEFT ANY JOIN
(
    SELECT project_id, hour, row_count, rows_hash, hidden_hash FROM usage_by_hour FINAL
) AS made ON made.project_id = stored.project_id AND made.hour = stored.hour
WHERE made.row_count != stored.row_count OR made.rows_hash != stored.rows_hash OR made.hidden_hash != gone.hidden_hash
GROUP BY project_id
"""


@dataclass(frozen=True, slots=True)
class ChangedHours:
    """Hours of a project whose sums are missing or no longer true, ascending, each with its number of rows."""

    scope: ProjectScope
    hours: Sequence[tuple[int, int]]


async def fetch_changed(clickhouse: ClickHouse, before_hour: int) -> Sequence[ChangedHours]:
    """What has to be made, of all projects; no hour from `before_hour` on, as those are still being written."""
    bounds = {"from_hour": _FIRST_HOUR, "to_hour": before_hour}
    found = await clickhouse.fetch_system(SystemStatement("hourly_usage_changed", _CHANGED, bounds))
    return [ChangedHours(ProjectScope(row["project_id"]), row["hours"]) for row in found]


async def make(clickhouse: ClickHouse, scope: ProjectScope, hours: Sequence[int]) -> None:
    """Store the sums of these hours as they are now; hours whose rows do not agree with themselves are left out."""
    parameters = {
        "project_id": scope.project_id,
        "from_us": hours[0] * HOUR_US,
        "to_us": (hours[-1] + 1) * HOUR_US,
        "hours": list(hours),
    }
    await clickhouse.execute(SystemStatement("hourly_usage_make", _MAKE, parameters))
