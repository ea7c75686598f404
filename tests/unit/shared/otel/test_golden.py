"""Golden cases G33 to G45 as far as decoding and mapping decide them."""

import json

import pytest

from elasticdash.shared.domain import merge
from elasticdash.shared.ids import ProjectId, TraceId
from elasticdash.shared.otel import decode, mapping
from support import otlp
from support.otlp import OTHER_SPAN_ID, SPAN_ID, START_NS, START_US, TRACE_ID, export_of, make_span, observe

PROJECT = ProjectId("p")


def test_g33_semantic_conventions():
    found = observe(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.output_tokens": 50,
            "gen_ai.usage.cache_read.input_tokens": 30,
            "gen_ai.usage.reasoning.output_tokens": 10,
            "gen_ai.request.temperature": 0.5,
            "gen_ai.system_instructions": '[{"type":"text","content":"be nice"}]',
            "gen_ai.input.messages": '[{"role":"user","content":"hi"}]',
        }
    )

    assert (found.type, found.model) == ("GENERATION", "gpt-4o-2024-08-06")
    assert found.provided_usage == {
        "input": 70,
        "output": 40,
        "input_cached_tokens": 30,
        "output_reasoning_tokens": 10,
    }
    assert json.loads(found.model_parameters or "") == {"temperature": 0.5}
    assert json.loads(found.input or "") == [
        {"role": "system", "content": "be nice"},
        {"role": "user", "content": "hi"},
    ]


def test_g34_openinference():
    found = observe(
        {
            "openinference.span.kind": "LLM",
            "llm.model_name": "gpt-4",
            "input.value": "in",
            "output.value": "out",
            "llm.token_count.prompt": 10,
            "llm.token_count.completion": 5,
            "llm.token_count.total": 15,
            "llm.token_count.prompt_details.cache_read": 4,
            "tag.tags": ["x", "y"],
            "session.id": "s",
            "user.id": "u",
        }
    )

    assert (found.type, found.model, found.input, found.output) == ("GENERATION", "gpt-4", "in", "out")
    assert found.provided_usage == {"input": 6, "output": 5, "total": 15, "input_cached_tokens": 4}
    assert (list(found.tags), found.session_id, found.user_id) == (["x", "y"], "s", "u")


def test_g35_vercel_ai_sdk():
    found = observe(
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.telemetry.functionId": "fn",
            "ai.model.id": "gpt-4o",
            "ai.prompt.messages": '[{"role":"user","content":"hi"}]',
            "ai.response.text": "hey",
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.output_tokens": 4,
            "ai.telemetry.metadata.userId": "u",
            "ai.telemetry.metadata.sessionId": "s",
            "ai.telemetry.metadata.tags": '["a","b"]',
            "ai.telemetry.metadata.foo": "bar",
        },
        scope={"name": "ai"},
    )

    assert (found.name, found.type) == ("fn:ai.generateText.doGenerate", "GENERATION")
    assert (found.model, found.input, found.output) == ("gpt-4o", '[{"role":"user","content":"hi"}]', "hey")
    assert found.provided_usage == {"input": 10, "output": 4}
    assert (found.user_id, found.session_id, list(found.tags)) == ("u", "s", ["a", "b"])
    assert found.metadata["foo"] == "bar"
    assert not {"userId", "sessionId", "tags"} & found.metadata.keys()


@pytest.mark.parametrize("brand", ["langfuse", "elasticdash"])
def test_g36_our_attributes(brand: str):
    found = observe(
        {
            f"{brand}.observation.type": "tool",
            f"{brand}.observation.level": "warn",
            f"{brand}.environment": "Prod",
            f"{brand}.trace.name": "tn",
            f"{brand}.trace.tags": ["t1", "t2"],
            f"{brand}.trace.public": True,
            f"{brand}.observation.metadata": '{"n":{"x":1}}',
            f"{brand}.observation.metadata.foo": "bar",
            f"{brand}.internal.is_app_root": True,
        },
        parentSpanId=OTHER_SPAN_ID,
        resource={"service.name": "svc"},
        scope={"name": f"{brand}-sdk", "version": "4.0.0"},
    )

    assert (found.type, found.level, found.environment) == ("TOOL", "WARNING", "prod")
    assert (found.trace_name, list(found.tags), found.is_app_root) == ("tn", ["t1", "t2"], True)
    assert (found.metadata["n"], found.metadata["foo"]) == ('{"x":1}', "bar")
    assert json.loads(found.metadata["resourceAttributes"]) == {"service.name": "svc"}
    # B: kept for our own SDKs too, in one vocabulary, because the ElasticDash Backend reads it.
    assert json.loads(found.metadata["attributes"])["elasticdash.observation.metadata.foo"] == "bar"


@pytest.mark.parametrize(("type_", "link"), [("generation", ("p", 3)), ("span", (None, None))])
def test_g37_only_generations_are_linked_to_a_prompt(type_: str, link: tuple[str | None, int | None]):
    found = observe(
        {
            "langfuse.observation.type": type_,
            "langfuse.observation.prompt.name": "p",
            "langfuse.observation.prompt.version": 3,
        }
    )

    assert (found.prompt_name, found.prompt_version) == link


def test_g38_an_agent_does_not_repeat_its_childs_usage():
    usage = {"gen_ai.request.model": "gpt-4", "gen_ai.usage.input_tokens": 7, "gen_ai.usage.cost": 0.5}

    agent = observe({"gen_ai.operation.name": "invoke_agent", **usage})
    chat = observe({"gen_ai.operation.name": "chat", **usage})

    assert (agent.type, agent.model, agent.provided_usage, agent.provided_cost_usd) == ("AGENT", None, {}, {})
    assert (chat.type, chat.model, chat.provided_usage) == ("GENERATION", "gpt-4", {"input": 7})


