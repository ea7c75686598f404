"""Names, people, levels, times and versions of a span, each from the first key that has it."""

from typing import Any

import pytest

from elasticdash.shared.domain.observations import Observation
from support.otlp import START_US, observe


@pytest.mark.parametrize(
    ("field", "attributes", "expected"),
    [
        ("name", {}, "step"),
        ("name", {"gen_ai.tool.name": "t", "logfire.msg": "m"}, "t"),
        ("name", {"genkit:name": "g"}, "g"),
        ("name", {"logfire.msg": "m"}, "m"),
        ("name", {"ai.toolCall.name": "t", "ai.operationId": "ai.toolCall"}, "t"),
        ("name", {"ai.operationId": "ai.x"}, "ai.x"),
        ("user_id", {"langfuse.user.id": "a", "user.id": "b"}, "a"),
        ("user_id", {"user.id": 7}, "7"),
        ("user_id", {"langfuse.trace.metadata.langfuse_user_id": "c"}, "c"),
        ("user_id", {"elasticdash.observation.metadata.elasticdash_user_id": "c"}, "c"),
        ("session_id", {"gen_ai.conversation.id": "c"}, "c"),
        ("session_id", {"session.id": "", "gen_ai.conversation.id": "c"}, "c"),
        ("tags", {"langfuse.trace.tags": "a, b,,a"}, ["a", "b"]),
        ("tags", {"langfuse.tags": '["a",1]'}, ["a", "1"]),
        ("tags", {"tag.tags": "one"}, ["one"]),
        ("tags", {"langfuse.trace.metadata.langfuse_tags": ["x"]}, ["x"]),
        ("level", {"langfuse.observation.level": "fatal"}, "ERROR"),
        ("level", {"langfuse.observation.level": "Verbose"}, "DEBUG"),
        ("level", {"langfuse.observation.level": "loud"}, "DEFAULT"),
        ("status_message", {"langfuse.observation.status_message": "m"}, "m"),
        ("model", {"gen_ai.request.model": "a", "gen_ai.response.model": "b"}, "b"),
        ("model", {"langfuse.observation.model.name": "c", "gen_ai.response.model": "b"}, "c"),
        ("model", {"genkit:metadata:subtype": "model", "genkit:name": "g"}, "g"),
        ("model", {"openinference.span.kind": "EMBEDDING", "embedding.model_name": "e"}, "e"),
        ("model", {"genkit:metadata:subtype": "tool", "genkit:name": "g"}, None),
        (
            "model_parameters",
            {"langfuse.observation.model.parameters": '{"a":1,"b":{"c":[]}}'},
            '{"a":1,"b":"{\\"c\\":[]}"}',
        ),
        ("model_parameters", {"llm.invocation_parameters": '{"t":0.1}'}, '{"t":0.1}'),
        ("model_parameters", {"llm.invocation_parameters": "{}", "gen_ai.request.top_p": 1}, '{"top_p":1}'),
        ("model_parameters", {"genkit:input": '{"config":{"k":"v"}}'}, '{"k":"v"}'),
        ("model_parameters", {"model_config": '{"k":"v"}'}, '{"k":"v"}'),
        ("model_parameters", {"gen_ai.request.model": "m"}, None),
        ("version", {"langfuse.version": "1"}, "1"),
        ("release", {"elasticdash.release": "r"}, "r"),
        ("trace_name", {"langfuse.trace.name": "n"}, "n"),
        (
            "completion_start_time_us",
            {"langfuse.observation.completion_start_time": "1970-01-01T00:00:01.5Z"},
            1_500_000,
        ),
        (
            "completion_start_time_us",
            {"langfuse.observation.completion_start_time": '"1970-01-01T00:00:01Z"'},
            1_000_000,
        ),
        ("completion_start_time_us", {"langfuse.observation.completion_start_time": "1970-01-01T00:00:01"}, 1_000_000),
        ("completion_start_time_us", {"langfuse.observation.completion_start_time": "9999-01-01T00:00:00Z"}, None),
        ("completion_start_time_us", {"langfuse.observation.completion_start_time": "1969-01-01T00:00:00Z"}, None),
        ("completion_start_time_us", {"langfuse.observation.completion_start_time": "soon"}, None),
        ("completion_start_time_us", {"ai.response.msToFirstChunk": 1.2}, START_US + 2_000),
        ("completion_start_time_us", {"ai.response.msToFirstChunk": 1e300}, None),
        ("environment", {"deployment.environment": "Langfuse-Prod"}, "prod"),
        ("environment", {"langfuse.environment": "my env!"}, "default"),
        ("environment", {}, "default"),
    ],
)
def test_first_key_wins(field: str, attributes: dict[str, Any], expected: Any):
    assert getattr(observe(attributes), field) == expected


@pytest.mark.parametrize(
    ("field", "attributes", "resource", "expected"),
    [
        ("version", {}, {"service.version": "2"}, "2"),
        ("version", {"langfuse.version": "1"}, {"service.version": "2"}, "1"),
        ("release", {}, {"langfuse.release": "r"}, "r"),
        ("environment", {}, {"langfuse.environment": "prod"}, "prod"),
        ("environment", {"deployment.environment": "span"}, {"deployment.environment.name": "resource"}, "resource"),
        ("environment", {"langfuse.environment": "span"}, {"langfuse.environment": "resource"}, "span"),
    ],
)
def test_resource_answers_where_the_span_does_not(
    field: str, attributes: dict[str, Any], resource: dict[str, Any], expected: str
):
    assert getattr(observe(attributes, resource=resource), field) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ({"langfuse.prompt.name": "p", "langfuse.prompt.version": "2"}, ("p", 2)),
        ({"ai.telemetry.metadata.langfusePrompt": '{"name":"p","version":3}'}, ("p", 3)),
        ({"langfuse.observation.prompt.name": "p"}, (None, None)),
        ({"langfuse.observation.prompt.name": "p", "langfuse.observation.prompt.version": 70_000}, (None, None)),
        ({"langfuse.observation.prompt.name": "p", "langfuse.observation.prompt.version": -1}, (None, None)),
    ],
)
def test_a_prompt_needs_a_name_and_a_storable_version(link: dict[str, Any], expected: tuple[Any, Any]):
    found: Observation = observe({"langfuse.observation.type": "generation", **link})

    assert (found.prompt_name, found.prompt_version) == expected


def test_livekit_marks_its_inner_spans_as_debug():
    assert observe({}, name="llm_node", scope={"name": "livekit-agents"}).level == "DEBUG"
    assert observe({}, name="llm_node").level == "DEFAULT"
