"""Traces that share a session, a user or an environment, each group as one row of totals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import LiteralString, NamedTuple

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.domain.scope import ProjectScope

_MAX_USERS = 3


class GroupBy(StrEnum):
    """What the traces of a group share."""

    SESSION = "session"
    USER = "user"
    ENVIRONMENT = "environment"


class GroupSort(StrEnum):
    """What groups can be sorted by."""

    LAST = "last"
    FIRST = "first"
    TRACES = "traces"
    ERRORS = "errors"
    COST = "cost"
    TOKENS = "tokens"


class TraceGroup(NamedTuple):
    """One group. `errors` counts traces with an error; `users` are some of those in it, `sessions` their number."""

    key: str
    first_us: int
    last_us: int
    traces: int
    errors: int
    observations: int
    total_cost_usd: Decimal | None
    total_tokens: int
    users: Sequence[str]
    sessions: int


@dataclass(frozen=True, slots=True)
class GroupPage:
    """Which groups: `limit` after the first `offset`, in an order."""

    sort: GroupSort
    is_descending: bool
    limit: int
    offset: int = 0


_KEYS: Mapping[GroupBy, LiteralString] = {
    GroupBy.SESSION: "ifNull(session_id, '')",
    GroupBy.USER: "ifNull(user_id, '')",
    GroupBy.ENVIRONMENT: "toString(environment)",
}
_ORDER: Mapping[GroupSort, LiteralString] = {
    GroupSort.LAST: "last_us",
    GroupSort.FIRST: "first_us",
    GroupSort.TRACES: "traces",
    GroupSort.ERRORS: "errors",
    GroupSort.COST: "ifNull(cost, -1)",
    GroupSort.TOKENS: "tokens",
}


def page_of(by: GroupBy, predicates: Sequence[Predicate], page: GroupPage) -> ProjectQuery:
    """TraceGroup of the groups on a page; traces without the key are in none."""
    direction = "DESC" if page.is_descending else "ASC"
    return ProjectQuery(
        "trace_groups_page",
        "\n".join(
            [
                *_groups(by, predicates),
                f"ORDER BY {_ORDER[page.sort]} {direction}, key {direction}",
                "LIMIT {limit:UInt64} OFFSET {offset:UInt64}",
            ]
        ),
        {**_parameters(predicates), "limit": page.limit, "offset": page.offset},
    )


def one_of(by: GroupBy, key: str, predicates: Sequence[Predicate]) -> ProjectQuery:
    """One TraceGroup, no row when no trace has the key."""
    kept = [Predicate(f"{_KEYS[by]} = {{group_key:String}}", {"group_key": key}), *predicates]
    return ProjectQuery("trace_groups_one", "\n".join(_groups(by, kept)), _parameters(kept))


async def fetch_page(
    clickhouse: ClickHouse, scope: ProjectScope, by: GroupBy, predicates: Sequence[Predicate], page: GroupPage
) -> list[TraceGroup]:
    """The groups on a page."""
    found = await clickhouse.fetch_tuples(scope, page_of(by, predicates, page))
    return [TraceGroup._make(row) for row in found]


async def find(
    clickhouse: ClickHouse, scope: ProjectScope, by: GroupBy, key: str, predicates: Sequence[Predicate]
) -> TraceGroup | None:
    """One group; None when no live trace has the key."""
    found = await clickhouse.fetch_tuples(scope, one_of(by, key, predicates))
    return TraceGroup._make(found[0]) if found else None


def _groups(by: GroupBy, predicates: Sequence[Predicate]) -> Sequence[str]:
    return [
        f"SELECT {_KEYS[by]} AS key,",
        "toUnixTimestamp64Micro(min(timestamp_us)) AS first_us, toUnixTimestamp64Micro(max(timestamp_us)) AS last_us,",
        "count() AS traces, countIf(error_count > 0) AS errors, sum(observation_count),",
        "sumOrNull(total_cost) AS cost, sum(total_tokens) AS tokens,",
        f"arraySort(groupUniqArrayIf({_MAX_USERS})(ifNull(user_id, ''), ifNull(user_id, '') != '')),",
        "uniqExactIf(session_id, ifNull(session_id, '') != '')",
        "FROM traces_by_time FINAL",
        "WHERE project_id = {project_id:String}",
        *(f"AND {predicate.sql}" for predicate in predicates),
        "GROUP BY key HAVING key != ''",
    ]


def _parameters(predicates: Sequence[Predicate]) -> dict[str, object]:
    return {name: value for predicate in predicates for name, value in predicate.parameters.items()}
