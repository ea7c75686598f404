"""Golden cases G33-G45: OpenTelemetry exports."""

import gzip
import json
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from support.golden import T0_NS, Golden, Json, attributes, hex_id, span


def exported(golden: Golden, values: Json, **fields: Any) -> Json:
    """The stored observation of one root span."""
    trace_id, span_id = hex_id(16), hex_id(8)
    scope = fields.pop("scope", None)
    resource = fields.pop("resource", None)
    response = golden.export(span(trace_id, span_id, values, **fields), scope=scope, resource=resource)
    assert response.status_code == 200, response.text
    return golden.observation(span_id)


def test_g33_semantic_conventions(golden: Golden):
    found = exported(
        golden,
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
        },
    )

    assert (found["type"], found["model"]) == ("GENERATION", "gpt-4o-2024-08-06")
    usage = found["usageDetails"]
    assert {key: usage[key] for key in ("input", "output", "input_cached_tokens", "output_reasoning_tokens")} == {
        "input": 70,
        "output": 40,
        "input_cached_tokens": 30,
        "output_reasoning_tokens": 10,
    }
    assert found["modelParameters"] == {"temperature": 0.5}
    assert [message["role"] for message in found["input"]] == ["system", "user"]


def test_g34_openinference(golden: Golden):
    found = exported(
        golden,
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
            "session.id": golden.id("s"),
            "user.id": golden.id("u"),
        },
    )

    assert (found["type"], found["input"], found["output"]) == ("GENERATION", "in", "out")
    assert found["usageDetails"] == {"input": 6, "output": 5, "total": 15, "input_cached_tokens": 4}
    trace = golden.trace(found["traceId"])
    assert (trace["tags"], trace["sessionId"], trace["userId"]) == (["x", "y"], golden.id("s"), golden.id("u"))


