"""Schemas that cost too much, or reach out, are refused; values are told where they break one."""

import time
from typing import Any

import pytest

from elasticdash.shared import errors, json_schema

NESTED = {"type": "object", "properties": {"a": {"type": "array", "items": {"$ref": "#/$defs/n"}}}}


def doubling(levels: int) -> dict[str, Any]:
    """Every level refers to the next one twice."""
    parts: dict[str, Any] = {f"p{level}": {"allOf": [{"$ref": f"#/$defs/p{level + 1}"}] * 2} for level in range(levels)}
    return {"$ref": "#/$defs/p0", "$defs": {**parts, f"p{levels}": {"type": "object"}}}


REFUSED: list[tuple[Any, str]] = [
    ("text", "must be a valid JSON Schema"),
    ([{}], "must be a valid JSON Schema"),
    ({"type": "nothing"}, "must be a valid JSON Schema"),
    ({"pattern": "["}, "must be a valid JSON Schema"),
    ({"pattern": "(?=a)"}, "must be a valid JSON Schema"),
    ({"$schema": "http://example.com/own"}, "must be a valid JSON Schema"),
    ({"$schema": "http://json-schema.org/draft-04/schema#"}, "must be of draft 6 or newer"),
    ({"$ref": "http://127.0.0.1:9/schema"}, "must refer to its own parts only, as #/$defs/name"),
    ({"$ref": "#/$defs/missing"}, "has no part '#/$defs/missing'"),
    ({"properties": {"a": {"$ref": "#/properties"}}}, "must not refer to itself"),
    (
        {
            "$ref": "#/$defs/a",
            "$defs": {"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"not": {"$ref": "#/$defs/a"}}},
        },
        "must not refer to itself",
    ),
    ({"items": {"$id": "other", "$ref": "#/x"}}, "must not have dynamic references, nor ids of parts"),
    ({"$dynamicRef": "#a"}, "must not have dynamic references, nor ids of parts"),
    (doubling(30), "must not have more than 1000 parts"),
]


@pytest.mark.parametrize(("schema", "rule"), REFUSED)
def test_schema_is_refused(schema: Any, rule: str):
    with pytest.raises(errors.InvalidRequestError) as refused:
        json_schema.require_schema("inputSchema", schema)

    assert [(issue.path, issue.message) for issue in refused.value.issues] == [(("inputSchema",), rule)]


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        doubling(6),
        {**NESTED, "$defs": {"n": {"type": "number"}}},
        {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"$ref": {"type": "string"}}},
        {"$id": "https://example.com/item", "properties": {"id": {"type": "string"}}, "required": ["id"]},
    ],
)
def test_schema_is_taken(schema: Any):
    json_schema.require_schema("inputSchema", schema)


def test_value_that_breaks_a_schema_is_told_where_and_not_repeated():
    schema = {**NESTED, "$defs": {"n": {"type": "number"}}, "required": ["b"]}

    issues = json_schema.issues_of("input", schema, {"a": [1, "secret"]})

    assert {issue.path for issue in issues} == {("input",), ("input", "a", 1)}
    assert "secret" not in str(issues)


def test_no_more_than_ten_issues_are_told():
    assert len(json_schema.issues_of("input", {"items": {"type": "string"}}, [1] * 50)) == 10


def test_value_that_fits_has_no_issues():
    assert json_schema.issues_of("input", {"properties": {"a": {"minLength": 1}}}, {"a": "x"}) == []


def test_evil_expression_takes_no_time():
    schema = {"pattern": "^(a+)+$"}
    started = time.thread_time()

    issues = json_schema.issues_of("input", schema, "a" * 10_000 + "b")

    assert len(issues) == 1
    assert time.thread_time() - started < 1


def test_more_work_than_the_bound_is_refused():
    schema = {"items": {"allOf": [{"type": "number"}] * 900}}
    started = time.thread_time()

    [issue] = json_schema.issues_of("input", schema, [1] * 200_000)

    assert issue.message == "is too large to be checked against its schema"
    assert time.thread_time() - started < 1
