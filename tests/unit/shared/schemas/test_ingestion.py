"""Golden cases G1-G8 of batch parsing, and what must never break it."""

import json

import msgspec
import pytest

from elasticdash.shared import errors
from elasticdash.shared.domain.scores import ScoreDataType
from elasticdash.shared.schemas import ingestion
from elasticdash.shared.schemas.ingestion import BatchContext, BatchLimits, ScoreCategory, ScoreConfigRule
from support.batch import CONTEXT, PROJECT, T0_US, accept, make_event, parse, refuse

GOOD = make_event("trace-create", 0, {"id": "t1", "name": "a"}, id="good")


def raw_batch(*elements: bytes) -> bytes:
    return b'{"batch":[' + b",".join(elements) + b"]}"


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b'{"batch":null}', b'{"batch":{}}', b'{"batch":[', b'{"batch":[]} x', b"\xff"],
)
def test_g08_what_is_no_batch_is_refused_as_a_whole(body: bytes):
    with pytest.raises(errors.InvalidRequestError):
        ingestion.parse_batch(body, CONTEXT)


def test_g08_an_empty_batch_is_fine():
    parsed = ingestion.parse_batch(b'{"batch":[],"metadata":1}', CONTEXT)

    assert (parsed.accepted, parsed.failures, parsed.sdk_logs) == ([], [], [])


@pytest.mark.parametrize("limits", [BatchLimits(max_bytes=20), BatchLimits(max_events=1)], ids=["bytes", "events"])
def test_g08_a_batch_over_a_limit_is_refused_as_a_whole(limits: BatchLimits):
    with pytest.raises(errors.PayloadTooLargeError, match="more than"):
        parse(GOOD, GOOD, context=BatchContext(PROJECT, limits=limits))


def test_g01_one_bad_event_never_costs_a_good_one():
    unknown = make_event("foo-create", 0, {"id": "x"}, id="unknown-type")
    without_id = make_event("span-create", 0, {"name": "x"}, id="without-id")
    log = make_event("sdk-log", 0, {"log": "hi"}, id="log")

    parsed = parse(GOOD, unknown, without_id, log, "bad", None, {"id": 5})

    assert [(accepted.position, accepted.envelope_id) for accepted in parsed.accepted] == [(0, "good")]
    assert [(failure.position, failure.id) for failure in parsed.failures] == [
        (1, "unknown-type"),
        (2, "without-id"),
        (4, "unknown"),
        (5, "unknown"),
        (6, "unknown"),
    ]
    assert {(failure.status, failure.message) for failure in parsed.failures} == {(400, "Invalid request data")}
    assert [(entry.position, entry.log) for entry in parsed.sdk_logs] == [(3, '"hi"')]


def test_a_failure_names_the_field_and_the_rule():
    failure = refuse(make_event("trace-create", 0, {"tags": ["a", 1]}))

    assert failure.error == "body.tags[1]: Expected `str`, got `int`"


@pytest.mark.parametrize("timestamp", ["2026-01-15T10:00Z", "2026-01-15T10:00:00.123456789Z", "2026-01-15T10:00+05:30"])
def test_g02_times_with_a_zone_are_accepted(timestamp: str):
    accept(make_event("trace-create", 0, {"id": "t"}, timestamp=timestamp))


@pytest.mark.parametrize(
    "timestamp",
    [
        "2026-01-15T10:00:00",
        "2026-01-15",
        "2026-01-15 10:00:00Z",
        "2026-01-15T10:00:00+0530",
        "2026-13-15T10:00:00Z",
        "2026-01-15T24:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
        "٢٠٢٦-01-15T10:00:00Z",
        "",
        None,
        1768471200,
    ],
)
def test_g02_other_times_are_refused(timestamp: object):
    assert refuse(make_event("trace-create", 0, {"id": "t"}, timestamp=timestamp)).status == 400
    if timestamp is not None:
        assert refuse(make_event("span-create", 0, {"id": "s", "startTime": timestamp})).error.startswith(
            "body.startTime"
        )


def test_g02_a_start_time_is_read_in_utc_to_the_microsecond():
    (event,) = accept(make_event("span-create", 0, {"id": "s", "startTime": "2026-01-15T15:30:00.000001+05:30"}))

    assert event.explicit["start_time_us"] == T0_US + 1


