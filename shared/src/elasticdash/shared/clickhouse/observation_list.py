"""Pages and totals of the observation lists: which keys, from narrow rows only."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from elasticdash.shared.clickhouse import hidden
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.clickhouse.rows import ObservationKey
from elasticdash.shared.clickhouse.trace_list import IN_SMALL_BLOCKS, Page
from elasticdash.shared.domain.scope import ProjectScope

_KEY = "SELECT trace_id, id, toUnixTimestamp64Micro(start_time_us)"
# The minute leads the sorting key: naming it lets the engine read in order and stop at the limit.
_NEWEST_FIRST = (
    "ORDER BY toStartOfMinute(start_time_us) DESC, start_time_us DESC, xxHash32(trace_id) DESC, trace_id DESC, id DESC"
)


# Where every row is on the page, a second thread only reads what is behind the limit.
_IN_ONE_THREAD = f"{IN_SMALL_BLOCKS}, max_threads = 1"
# Reading the texts of so many costs as much as a few other statements.
ROWS_OF_FIRST_WINDOW = 2_000
# Naming the traces of so many is cheaper than looking at all texts.
_FEW_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Position:
    """The last row of a page: the next page begins after it, in the order of the list."""

    start_us: int
    trace_id: str
    id: str


@dataclass(frozen=True, slots=True)
class ObservationPage:
    """Keys on a page in its order; `total_items` counts all pages."""

    keys: Sequence[ObservationKey]
    total_items: int


def page_of(predicates: Sequence[Predicate], page: Page) -> ProjectQuery:
    """(trace_id, id, start in µs) of the live observations on a page, newest first."""
    return _page_of(predicates, page, IN_SMALL_BLOCKS if predicates else _IN_ONE_THREAD)


def page_after(predicates: Sequence[Predicate], position: Position | None, limit: int) -> ProjectQuery:
    """(trace_id, id, start in µs) of the `limit` live observations after a position, newest first."""
    return _page_of([*predicates, *_after(position)], Page(limit), IN_SMALL_BLOCKS if predicates else _IN_ONE_THREAD)


def _page_of(predicates: Sequence[Predicate], page: Page, settings: LiteralString) -> ProjectQuery:
    return ProjectQuery(
        "observation_list_page",
        "\n".join(
            [
                _KEY,
                *_source(predicates),
                _NEWEST_FIRST,
                "LIMIT {limit:UInt64} OFFSET {offset:UInt64}",
                settings,
            ]
        ),
        {**_parameters(predicates), "limit": page.limit, "offset": page.offset},
    )


def window_after(predicates: Sequence[Predicate], position: Position | None, rows: int) -> ProjectQuery:
    """The start in µs of a minute since which more than `rows` rows begin, up to the position; none for fewer."""
    kept = [*predicates, *_after(position)]
    return ProjectQuery(
        "observation_list_window",
        "\n".join(
            [
                "SELECT intDiv(toUnixTimestamp64Micro(start_time_us), 60000000) * 60000000",
                "FROM observations_by_time",
                "WHERE project_id = {project_id:String}",
                *(f"AND {predicate.sql}" for predicate in kept),
                # By minutes alone it takes a tenth: nothing is sorted.
                "ORDER BY toStartOfMinute(start_time_us) DESC",
                "LIMIT 1 OFFSET {rows:UInt64}",
                IN_SMALL_BLOCKS,
            ]
        ),
        {**_parameters(kept), "rows": rows},
    )


def count_of(predicates: Sequence[Predicate]) -> ProjectQuery:
    """One row with the number of live observations the predicates keep."""
    return ProjectQuery(
        "observation_list_count", "\n".join(["SELECT count()", *_source(predicates)]), _parameters(predicates)
    )


async def fetch_page(
    clickhouse: ClickHouse, scope: ProjectScope, predicates: Sequence[Predicate], page: Page
) -> ObservationPage:
    """The observations on a page, newest first, and the number of all that the predicates keep."""
    kept = [*predicates, *await hidden.predicates(clickhouse, scope)]
    found, counted = await asyncio.gather(
        clickhouse.fetch_tuples(scope, page_of(kept, page)), clickhouse.fetch_tuples(scope, count_of(kept))
    )
    return ObservationPage(_keys(found), int(counted[0][0]))


async def fetch_after(
    clickhouse: ClickHouse,
    scope: ProjectScope,
    predicates: Sequence[Predicate],
    position: Position | None,
    limit: int,
    first_window: int = ROWS_OF_FIRST_WINDOW,
) -> list[ObservationKey]:
    """Keys of the `limit` observations after a position (None: from the newest), newest first.

    Conditions on texts read those of the `first_window` newest rows first, and all only when these don't fill the page.
    """
    kept = [*predicates, *await hidden.predicates(clickhouse, scope)]
    narrow = [predicate for predicate in kept if not predicate.reads_wide_rows]
    if len(narrow) == len(kept):
        return await _page(clickhouse, scope, kept, position, limit)
    rows = first_window
    while start := await clickhouse.fetch_tuples(scope, window_after(narrow, position, rows)):
        since = Predicate("start_time_us >= fromUnixTimestamp64Micro({window:Int64})", {"window": start[0][0]})
        found = await _page(clickhouse, scope, _among(kept, [*narrow, since, *_after(position)]), position, limit)
        if len(found) == limit:
            return found
        if not found or rows > first_window:
            break
        # As many as the page needs, if the text is as frequent before as it is here.
        rows = rows * limit // len(found) * 2
    if not start or (narrow and not await clickhouse.fetch_tuples(scope, window_after(narrow, position, _FEW_ROWS))):
        kept = _among(kept, [*narrow, *_after(position)])
    return await _page(clickhouse, scope, kept, position, limit)


async def _page(
    clickhouse: ClickHouse, scope: ProjectScope, predicates: Sequence[Predicate], position: Position | None, limit: int
) -> list[ObservationKey]:
    return _keys(await clickhouse.fetch_tuples(scope, page_after(predicates, position, limit)))


def _among(predicates: Sequence[Predicate], candidates: Sequence[Predicate]) -> Sequence[Predicate]:
    """The predicates, and the candidates' own: texts are read in traces alone that have a candidate, in any version."""
    traces = "\n".join(
        [
            "trace_id IN (SELECT trace_id FROM observations_by_time",
            "WHERE project_id = {project_id:String}",
            *(f"AND {predicate.sql}" for predicate in candidates),
            ")",
        ]
    )
    return [*(each.among(traces) if each.reads_wide_rows else each for each in predicates), *candidates]


def _after(position: Position | None) -> Sequence[Predicate]:
    if position is None:
        return []
    start = "fromUnixTimestamp64Micro({after_start:Int64})"
    return [
        Predicate(
            f"start_time_us <= {start} AND (start_time_us, xxHash32(trace_id), trace_id, id) < "
            f"({start}, xxHash32({{after_trace:String}}), {{after_trace:String}}, {{after_id:String}})",
            {"after_start": position.start_us, "after_trace": position.trace_id, "after_id": position.id},
        )
    ]


def _keys(tuples: Sequence[tuple[object, ...]]) -> list[ObservationKey]:
    return [ObservationKey._make(row) for row in tuples]


def _source(predicates: Sequence[Predicate]) -> Sequence[str]:
    return [
        "FROM observations_by_time FINAL",
        "WHERE project_id = {project_id:String}",
        *(f"AND {predicate.sql}" for predicate in predicates),
    ]


def _parameters(predicates: Sequence[Predicate]) -> dict[str, object]:
    return {name: value for predicate in predicates for name, value in predicate.parameters.items()}