def test_g35_vercel_ai_sdk(golden: Golden):
    found = exported(
        golden,
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

    assert (found["name"], found["type"], found["output"]) == ("fn:ai.generateText.doGenerate", "GENERATION", "hey")
    assert found["metadata"]["foo"] == "bar"
    assert not {"userId", "sessionId", "tags"} & set(found["metadata"])
    trace = golden.trace(found["traceId"])
    assert (trace["userId"], trace["sessionId"], trace["tags"]) == ("u", "s", ["a", "b"])


@pytest.mark.parametrize("brand", ["langfuse", "elasticdash"])
def test_g36_our_attributes(golden: Golden, brand: str):
    found = exported(
        golden,
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
        parentSpanId=hex_id(8),
        resource={"service.name": "svc"},
        scope={"name": f"{brand}-sdk", "version": "4.0.0"},
    )

    assert (found["type"], found["level"], found["environment"]) == ("TOOL", "WARNING", "prod")
    assert found["metadata"]["foo"] == "bar"
    assert found["metadata"]["n"] == {"x": 1}
    assert found["metadata"]["resourceAttributes"]["service.name"] == "svc"
    trace = golden.trace(found["traceId"])
    assert (trace["name"], trace["tags"], trace["public"]) == ("tn", ["t1", "t2"], True)


def test_g37_prompt_link(golden: Golden):
    prompt = golden.id("prompt")
    created = golden.client.post("/api/public/v2/prompts", json={"name": prompt, "type": "text", "prompt": "hi"})
    assert created.status_code == 201, created.text
    link = {"langfuse.observation.prompt.name": prompt, "langfuse.observation.prompt.version": 1}

    linked = exported(golden, {"langfuse.observation.type": "generation", **link})
    unlinked = exported(golden, {"langfuse.observation.type": "span", **link})
    unknown = exported(
        golden, {"langfuse.observation.type": "generation", **link, "langfuse.observation.prompt.version": 9}
    )

    assert (linked["promptName"], linked["promptVersion"]) == (prompt, 1)
    assert linked["promptId"]
    assert unlinked["promptName"] is None
    assert (unknown["promptName"], unknown["promptVersion"], unknown["promptId"] or None) == (prompt, 9, None)


def test_g38_an_agent_does_not_count_its_childs_usage_again(golden: Golden):
    trace_id, agent, chat = hex_id(16), hex_id(8), hex_id(8)
    usage = {"gen_ai.request.model": "gpt-4", "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 0}

    golden.export(
        span(trace_id, agent, {"gen_ai.operation.name": "invoke_agent", **usage}),
        span(trace_id, chat, {"gen_ai.operation.name": "chat", **usage}, parentSpanId=agent),
    )

    found = golden.observation(agent)
    assert (found["type"], found["model"], found["usageDetails"]) == ("AGENT", None, {})
    assert golden.trace(trace_id)["totalCost"] == pytest.approx(0.03)


def test_g39_traceloop_arrays(golden: Golden):
    found = exported(
        golden,
        {
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": "q",
            "gen_ai.completion.0.content": "a",
            "gen_ai.prompt.99999.content": "far away",
            "gen_ai.prompt.__proto__.content": "polluted",
        },
    )

    assert (found["input"], found["output"]) == ([{"role": "user", "content": "q"}], [{"content": "a"}])


def test_g40_error_span(golden: Golden):
    exception = {
        "timeUnixNano": str(T0_NS),
        "name": "exception",
        "attributes": attributes(
            {"exception.type": "ValueError", "exception.message": "bad", "exception.stacktrace": "at line 1"}
        ),
    }

    found = exported(golden, {}, status={"code": 2, "message": "boom"}, events=[exception])

    assert (found["level"], found["statusMessage"]) == ("ERROR", "boom")
    assert "ValueError" in json.dumps(found["metadata"])
    assert "at line 1" in json.dumps(found["metadata"])


def test_g41_times(golden: Golden):
    found = exported(golden, {}, startTimeUnixNano="1730736831496457123", endTimeUnixNano="1730736832496457123")
    ends_only = exported(golden, {}, startTimeUnixNano="0", endTimeUnixNano="1730736832000000000")

    assert found["startTime"].startswith("2024-11-04T16:13:51.496")
    assert ends_only["startTime"] == ends_only["endTime"] == "2024-11-04T16:13:52.000Z"


def test_g41_protobuf_gzip_and_json_give_equal_rows(golden: Golden):
    values = {"input.value": "in", "gen_ai.request.model": "gpt-4", "n": 3, "list": ["a", 1]}
    by_json = exported(golden, values)
    request = ExportTraceServiceRequest()
    trace_id, span_id = hex_id(16), hex_id(8)
    sent = request.resource_spans.add().scope_spans.add()
    sent.scope.name = "test"
    proto = sent.spans.add(
        trace_id=bytes.fromhex(trace_id),
        span_id=bytes.fromhex(span_id),
        name="span",
        kind=1,
        start_time_unix_nano=T0_NS,
        end_time_unix_nano=T0_NS + 1_000_000_000,
    )
    for key, value in (("input.value", "in"), ("gen_ai.request.model", "gpt-4")):
        proto.attributes.add(key=key).value.string_value = value
    proto.attributes.add(key="n").value.int_value = 3
    array = proto.attributes.add(key="list").value.array_value
    array.values.add().string_value = "a"
    array.values.add().int_value = 1
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}

    response = golden.client.post(
        "/api/public/otel/v1/traces", content=gzip.compress(request.SerializeToString()), headers=headers
    )

    assert (response.status_code, response.content) == (200, b"")
    by_proto = golden.observation(span_id)
    changing = {"id", "traceId", "createdAt", "updatedAt"}
    assert {k: v for k, v in by_proto.items() if k not in changing} == {
        k: v for k, v in by_json.items() if k not in changing
    }


def test_g42_a_bad_span_does_not_cost_the_good_ones(golden: Golden):
    trace_id, first, second = hex_id(16), hex_id(8), hex_id(8)

    response = golden.export(span(trace_id, first), span("", hex_id(8)), span(trace_id, second))

    assert response.status_code == 200
    assert int(response.json()["partialSuccess"]["rejectedSpans"]) == 1
    assert "traceId" in response.json()["partialSuccess"]["errorMessage"]
    trace = golden.trace(trace_id, lambda found: len(found.get("observations", [])) == 2)
    assert len(trace["observations"]) == 2


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        (
            {"Content-Type": "application/json"},
            b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"","spanId":""}]}]}]}',
            400,
        ),
        ({"Content-Type": "application/json"}, b'{"resourceSpans":{}}', 400),
        ({"Content-Type": "text/plain"}, b"{}", 400),
        ({"Content-Type": "application/json"}, b"{", 400),
        ({"Content-Type": "application/x-protobuf"}, b"\xff\xff", 400),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, b"nope", 400),
        ({"Content-Type": "application/json", "x-langfuse-ingestion-version": "5"}, b"{}", 400),
        ({"Content-Type": "application/json", "x-langfuse-ingestion-version": "abc"}, b"{}", 400),
        ({"Content-Type": "application/json"}, b"{}", 200),
        ({"Content-Type": "application/x-protobuf"}, b"", 200),
    ],
    ids=[
        "no-valid-span",
        "not-a-list",
        "text",
        "not-json",
        "not-protobuf",
        "not-gzip",
        "version-5",
        "version-abc",
        "empty-json",
        "empty",
    ],
)
def test_g42_malformed_exports(golden: Golden, headers: dict[str, str], content: bytes, status: int):
    response = golden.client.post("/api/public/otel/v1/traces", content=content, headers=headers)

    assert response.status_code == status, response.text