def test_g39_numbered_keys_become_lists_within_bounds():
    found = observe(
        {
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": "q",
            "gen_ai.completion.0.content": "a",
            "gen_ai.prompt.99999.content": "far away",
            "gen_ai.prompt.__proto__.content": "polluted",
            "gen_ai.prompt.0.constructor.prototype": "polluted",
        }
    )

    assert (found.input, found.output) == ('[{"role":"user","content":"q"}]', '[{"content":"a"}]')


def test_g40_error_span_keeps_its_exception():
    exception = otlp.make_event(
        "exception", {"exception.type": "ValueError", "exception.message": "bad", "exception.stacktrace": "at line 1"}
    )

    found = observe({}, status={"code": 2, "message": "boom"}, events=[exception])
    without_message = observe({}, status={"code": 2}, events=[exception])

    assert (found.level, found.status_message) == ("ERROR", "boom")
    assert (without_message.level, without_message.status_message) == ("ERROR", "bad")
    assert found.metadata["exception.type"] == "ValueError"
    assert found.metadata["exception.stacktrace"] == "at line 1"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (START_NS, START_NS + 1_999, (START_US, START_US + 2)),
        (0, START_NS, (START_US, START_US)),
        (START_NS, 0, (START_US, START_US)),
        (0, 0, (otlp.RECEIVED_US, otlp.RECEIVED_US)),
    ],
    ids=["microseconds-kept", "no-start", "no-end", "neither"],
)
def test_g41_times(start: int, end: int, expected: tuple[int, int]):
    found = observe({}, startTimeUnixNano=str(start), endTimeUnixNano=str(end))

    assert (found.start_time_us, found.end_time_us) == expected


def test_g41_both_encodings_give_equal_observations_and_events():
    export = export_of(
        make_span(
            {"input.value": "in", "gen_ai.request.model": "gpt-4", "n": 3, "list": ["a", 1], "map": {"k": [0.5]}},
            events=[otlp.make_event("exception", {"exception.message": "m"})],
        ),
        make_span({"user.id": "u"}, spanId=OTHER_SPAN_ID, parentSpanId=SPAN_ID),
        resource={"deployment.environment": "prod"},
    )
    context = mapping.MappingContext(PROJECT, "python", "4.0.0", otlp.RECEIVED_US)

    by_json = decode.decode_export(otlp.json_body(export), otlp.JSON)
    by_protobuf = decode.decode_export(otlp.protobuf_body(export), otlp.PROTOBUF)

    assert mapping.map_export(by_json, context, otlp.price_nothing) == mapping.map_export(
        by_protobuf, context, otlp.price_nothing
    )


def test_g43_a_trace_comes_together_in_any_order():
    child = export_of(make_span(spanId="01" * 8, parentSpanId=SPAN_ID, startTimeUnixNano=str(START_NS - 5_000)))
    root = export_of(make_span({"input.value": "in", "output.value": "out"}, name="root"))
    late = export_of(make_span(spanId="02" * 8, parentSpanId=SPAN_ID, startTimeUnixNano=str(START_NS * 11 // 10)))
    events = [otlp.map_export(export).trace_events for export in (child, root, late)]

    alone = merge.fold_trace(PROJECT, TraceId(TRACE_ID), events[0])
    complete = merge.fold_trace(PROJECT, TraceId(TRACE_ID), [*events[2], *events[0], *events[1]])

    assert (alone.name, alone.input, alone.timestamp_us) == (None, None, START_US - 5)
    assert (complete.name, complete.input, complete.output) == ("root", "in", "out")
    assert complete.timestamp_us == START_US - 5


@pytest.mark.parametrize("sign", ["is_app_root", "as_root"])
def test_g43_a_marked_child_counts_as_root_below_the_true_one(sign: str):
    values = {f"langfuse.internal.{sign}": True, "input.value": "app in"}
    app = otlp.map_export(export_of(make_span(values, name="app", spanId="01" * 8, parentSpanId=SPAN_ID)))
    true_root = otlp.map_export(
        export_of(make_span({"input.value": "in"}, name="root", startTimeUnixNano=str(START_NS + 9_000)))
    )

    alone = merge.fold_trace(PROJECT, TraceId(TRACE_ID), app.trace_events)
    both = merge.fold_trace(PROJECT, TraceId(TRACE_ID), [*app.trace_events, *true_root.trace_events])

    assert (alone.name, alone.input) == ("app", "app in")
    assert (both.name, both.input) == ("root", "in")


def test_g44_a_root_gives_its_user_to_the_trace_not_to_its_children():
    mapped = otlp.map_export(
        export_of(make_span({"user.id": "u"}), make_span(spanId=OTHER_SPAN_ID, parentSpanId=SPAN_ID))
    )

    trace = merge.fold_trace(PROJECT, TraceId(TRACE_ID), mapped.trace_events)

    assert trace.user_id == "u"
    assert [observation.user_id for observation in mapped.observations] == ["u", None]


def test_g45_a_resend_has_the_same_revision_and_a_later_end_a_higher_one():
    first = observe({"a": 1})
    again = observe({"a": 1})
    later = observe({"a": 1}, endTimeUnixNano=str(otlp.END_NS + 1_000_000))
    other_content = {observe({"a": n}).revision for n in range(20)}

    assert first == again
    assert later.revision > max(other_content)
    assert len(other_content) > 15
    assert first.revision >> 52 == 1
    assert first.revision >> 10 & (1 << 42) - 1 == otlp.END_NS // 1_000_000
