"""SQL of metrics queries: made of our own literals, values bound, nothing joined without need."""

from collections.abc import Sequence

import pytest

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import metrics, metrics_views
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.shared.clickhouse.metrics_query import Aggregation, Granularity, Metric, MetricsQuery
from elasticdash.shared.clickhouse.metrics_views import View
from elasticdash.shared.clickhouse.query import ProjectQuery

EVIL = "x') OR 1=1 --"


def built(view: View, dimensions: Sequence[str] = (), *conditions: Condition) -> ProjectQuery:
    """The statement that counts a view's rows per day and dimension."""
    query = MetricsQuery(
        view="any",
        dimensions=dimensions,
        metrics=[Metric("count", Aggregation.COUNT)],
        conditions=conditions,
        granularity=Granularity.DAY,
        from_us=1,
        to_us=2,
        order=[],
        bins=10,
        row_limit=5,
    )
    return metrics.rows_of(view, query, [])


def test_unknown_filter_columns_are_refused() -> None:
    with pytest.raises(errors.InvalidRequestError, match="does not match"):
        built(metrics_views.V2["observations"], (), Condition("string", EVIL, "=", "x"))


def test_values_are_bound() -> None:
    statement = built(
        metrics_views.V2["observations"],
        (),
        Condition("string", "name", "=", EVIL),
        Condition("stringObject", "metadata", "contains", EVIL, EVIL),
    )

    assert EVIL not in statement.sql
    assert {name: value for name, value in statement.parameters.items() if value == EVIL} == {
        "f0": EVIL,
        "f1": EVIL,
        "f1_key": EVIL,
    }
    assert (statement.parameters["from_us"], statement.parameters["to_us"], statement.parameters["row_limit"]) == (
        1,
        2,
        5,
    )


@pytest.mark.parametrize(
    ("view", "dimension", "tables"),
    [
        ("observations", "name", ["observations_by_time"]),
        ("observations", "traceName", ["observations_by_time", "traces_by_time"]),
        ("observations", "toolNames", ["observations"]),
        ("scores-numeric", "name", ["scores"]),
        ("scores-numeric", "tags", ["scores", "traces_by_time"]),
        ("scores-numeric", "observationName", ["scores", "observations_by_time", "scores"]),
    ],
)
def test_tables_are_read_only_where_a_name_needs_them(view: str, dimension: str, tables: list[str]) -> None:
    words = built(metrics_views.V2[view], [dimension]).sql.split()

    after_from = [words[index + 1] for index, word in enumerate(words) if word == "FROM"]
    assert [table for table in after_from if not table.startswith("(")] == tables