def test_g43_a_trace_comes_together_in_any_order(golden: Golden):
    trace_id, root, child, late = hex_id(16), hex_id(8), hex_id(8), hex_id(8)
    hour = 3_600_000_000_000

    golden.export(span(trace_id, child, parentSpanId=root, startTimeUnixNano=str(T0_NS + 1_000_000)))
    early = golden.trace(trace_id)
    golden.export(span(trace_id, root, {"input.value": "in", "output.value": "out"}, name="root"))
    with_root = golden.trace(trace_id, lambda trace: trace.get("name") == "root")
    golden.export(
        span(trace_id, late, parentSpanId=root, startTimeUnixNano=str(T0_NS + hour), endTimeUnixNano=str(T0_NS + hour))
    )
    complete = golden.trace(trace_id, lambda trace: len(trace.get("observations", [])) == 3)

    assert early["name"] in (None, "")
    assert early["input"] is None
    assert (with_root["input"], with_root["output"]) == ("in", "out")
    assert complete["timestamp"] == "2026-01-15T10:00:00.000Z"
    assert sorted(row["id"] for row in complete["observations"]) == sorted([root, child, late])
    assert [row["id"] for row in golden.list("/traces", name="root", limit=100)].count(trace_id) == 1


def test_g43_an_app_root_counts_as_root(golden: Golden):
    trace_id = hex_id(16)

    golden.export(
        span(
            trace_id,
            hex_id(8),
            {"langfuse.internal.is_app_root": True, "input.value": "in"},
            name="app",
            parentSpanId=hex_id(8),
        )
    )

    assert golden.trace(trace_id, lambda trace: trace.get("name") == "app")["input"] == "in"


def test_g44_the_traces_user_finds_all_its_observations(golden: Golden):
    trace_id, root, child = hex_id(16), hex_id(8), hex_id(8)

    golden.export(span(trace_id, root, {"user.id": golden.id("u")}), span(trace_id, child, parentSpanId=root))
    trace = golden.trace(trace_id)

    assert trace["userId"] == golden.id("u")
    assert sorted(row["id"] for row in golden.list("/observations", userId=golden.id("u"))) == sorted([root, child])


def test_g45_a_resend_shows_nothing_twice(golden: Golden):
    trace_id, span_id = hex_id(16), hex_id(8)
    values = {"gen_ai.request.model": "gpt-4", "gen_ai.usage.input_tokens": 1000, "gen_ai.operation.name": "chat"}

    for _ in range(2):
        golden.export(span(trace_id, span_id, values))
        golden.settle()

    trace = golden.trace(trace_id)
    assert [row["id"] for row in trace["observations"]] == [span_id]
    assert trace["totalCost"] == pytest.approx(0.03)
    assert len(golden.list("/observations", traceId=trace_id)) == 1
    assert len(golden.list("/v2/observations", traceId=trace_id)) == 1
