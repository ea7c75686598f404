"""Metadata of observations and traces: what the sender said, and our three keys, always valid JSON."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from support import otlp
from support.otlp import OTHER_SPAN_ID, export_of, make_event, make_span, observe

PYTHON = {"telemetry.sdk.language": "python"}


def trace_metadata(attributes: dict[str, Any], **context: Any) -> Mapping[str, Any]:
    (event,) = otlp.map_export(export_of(make_span(attributes), **context)).trace_events
    metadata = event.explicit["metadata"]
    assert isinstance(metadata, Mapping)
    return metadata


@pytest.mark.parametrize("scope", ["langfuse-sdk", "elasticdash-sdk", "anything"])
def test_every_span_has_three_valid_json_keys(scope: str):
    found = observe({"k": 1}, scope={"name": scope, "version": "3"}, resource={"langfuse.release": "r"}).metadata

    assert json.loads(found["attributes"]) == {"k": "1"}
    assert json.loads(found["resourceAttributes"]) == {"elasticdash.release": "r"}
    assert json.loads(found["scope"]) == {"name": scope, "version": "3", "attributes": {}}


def test_attributes_are_flat_texts_in_our_vocabulary_without_input_and_output():
    found = observe(
        {
            "langfuse.observation.input": "in",
            "langfuse.observation.model.name": "m",
            "elasticdash.observation.type": "tool",
            "input.value": "x",
            "gen_ai.prompt.0.content": "x",
            "flag": True,
            "map": {"a": [1]},
        }
    )

    assert json.loads(found.metadata["attributes"]) == {
        "elasticdash.observation.model.name": "m",
        "elasticdash.observation.type": "tool",
        "flag": "true",
        "map": '{"a":[1]}',
    }


@pytest.mark.parametrize(
    ("attributes", "target"),
    [
        ({"http.route": "/chat"}, "/chat"),
        ({"http.route": "/chat", "http.target": "/chat?x=1"}, "/chat?x=1"),
        ({"langfuse.observation.metadata.http.route": "/chat"}, "/chat"),
        ({"elasticdash.trace.metadata.http.route": "/chat"}, "/chat"),
        ({"other": "/chat"}, None),
    ],
)
def test_a_route_also_answers_for_the_target(attributes: dict[str, Any], target: str | None):
    found = json.loads(observe(attributes).metadata["attributes"])

    assert found.get("http.target") == target


def test_user_metadata_is_promoted_and_the_own_one_beats_the_traces():
    attributes = {
        "langfuse.observation.metadata": '{"o":{"x":1},"both":"o","scope":"mine"}',
        "langfuse.observation.metadata.dotted.key": "d",
        "langfuse.trace.metadata": '{"t":[1],"both":"t"}',
        "langfuse.trace.metadata.testCaseId": "7",
        "langfuse.observation.metadata.langfuse_user_id": "u",
        "langfuse.trace.metadata.http.route": "/r",
    }

    found = observe(attributes)
    of_trace = trace_metadata(attributes)

    user = {key: found.metadata[key] for key in found.metadata if key not in ("attributes", "resourceAttributes")}
    assert json.loads(user.pop("scope"))["name"] == "test"
    assert user == {
        "o": '{"x":1}',
        "both": "o",
        "dotted.key": "d",
        "t": "[1]",
        "testCaseId": "7",
        "http.route": "/r",
        "http.target": "/r",
    }
    assert found.user_id == "u"
    assert {key: of_trace[key] for key in ("t", "both", "testCaseId", "http.target")} == {
        "t": [1],
        "both": "t",
        "testCaseId": "7",
        "http.target": "/r",
    }
    assert "o" not in of_trace


@pytest.mark.parametrize("whole", ["plain text", "[1,2]", "{broken"])
def test_metadata_that_is_no_object_is_kept_under_its_own_name(whole: str):
    assert observe({"langfuse.observation.metadata": whole}).metadata["metadata"] == whole


@pytest.mark.parametrize("depth", [65, 900, 100_000])
def test_metadata_that_nests_too_deep_to_merge_is_kept_as_text(depth: int):
    whole = '{"a":' * depth + "1" + "}" * depth

    found = trace_metadata({"langfuse.trace.metadata": whole})

    assert found["metadata"] == whole


def test_many_brackets_are_no_depth():
    whole = json.dumps({"rows": [[n] for n in range(100)], "text": "[" * 100})

    assert observe({"langfuse.observation.metadata": whole}).metadata["text"] == "[" * 100


@pytest.mark.parametrize(
    ("scope", "sdk", "expected"),
    [
        ({"name": "langfuse-sdk", "version": "5.0.4"}, ("unknown", "unknown"), ("v", 123, "123")),
        ({"name": "other"}, ("python", "5.1.0"), ("v", 123, "123")),
        ({"name": "langfuse-sdk", "version": "4.18.0"}, ("python", "4.18.0"), ('"v"', "123", '"123"')),
        ({"name": "other", "version": "5.0.0"}, ("unknown", "5"), ('"v"', "123", '"123"')),
    ],
)
def test_python_5_encodes_every_metadata_value(
    scope: dict[str, str], sdk: tuple[str, str], expected: tuple[Any, Any, Any]
):
    values = {
        "langfuse.trace.metadata.text": '"v"',
        "langfuse.trace.metadata.number": "123",
        "langfuse.trace.metadata.digits": '"123"',
    }
    export = export_of(make_span(values), scope=scope, resource=PYTHON)

    (event,) = otlp.map_export(export, *sdk).trace_events

    metadata = event.explicit["metadata"]
    assert isinstance(metadata, Mapping)
    assert (metadata["text"], metadata["number"], metadata["digits"]) == expected


def test_exception_fields_do_not_replace_what_the_sender_said():
    found = observe(
        {"langfuse.observation.metadata.exception.type": "mine"},
        events=[
            make_event("exception", {"exception.type": "First"}),
            make_event("exception", {"exception.type": "Last", "exception.stacktrace": "s", "other": "x"}),
            make_event("log", {"exception.type": "No"}),
        ],
    )

    assert (found.metadata["exception.type"], found.metadata["exception.stacktrace"]) == ("mine", "s")
    assert "other" not in found.metadata


def test_only_the_trace_of_a_root_gets_the_attributes():
    events = otlp.map_export(
        export_of(make_span({"user.id": "u", "k": "v"}, parentSpanId=OTHER_SPAN_ID), resource=PYTHON)
    ).trace_events

    assert json.loads(trace_metadata({"k": "v"})["attributes"]) == {"k": "v"}
    assert [event.explicit.get("metadata") for event in events] == [None, None]
