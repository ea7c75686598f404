"""Input and output of a span, by convention and in order."""

import json
from typing import Any

import pytest

from support.otlp import make_event, observe

QUESTION, ANSWER = {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, (None, None)),
        ({"langfuse.observation.input": "", "langfuse.observation.output": "null"}, (None, None)),
        ({"langfuse.observation.input": '{ "b": 1, "a": 2 }'}, ('{ "b": 1, "a": 2 }', None)),
        ({"elasticdash.observation.input": "own", "input.value": "other", "output.value": "o"}, ("own", "o")),
        (
            {"genkit:input": json.dumps({"messages": [QUESTION]}), "genkit:output": json.dumps({"message": ANSWER})},
            ([QUESTION], ANSWER),
        ),
        ({"genkit:input": '"plain"'}, ('"plain"', None)),
        ({"ai.prompt": "p", "ai.response.object": '{"x":1}'}, ("p", '{"x":1}')),
        ({"ai.toolCall.args": "{}", "ai.toolCall.result": "r"}, ("{}", "r")),
        (
            {"ai.response.text": "t", "ai.response.toolCalls": '[{"toolName":"x"}]'},
            (None, {"role": "assistant", "content": "t", "tool_calls": [{"toolName": "x"}]}),
        ),
        ({"flue.tool.arguments": "i", "flue.task.output": "o"}, ("i", "o")),
        (
            {"gcp.vertex.agent.llm_request": "{}", "gcp.vertex.agent.tool_call_args": "args"},
            ("args", None),
        ),
        ({"gcp.vertex.agent.llm_request": "req", "gcp.vertex.agent.llm_response": "res"}, ("req", "res")),
        ({"prompt": "p", "all_messages_events": "[1]"}, ("p", "[1]")),
        ({"lk.user_transcript": "said", "lk.response.text": "answered"}, ("said", "answered")),
        (
            {"events": json.dumps([{"event.name": "gen_ai.user.message"}, {"event.name": "gen_ai.choice", "i": 0}])},
            ([{"event.name": "gen_ai.user.message"}], {"event.name": "gen_ai.choice", "i": 0}),
        ),
        ({"mlflow.spanInputs": "i", "mlflow.spanOutputs": "o"}, ("i", "o")),
        ({"traceloop.entity.input": "i", "traceloop.entity.output": "o"}, ("i", "o")),
        ({"input.value": "i", "output.value": "o"}, ("i", "o")),
        ({"input": "i", "output": "o"}, ("i", "o")),
        ({"pydantic_ai.all_messages": "[1]", "final_result": "r"}, ("[1]", "r")),
        ({"tool_arguments": "i", "tool_response": "o"}, ("i", "o")),
        (
            {
                "llm.input_messages.0.message.role": "user",
                "llm.input_messages.0.message.content": "q",
                "llm.output_messages.0.message.tool_calls.0.name": "f",
            },
            ([QUESTION], [{"tool_calls": [{"name": "f"}]}]),
        ),
        (
            {"gen_ai.input.messages": '[ {"role":"user"} ]', "gen_ai.output.messages": "[]"},
            ('[ {"role":"user"} ]', "[]"),
        ),
        ({"gen_ai.tool.call.arguments": {"x": 1}, "gen_ai.tool.call.result": "r"}, ({"x": 1}, "r")),
    ],
)
def test_one_convention(attributes: dict[str, Any], expected: tuple[Any, Any]):
    found = observe(attributes)

    for text, meant in zip((found.input, found.output), expected, strict=True):
        assert (text if isinstance(meant, str) or text is None else json.loads(text)) == meant


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (
            [make_event("gen_ai.user.message", {"content": "q"}), make_event("gen_ai.choice", {"content": "a"})],
            ([QUESTION], {"content": "a"}),
        ),
        (
            [make_event("gen_ai.choice", {"n": 0}), make_event("gen_ai.choice", {"n": 1})],
            (None, [{"n": 0}, {"n": 1}]),
        ),
        (
            [
                make_event("gen_ai.content.prompt", {"gen_ai.prompt": "[1]"}),
                make_event("gen_ai.content.completion", {"gen_ai.completion": "[2]"}),
            ],
            ([1], [2]),
        ),
        (
            [
                make_event(
                    "gen_ai.client.inference.operation.details",
                    {"gen_ai.input.messages": "[3]", "gen_ai.output.messages": "[4]"},
                )
            ],
            ([3], [4]),
        ),
    ],
)
def test_span_events(events: list[dict[str, Any]], expected: tuple[Any, Any]):
    found = observe({"gen_ai.prompt": "later in the table", "gen_ai.completion": "also"}, events=events)

    assert json.loads(found.output or "null") == expected[1]
    if expected[0] is not None:
        assert json.loads(found.input or "null") == expected[0]


@pytest.mark.parametrize(
    ("instructions", "messages", "expected"),
    [
        ("be nice", "[]", [{"role": "system", "content": "be nice"}]),
        ("be nice", '[{"role":"system","content":"x"}]', [{"role": "system", "content": "x"}]),
        (
            '[{"type":"text","content":"be nice"}]',
            '[{"role":"user","parts":[]}]',
            [{"role": "system", "parts": [{"type": "text", "content": "be nice"}]}, {"role": "user", "parts": []}],
        ),
    ],
)
def test_system_instructions_come_first_unless_there_are_some(instructions: str, messages: str, expected: Any):
    found = observe({"gen_ai.system_instructions": instructions, "gen_ai.input.messages": messages})

    assert json.loads(found.input or "") == expected


def test_a_numbered_key_deeper_than_any_message_does_no_harm():
    found = observe({"gen_ai.prompt." + "0." * 5_000 + "x": "v", "gen_ai.prompt.1.content": "q"})

    assert json.loads(found.input or "")[1] == {"content": "q"}
