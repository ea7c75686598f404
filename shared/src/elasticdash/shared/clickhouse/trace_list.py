"""Pages and totals of the trace list: which ids, from narrow rows only."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import hidden
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.clickhouse.rows import TraceTotalsRow
from elasticdash.shared.domain.scope import ProjectScope

# FINAL in the order of the key stops at the limit, but by whole blocks of every part: small ones read an eighth.
IN_SMALL_BLOCKS = "SETTINGS max_block_size = 1024"
_ORDER_COLUMNS: Mapping[str, str] = {
    "id": "trace_id",
    "timestamp": "timestamp_us",
    "name": "name",
    "userId": "user_id",
    "release": "release",
    "version": "version",
    "public": "public",
    "bookmarked": "bookmarked",
    "sessionId": "session_id",
}


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted: an SQL column of the whitelist and a direction."""

    column: str = "timestamp_us"
    direction: str = "DESC"


@dataclass(frozen=True, slots=True)
class TracePage:
    """Totals of the traces on a page by trace id, in the order of the page; `total_items` counts all pages."""

    rows: Mapping[str, TraceTotalsRow]
    total_items: int


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: `limit` rows after the first `offset`."""

    limit: int
    offset: int = 0


def parse_order(text: str | None) -> Order:
    """The order of `column.asc` or `column.desc`, newest first for none; InvalidRequestError for anything else."""
    if not text:
        return Order()
    name, _, direction = text.partition(".")
    if name not in _ORDER_COLUMNS or direction.lower() not in ("asc", "desc"):
        columns = ", ".join(_ORDER_COLUMNS)
        raise errors.InvalidRequestError(
            "Invalid request data",
            [errors.FieldIssue(("orderBy",), f"must be <column>.asc or <column>.desc with a column of {columns}")],
        )
    return Order(_ORDER_COLUMNS[name], direction.upper())


def page_of(predicates: Sequence[Predicate], order: Order, page: Page) -> ProjectQuery:
    """(trace_id, latency in seconds, total cost in USD) of the live traces on a page."""
    return ProjectQuery(
        "trace_list_page",
        "\n".join(
            [
                "SELECT trace_id,",
                "(toUnixTimestamp64Micro(end_time_us) - toUnixTimestamp64Micro(start_time_us)) / 1e6,",
                "total_cost",
                *_source(predicates),
                f"ORDER BY {order.column} {order.direction}, trace_id {order.direction}",
                "LIMIT {limit:UInt64} OFFSET {offset:UInt64}",
                IN_SMALL_BLOCKS,
            ]
        ),
        {**_parameters(predicates), "limit": page.limit, "offset": page.offset},
    )


def count_of(predicates: Sequence[Predicate]) -> ProjectQuery:
    """One row with the number of live traces the predicates keep."""
    return ProjectQuery(
        "trace_list_count", "\n".join(["SELECT count()", *_source(predicates)]), _parameters(predicates)
    )


async def fetch_page(
    clickhouse: ClickHouse, scope: ProjectScope, predicates: Sequence[Predicate], order: Order, page: Page
) -> TracePage:
    """The traces on a page and the number of all that the predicates keep."""
    kept = [*predicates, *await hidden.predicates(clickhouse, scope)]
    found, counted = await asyncio.gather(
        clickhouse.fetch_tuples(scope, page_of(kept, order, page)), clickhouse.fetch_tuples(scope, count_of(kept))
    )
    return TracePage({row[0]: TraceTotalsRow._make(row) for row in found}, int(counted[0][0]))


def _source(predicates: Sequence[Predicate]) -> Sequence[str]:
    return [
        "FROM traces_by_time FINAL",
        "WHERE project_id = {project_id:String}",
        *(f"AND {predicate.sql}" for predicate in predicates),
    ]


def _parameters(predicates: Sequence[Predicate]) -> dict[str, object]:
    return {name: value for predicate in predicates for name, value in predicate.parameters.items()}
