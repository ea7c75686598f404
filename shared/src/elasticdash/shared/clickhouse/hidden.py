"""Traces that the ElasticDash Backend deleted in `traces`, which the narrow list tables do not see."""

from collections.abc import Sequence

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.domain.scope import ProjectScope

# A trace that only ran empty has no environment: its observations went elsewhere, and it may come back.
NOT_HIDDEN = Predicate(
    "trace_id NOT IN (SELECT id FROM traces "
    "WHERE project_id = {project_id:String} AND is_deleted = 1 AND environment != '')"
)


def any_hidden() -> ProjectQuery:
    """One row when the project has deleted traces, else none."""
    return ProjectQuery(
        "hidden_any",
        """
        SELECT 1
        FROM traces
        WHERE project_id = {project_id:String} AND is_deleted = 1 AND environment != ''
        LIMIT 1
        """,
    )


async def predicates(clickhouse: ClickHouse, scope: ProjectScope) -> Sequence[Predicate]:
    """What a list adds to its own predicates: nothing for a project that deleted nothing.

    Asking first is cheaper than comparing the id of every row with an empty set.
    """
    return [NOT_HIDDEN] if await clickhouse.fetch_tuples(scope, any_hidden()) else []