@pytest.mark.parametrize("id_", ["x" * 801, "", "a\r", "a\x00"], ids=["801", "empty", "carriage-return", "nul"])
def test_g03_ids_out_of_rule_are_refused(id_: str):
    assert refuse(make_event("trace-create", 0, {"id": id_})).status == 400
    assert refuse(make_event("span-create", 0, {"id": "s", "traceId": id_})).status == 400


@pytest.mark.parametrize("id_", ["x" * 800, "a/b_é 😀", "a\n"])
def test_g03_unusual_ids_stay_as_sent(id_: str):
    (event,) = accept(make_event("trace-create", 0, {"id": id_}))

    assert event.entity_id == id_


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        ("trace-create", {"name": "noid"}),
        ("trace-create", {"id": None}),
        ("score-create", {"name": "n", "value": 1, "traceId": "t"}),
        ("observation-create", {"type": "SPAN"}),
    ],
)
def test_g04_a_missing_body_id_is_generated_the_same_at_every_resend(type_: str, body: dict[str, object]):
    event = make_event(type_, 0, body)

    (first,) = accept(event)
    (again,) = accept(event)
    (other,) = accept({**event, "id": "e2"})

    assert first.entity_id
    assert first == again
    assert other.entity_id != first.entity_id


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        ("span-create", {"level": "error"}),
        ("trace-create", {"tags": [1]}),
        ("trace-create", {"public": "true"}),
        ("trace-create", {"name": "n" * 1001}),
        ("trace-create", {"sessionId": "a\x00"}),
        ("span-create", {"traceId": ""}),
        ("generation-create", {"modelParameters": {"a": {"b": 1}}}),
        ("generation-create", {"modelParameters": {"a": [1]}}),
        ("generation-create", {"promptName": "p"}),
        ("generation-create", {"promptVersion": 1}),
        ("generation-create", {"promptName": "p", "promptVersion": 0}),
        ("generation-create", {"promptName": "p", "promptVersion": "1"}),
        ("generation-create", {"promptName": "p", "promptVersion": 65536}),
        ("generation-create", {"usage": {"input": 1.5}}),
        ("generation-create", {"usage": {"input": 1, "unit": "BANANAS"}}),
        ("generation-create", {"usage": 3}),
        ("generation-create", {"usageDetails": [1]}),
        ("generation-create", {"usageDetails": {"input": 2**64}}),
        ("agent-update", {}),
        ("dataset-run-item-create", {}),
        ("observation-create", {"type": "AGENT"}),
    ],
)
def test_g06_wrong_fields_are_refused(type_: str, body: dict[str, object]):
    assert refuse(make_event(type_, 0, {"id": "x", **body})).status == 400


@pytest.mark.parametrize("parameters", [{"a": {"b": "1"}}, {"a": ["x"]}, {"a": None}, {"a": 1.50}])
def test_g06_model_parameters_are_kept_as_text(parameters: dict[str, object]):
    (event,) = accept(make_event("generation-create", 0, {"id": "g", "modelParameters": parameters}))

    assert event.explicit["model_parameters"] == msgspec.json.encode(parameters).decode()


def test_g06_fields_that_a_type_does_not_have_are_ignored():
    instant = make_event("event-create", 0, {"id": "e", "endTime": "no time", "surprise": 1})
    span = make_event("span-create", 0, {"id": "s", "model": 5, "usage": {"input": "x"}})

    events = accept(instant, span)

    assert [event.explicit for event in events] == [{"type": "EVENT"}, {"type": "SPAN"}]


@pytest.mark.parametrize(
    "type_", ["generation", "agent", "tool", "chain", "retriever", "evaluator", "embedding", "guardrail"]
)
def test_every_type_that_may_call_a_model_keeps_its_model(type_: str):
    (event,) = accept(make_event(f"{type_}-create", 0, {"id": "x", "model": "m"}))

    assert (event.explicit["type"], event.explicit["model"]) == (type_.upper(), "m")


