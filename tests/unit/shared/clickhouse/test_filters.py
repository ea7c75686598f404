"""Which conditions become predicates, and that only whitelisted text becomes SQL."""

import pytest

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import filter_columns, filters
from elasticdash.shared.clickhouse.filter_columns import Surface
from elasticdash.shared.clickhouse.filter_conditions import Condition

HOSTILE = "x') OR 1=1 --{project_id:String}"


@pytest.mark.parametrize(
    ("surface", "column"),
    [
        pytest.param(filter_columns.TRACES, "input", id="input of traces"),
        pytest.param(filter_columns.TRACES, "start time", id="display names are case-sensitive"),
        pytest.param(filter_columns.OBSERVATIONS, "release", id="column of the second generation only"),
        pytest.param(filter_columns.OBSERVATIONS_V2, HOSTILE, id="hostile"),
    ],
)
def test_unknown_column_is_refused(surface: Surface, column: str) -> None:
    with pytest.raises(errors.InvalidRequestError) as caught:
        filters.compile_all(surface, [], [Condition("string", column, "=", "x")])

    assert str(caught.value) == f"Column {column} does not match a UI / CH table mapping."


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param(Condition("number", "name", "=", 1.0), id="number on text"),
        pytest.param(Condition("string", "totalCost", "=", "1"), id="text on number"),
        pytest.param(Condition("string", "timestamp", "=", "1"), id="text on time"),
        pytest.param(Condition("string", "tags", "=", "1"), id="text on array"),
        pytest.param(Condition("boolean", "metadata", "=", True), id="boolean on metadata"),
        pytest.param(Condition("arrayOptions", "name", "any of", ["x"]), id="array on text"),
        pytest.param(Condition("numberObject", "score_categories", "=", 1.0, "k"), id="number on category"),
    ],
)
def test_type_that_a_column_does_not_take_is_refused(condition: Condition) -> None:
    with pytest.raises(errors.InvalidRequestError, match="Invalid filter type"):
        filters.compile_all(filter_columns.TRACES, [], [condition])


@pytest.mark.parametrize(
    ("surface", "condition"),
    [
        pytest.param(filter_columns.TRACES, Condition("stringObject", "metadata", "matches", "x", "k"), id="traces"),
        pytest.param(filter_columns.OBSERVATIONS_V2, Condition("string", "name", "matches", "x"), id="short text"),
    ],
)
def test_token_search_is_for_long_texts_of_the_second_generation(surface: Surface, condition: Condition) -> None:
    with pytest.raises(errors.InvalidRequestError, match="'matches' is not available"):
        filters.compile_all(surface, [], [condition])


def test_long_texts_need_a_selective_condition() -> None:
    contains = Condition("string", "input", "contains", "x")
    matches = Condition("string", "output", "matches", "x")

    with pytest.raises(errors.InvalidRequestError, match="at least one '=' or 'matches'"):
        filters.compile_all(filter_columns.OBSERVATIONS_V2, [], [contains])

    assert len(filters.compile_all(filter_columns.OBSERVATIONS_V2, [], [contains, matches])) == 2


def test_filter_replaces_plain_parameters_on_its_column_only() -> None:
    simple = [Condition("string", "name", "=", "a"), Condition("string", "userId", "=", "u")]

    found = filters.compile_all(filter_columns.TRACES, simple, [Condition("string", "Trace Name", "=", "b")])

    assert [list(predicate.parameters.values()) for predicate in found] == [["u"], ["b"]]


def test_position_in_trace_narrows_nothing() -> None:
    position = Condition("positionInTrace", "anything", "=", "", "root")

    assert list(filters.compile_all(filter_columns.OBSERVATIONS, [], [position])) == []


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param(Condition("string", "name", "contains", HOSTILE), id="value"),
        pytest.param(Condition("stringOptions", "name", "any of", [HOSTILE]), id="option"),
        pytest.param(Condition("stringObject", "metadata", "=", HOSTILE, HOSTILE), id="metadata key"),
        pytest.param(Condition("categoryOptions", "scores", "any of", [HOSTILE], HOSTILE), id="score name"),
    ],
)
def test_values_never_become_sql(condition: Condition) -> None:
    (predicate,) = filters.compile_all(filter_columns.TRACES, [], [condition])

    assert HOSTILE not in predicate.sql
    assert HOSTILE in str(list(predicate.parameters.values()))
