"""Tools are found in the shapes of each provider, and nothing else is parsed."""

import json
from typing import Any

import pytest

from elasticdash.shared.domain import tools

SCHEMA = {"type": "object"}
DEFINED = {"weather": json.dumps({"description": "d", "parameters": SCHEMA}, separators=(",", ":"))}
FUNCTION = {"name": "weather", "description": "d", "parameters": SCHEMA}


@pytest.mark.parametrize(
    "offered",
    [
        {"tools": [{"type": "function", "function": FUNCTION}]},
        {"tools": [{"type": "function", **FUNCTION}]},
        {"functions": [FUNCTION]},
        {"tools": [{"name": "weather", "description": "d", "input_schema": SCHEMA}]},
        {"tools": [{"functionDeclarations": [FUNCTION]}]},
        {"config": {"tools": [{"function_declarations": [FUNCTION]}]}},
        [{"role": "user", "content": "q"}, {"role": "tool", "content": {"type": "function", "function": FUNCTION}}],
    ],
    ids=["openai", "responses", "functions", "anthropic", "gemini", "gemini-config", "langchain"],
)
def test_definitions(offered: Any):
    assert tools.extract(json.dumps(offered), None).definitions == DEFINED


def test_a_response_that_repeats_its_tools_defines_them():
    answered = {"output": [{"type": "function_call", "name": "weather"}], "tools": [{"type": "function", **FUNCTION}]}

    assert tools.extract("plain question", json.dumps(answered)).definitions == DEFINED


def called(id_: str, type_: str) -> dict[str, Any]:
    return {"id": id_, "name": "weather", "arguments": '{"city":"Ulm"}', "type": type_, "index": 0}


ARGUMENTS = {"city": "Ulm"}


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        (
            {
                "tool_calls": [
                    {"id": "1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Ulm"}'}}
                ]
            },
            called("1", "function"),
        ),
        (
            {"choices": [{"message": {"tool_calls": [{"id": "1", "name": "weather", "args": ARGUMENTS}]}}]},
            called("1", "function"),
        ),
        (
            {"content": [{"type": "tool_use", "id": "1", "name": "weather", "input": ARGUMENTS}]},
            called("1", "tool_use"),
        ),
        (
            [{"type": "tool-call", "toolCallId": "1", "toolName": "weather", "args": ARGUMENTS}],
            called("1", "tool-call"),
        ),
        (
            {"candidates": [{"content": {"parts": [{"functionCall": {"name": "weather", "args": ARGUMENTS}}]}}]},
            called("", "function"),
        ),
        (
            {"output": [{"type": "function_call", "call_id": "1", "name": "weather", "arguments": '{"city":"Ulm"}'}]},
            called("1", "function_call"),
        ),
        (
            {"parts": [{"type": "tool_call", "id": "1", "name": "weather", "arguments": ARGUMENTS}]},
            called("1", "tool_call"),
        ),
    ],
    ids=["openai", "langchain", "anthropic", "ai-sdk", "gemini", "responses", "semconv"],
)
def test_calls(answered: Any, expected: dict[str, Any]):
    found = tools.extract(None, json.dumps(answered))

    assert [json.loads(call) for call in found.calls] == [expected]
    assert found.call_names == ["weather"]


def test_a_call_reported_in_two_shapes_counts_once_and_others_in_order():
    answered = {
        "tool_calls": [{"id": "1", "name": "a", "args": {}}, {"id": "2", "name": "b", "args": {}}],
        "content": [{"type": "tool_use", "id": "1", "name": "a", "input": {}}],
    }

    found = tools.extract(None, json.dumps(answered))

    assert found.call_names == ["a", "b"]
    assert [json.loads(call)["index"] for call in found.calls] == [0, 1]


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "a tool_calls story",
        '{"tool_calls": ',
        '{"tool_calls": {}}',
        '{"tool_calls": [1, {}, {"name": 5}]}',
        '{"tools": "none"}',
        '{"functionCall": 5}',
        '[{"type": "tool_use"}]',
        "[" * 50_000 + '"tools" tool_call',
        '{"content":' * 50 + '{"tool_calls":[{"name":"deep"}]}' + "}" * 50,
    ],
)
def test_texts_without_usable_tools_give_none(text: str | None):
    found = tools.extract(text, text)

    assert (dict(found.definitions), list(found.calls), list(found.call_names)) == ({}, [], [])


@pytest.mark.parametrize("depth", [100, 900, 990, 50_000])
def test_a_deep_schema_never_fails(depth: int):
    text = '{"tools":[{"name":"x","parameters":' + "[" * depth + "]" * depth + "}]}"

    assert set(tools.extract(text, None).definitions) <= {"x"}