def test_g07_a_key_for_scores_may_send_scores_and_logs_only():
    context = BatchContext(PROJECT, can_write_traces=False)
    score = make_event("score-create", 0, {"id": "s", "traceId": "t", "name": "n", "value": 1}, id="score")
    log = make_event("sdk-log", 0, {"log": 1})

    parsed = parse(GOOD, make_event("span-update", 0, {"id": "s"}), score, log, context=context)

    assert [accepted.envelope_id for accepted in parsed.accepted] == ["score"]
    assert [(failure.status, failure.message) for failure in parsed.failures] == [(401, "Authentication error")] * 2
    assert len(parsed.sdk_logs) == 1


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b'{"a": 1.0,  "b":[1e2, 12345678901234567890123]}', '{"a": 1.0,  "b":[1e2, 12345678901234567890123]}'),
        (b'"plain \\"text\\" \\u00e9"', 'plain "text" é'),
        (b'"{\\"a\\":1}"', '{"a":1}'),
        (b"true", "true"),
        (b"1.50", "1.50"),
        (b"{}", "{}"),
        (b"[]", "[]"),
        (b'"a\\u0000b"', "a\x00b"),
    ],
)
def test_input_and_output_stay_as_sent(sent: bytes, kept: str):
    event = json.dumps(make_event("span-create", 0, {"id": "s", "input": "@"})).encode().replace(b'"@"', sent)

    parsed = ingestion.parse_batch(raw_batch(event), CONTEXT)

    assert parsed.accepted[0].event.explicit["input"] == kept


@pytest.mark.parametrize("falsy", [None, 0, -0.0, "", False])
def test_g19_a_falsy_output_says_nothing(falsy: object):
    (event,) = accept(make_event("span-update", 0, {"id": "s", "output": falsy}))

    assert "output" not in event.explicit


def test_halves_of_surrogate_pairs_are_replaced_and_whole_pairs_kept():
    body = rb'{"id":"t\udc00","name":"\ud83d\ude00 \ud83d \\ud800","input":["\uD800"],"metadata":{"\udfff":"\ud800"}}'
    event = json.dumps(make_event("trace-create", 0, "@")).encode().replace(b'"@"', body)

    parsed = ingestion.parse_batch(raw_batch(event), CONTEXT)

    found = parsed.accepted[0].event
    assert (found.entity_id, found.explicit["name"]) == ("t\ufffd", "😀 \ufffd \\ud800")
    assert found.explicit["input"] == r'["\ufffd"]'
    assert found.explicit["metadata"] == {"\ufffd": "\ufffd"}
    assert parsed.accepted[0].event.entity_id.encode()


@pytest.mark.parametrize(
    "poison",
    [
        b'{"id":"t","name":"\xff"}',
        b'{"id":"t","input":"\xff"}',
        b'{"id":"t","input":["\xff"]}',
        b'{"id":"t","metadata":{"\xff":1}}',
        b'{"id":"t","metadata":NaN}',
        b'{"id":"t","metadata":{"a":[-Infinity]}}',
        b'{"id":"t","metadata":1e999}',
        b'{"id":"t","input":NaN}',
        b'{"id":"t","input":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"id":"t","surprise":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}",
        b'{"id":"t","metadata":' + b"[" * 150 + b"]" * 150 + b"}",
        b'{"id":"t","metadata":' + json.dumps({str(key): 0 for key in range(100_000)}).encode() + b"}",
        b'{"id":"t","metadata":[' + json.dumps({str(key): 0 for key in range(1001)}).encode() + b"]}",
    ],
    ids=[
        "utf8-name",
        "utf8-input",
        "utf8-input-json",
        "utf8-key",
        "nan",
        "infinity",
        "overflow",
        "nan-input",
        "deep-input",
        "deep-unknown",
        "deep-metadata",
        "many-keys",
        "many-keys-in-array",
    ],
)
def test_poison_costs_its_own_event_only(poison: bytes):
    good = json.dumps(GOOD).encode()
    bad = json.dumps(make_event("trace-create", 0, "@", id="bad")).encode().replace(b'"@"', poison)

    parsed = ingestion.parse_batch(raw_batch(good, bad, good), CONTEXT)

    assert [accepted.position for accepted in parsed.accepted] == [0, 2]
    assert [(failure.position, failure.status) for failure in parsed.failures] == [(1, 400)]
    assert parsed.failures[0].error


def test_brackets_and_commas_inside_texts_do_not_split_events():
    tricky = make_event("trace-create", 0, {"id": "t", "name": '],[{"\\'})
    nan = make_event("trace-create", 0, {"id": "t", "metadata": float("nan")})

    parsed = ingestion.parse_batch(raw_batch(*(json.dumps(event).encode() for event in (tricky, nan, tricky))), CONTEXT)

    assert [accepted.event.explicit["name"] for accepted in parsed.accepted] == ['],[{"\\'] * 2


