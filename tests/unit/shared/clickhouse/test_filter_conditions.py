"""Which filter texts the API takes, and what it says about the others."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import filter_conditions
from elasticdash.shared.clickhouse.filter_conditions import Condition


def _condition(**fields: Any) -> dict[str, Any]:
    return {"type": "string", "column": "name", "operator": "=", "value": "x"} | fields


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("{", "Invalid JSON in filter parameter", id="no JSON"),
        pytest.param("[" * 100_000, "Invalid JSON in filter parameter", id="too deep"),
        pytest.param('{"type":"string"}', "Invalid filter parameter: must be an array of conditions", id="no array"),
        pytest.param('[{"value": NaN}]', "Invalid JSON", id="not a number"),
        pytest.param('[{"value": "\\ud800"}]', "Invalid JSON", id="half a surrogate pair"),
    ],
)
def test_texts_that_hold_no_conditions_are_refused(text: str, message: str) -> None:
    with pytest.raises(errors.InvalidRequestError, match=message):
        filter_conditions.parse(text)


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        pytest.param({"type": "text"}, "type", id="unknown type"),
        pytest.param({"type": None}, "type", id="no type"),
        pytest.param({"column": 1}, "column", id="column is no text"),
        pytest.param({"operator": "like"}, "operator", id="unknown operator"),
        pytest.param({"type": "number", "operator": "contains", "value": 1}, "operator", id="operator of another type"),
        pytest.param(
            {"type": "datetime", "operator": "=", "value": "2026-01-01T00:00:00Z"}, "operator", id="times equal"
        ),
        pytest.param({"type": "stringObject"}, "key", id="key missing"),
        pytest.param({"type": "positionInTrace", "key": "middle"}, "key", id="unknown position"),
        pytest.param({"value": 1}, "value", id="text expected"),
        pytest.param({"operator": "matches", "value": "--"}, "value", id="nothing to search for"),
        pytest.param(
            {"operator": "matches", "value": " ".join(f"w{n}" for n in range(65))}, "value", id="too many words"
        ),
        pytest.param({"type": "number", "value": "1"}, "value", id="number expected"),
        pytest.param({"type": "number", "value": True}, "value", id="number, not boolean"),
        pytest.param({"type": "number", "value": 10**400}, "value", id="number too large"),
        pytest.param({"type": "boolean", "value": "true"}, "value", id="boolean expected"),
        pytest.param({"type": "datetime", "operator": ">", "value": "2026-01-01"}, "value", id="date only"),
        pytest.param({"type": "datetime", "operator": ">", "value": "2026-01-01T00:00:00"}, "value", id="no zone"),
        pytest.param({"type": "stringOptions", "operator": "any of", "value": []}, "value", id="no options"),
        pytest.param({"type": "stringOptions", "operator": "any of", "value": [1]}, "value", id="options are texts"),
        pytest.param({"type": "arrayOptions", "operator": "any of", "value": []}, "value", id="any of nothing"),
    ],
)
def test_broken_condition_names_its_index_and_field(condition: dict[str, Any], field: str) -> None:
    text = json.dumps([_condition(), _condition(**condition)])

    with pytest.raises(errors.InvalidRequestError) as caught:
        filter_conditions.parse(text)

    assert [issue.path for issue in caught.value.issues] == [("filter", 1, field)]


@pytest.mark.parametrize("item", [None, "x", 1, []])
def test_item_that_is_no_object_is_refused(item: object) -> None:
    with pytest.raises(errors.InvalidRequestError) as caught:
        filter_conditions.parse(json.dumps([item]))

    assert caught.value.issues[0].path == ("filter", 0)


@pytest.mark.parametrize("text", [None, "", "[]"])
def test_no_filter_has_no_conditions(text: str | None) -> None:
    assert list(filter_conditions.parse(text)) == []


@pytest.mark.parametrize(
    ("condition", "parsed"),
    [
        pytest.param({}, Condition("string", "name", "=", "x"), id="string"),
        pytest.param({"type": "number", "value": 2}, Condition("number", "name", "=", 2.0), id="number"),
        pytest.param(
            {"type": "datetime", "operator": "<", "value": "2026-01-01T01:00+01:00"},
            Condition("datetime", "name", "<", datetime(2026, 1, 1, tzinfo=UTC)),
            id="datetime",
        ),
        pytest.param(
            {"type": "arrayOptions", "operator": "none of", "value": []},
            Condition("arrayOptions", "name", "none of", []),
            id="none of nothing",
        ),
        pytest.param(
            {"type": "booleanObject", "key": "k", "value": False, "operator": "<>"},
            Condition("booleanObject", "name", "<>", False, "k"),
            id="boolean by key",
        ),
        pytest.param(
            {"type": "null", "operator": "is null", "key": "ignored"},
            Condition("null", "name", "is null", ""),
            id="null",
        ),
    ],
)
def test_condition_is_read_with_its_value_typed(condition: dict[str, Any], parsed: Condition) -> None:
    assert list(filter_conditions.parse(json.dumps([_condition(**condition)]))) == [parsed]