@pytest.mark.parametrize(
    "escape", [rb"\ud800", rb"\udc00", rb"\ud800x", rb"\ud800\ud800", rb"\ud800\u0041", rb"\\\ud83d", rb"\\ud83d\udc00"]
)
def test_no_half_of_a_surrogate_pair_costs_an_event(escape: bytes):
    good = json.dumps(GOOD).encode()
    body = b'{"id":"t","name":"' + escape + b'","input":["' + escape + b'"],"unknown":"' + escape + b'"}'
    halved = json.dumps(make_event("trace-create", 0, "@")).encode().replace(b'"@"', body)

    parsed = ingestion.parse_batch(raw_batch(good, halved, b"[" * 10_000 + b"]" * 10_000, halved), CONTEXT)
    simple = ingestion.parse_batch(raw_batch(halved), CONTEXT)

    assert [accepted.position for accepted in parsed.accepted] == [0, 1, 3]
    assert parsed.accepted[1].event == simple.accepted[0].event
    assert "\ufffd" in str(simple.accepted[0].event.explicit["name"])
    assert json.loads(str(simple.accepted[0].event.explicit["input"])) == [simple.accepted[0].event.explicit["name"]]


def test_only_the_batch_of_the_body_itself_is_split():
    nan = b'{"metadata":{"batch":[1]},"x":"batch","batch":[' + json.dumps(GOOD).encode() + b",NaN]}"

    parsed = ingestion.parse_batch(nan, CONTEXT)

    assert (len(parsed.accepted), len(parsed.failures)) == (1, 1)


@pytest.mark.parametrize("body", [b'{"batch":[NaN', b'{"x":[NaN]}', b'{"batch":' + b"[" * 10_000])
def test_a_body_that_can_not_be_split_is_refused_as_a_whole(body: bytes):
    with pytest.raises(errors.InvalidRequestError):
        ingestion.parse_batch(body, CONTEXT)


def test_large_inputs_within_the_depth_are_fine():
    messages = [{"role": "user", "content": {"parts": [{"text": "[" * 50}]}} for _ in range(200)]

    (event,) = accept(make_event("span-create", 0, {"id": "s", "input": messages}))

    assert json.loads(str(event.explicit["input"])) == messages


@pytest.mark.parametrize("sent", [None, 0, "", False, {}, []])
def test_empty_metadata_says_nothing(sent: object):
    (event,) = accept(make_event("trace-create", 0, {"id": "t", "metadata": sent}))

    assert "metadata" not in event.explicit


@pytest.mark.parametrize("sent", ["s", 5, True, [1, "a"]])
def test_g13_metadata_that_is_no_object_gets_a_key(sent: object):
    (event,) = accept(make_event("trace-create", 0, {"id": "t", "metadata": sent}))

    assert event.explicit["metadata"] == {"metadata": sent}


def test_referenced_score_configs_are_found_without_parsing():
    body = b'{"batch":[{"body":{"configId":"c1"}},{"body":{"configId" : "c\\u0032"}},{"body":{"configId":null}}]}'

    assert ingestion.referenced_score_config_ids(body) == {"c1", "c2"}


@pytest.mark.parametrize("body", [b"", b'{"batch":[]}', b'"configId":"\xff"', b'"configId":"\\x"'])
def test_no_score_configs_are_found_where_none_are_named(body: bytes):
    assert ingestion.referenced_score_config_ids(body) == set()


def test_a_stored_body_parses_the_same_with_its_stored_context():
    config = ScoreConfigRule(
        id="c", name="mood", data_type=ScoreDataType.CATEGORICAL, categories=(ScoreCategory("good", 1),), min_value=0
    )
    context = BatchContext(PROJECT, score_configs={"c": config}, limits=BatchLimits(max_metadata_keys=2))
    score = {"name": "n", "value": "good", "configId": "c", "traceId": "t"}
    too_many = make_event("trace-create", 0, {"id": "t", "metadata": {"a": 1, "b": {"c": 2}}})
    body = msgspec.json.encode({"batch": [make_event("score-create", 0, score), too_many, "bad"]})

    stored = msgspec.json.decode(msgspec.json.encode([context.score_configs, context.limits]))
    again = BatchContext(
        PROJECT,
        score_configs=msgspec.convert(stored[0], dict[str, ScoreConfigRule]),
        limits=msgspec.convert(stored[1], BatchLimits),
    )

    assert ingestion.parse_batch(body, again) == ingestion.parse_batch(body, context)
    assert len(ingestion.parse_batch(body, again).accepted) == 1
