"""Golden cases G9-G23 of merging, from batch events to the row."""

from decimal import Decimal

import pytest

from elasticdash.shared.domain import merge
from elasticdash.shared.domain.events import EntityEvent, EntityKind
from elasticdash.shared.domain.pricing import Priced, PricingInput
from elasticdash.shared.ids import ObservationId, TraceId
from support.batch import PROJECT, T0_US, accept, at, make_event, observation_of, trace_of, unpriced

SECOND_US = 1_000_000


def trace(seconds: float, **body: object) -> dict[str, object]:
    return make_event("trace-create", seconds, {"id": "t", **body})


def span(action: str, seconds: float, **body: object) -> dict[str, object]:
    return make_event(f"span-{action}", seconds, {"id": "o", **body})


def generation(action: str, seconds: float, **body: object) -> dict[str, object]:
    return make_event(f"generation-{action}", seconds, {"id": "o", **body})


def test_no_events_give_no_row():
    with pytest.raises(ValueError, match="no events"):
        merge.fold_trace(PROJECT, TraceId("t"), [])


def test_g09_create_and_update():
    update = generation("update", 5, traceId="t1", output="o", endTime=at(4), usage={"input": 3, "output": 2})
    create = generation("create", 0, traceId="t1", name="n", startTime=at(), input="i", model="gpt-4")

    row = observation_of(update, create)

    assert (row.trace_id, row.name, row.input, row.output, row.model) == ("t1", "n", "i", "o", "gpt-4")
    assert (row.start_time_us, row.end_time_us) == (T0_US, T0_US + 4 * SECOND_US)
    assert row.provided_usage == {"input": 3, "output": 2, "total": 5}
    assert (row.type, row.source) == ("GENERATION", "api")


def test_g10_envelope_time_orders_not_arrival():
    row = trace_of(trace(10, name="late"), trace(0, name="early", userId="u"))

    assert (row.name, row.user_id) == ("late", "u")


def test_g11_at_equal_times_creates_come_first():
    assert observation_of(span("update", 0, name="upd"), span("create", 0, name="cre")).name == "upd"


def test_g12_absent_null_and_empty():
    first = trace(0, name="a", userId="u", sessionId="s", metadata={"k": 1}, tags=["x"], input="i")

    row = trace_of(first, trace(1, name=None, metadata=None, tags=[], input=None))

    assert (row.name, row.user_id, row.session_id) == (None, "u", "s")
    assert (row.metadata, row.tags, row.input) == ({"k": "1"}, ("x",), "i")


@pytest.mark.parametrize("field", ["userId", "sessionId", "release", "version", "name"])
def test_g12_a_null_takes_a_trace_text_away(field: str):
    column = {"userId": "user_id", "sessionId": "session_id"}.get(field, field)

    assert getattr(trace_of(trace(0, **{field: "x"}), trace(1, **{field: None})), column) is None


@pytest.mark.parametrize(
    ("field", "value", "column"),
    [
        ("statusMessage", "m", "status_message"),
        ("parentObservationId", "p", "parent_observation_id"),
        ("version", "1", "version"),
        ("endTime", at(1), "end_time_us"),
        ("completionStartTime", at(1), "completion_start_time_us"),
        ("modelParameters", {"a": 1}, "model_parameters"),
        ("usageDetails", {"input": 1}, "provided_usage"),
        ("costDetails", {"input": 1}, "provided_cost_usd"),
        ("metadata", {"a": 1}, "metadata"),
        ("input", [], "input"),
        ("traceId", "t", "trace_id"),
        ("startTime", at(-5), "start_time_us"),
        ("environment", "prod", "environment"),
    ],
)
def test_g12_a_null_says_nothing_of_these(field: str, value: object, column: str):
    stated = generation("create", 0, **{field: value})

    alone = getattr(observation_of(stated), column)
    with_null = getattr(observation_of(stated, generation("update", 1, **{field: None})), column)

    assert alone == with_null
    assert alone


def test_g12_a_null_level_is_default_and_a_null_model_none():
    row = observation_of(
        generation("create", 0, level="ERROR", model="m", name="n"),
        generation("update", 1, level=None, model=None, name=None),
    )

    assert (row.level, row.model, row.name) == ("DEFAULT", None, "")


def test_g13_metadata_merges_deeply_and_arrays_by_index():
    first = {"a": {"x": 1, "y": 2}, "l": [1, 2, 3], "k": "v", "n": {"b": [{"c": 1}]}}
    second = {"a": {"x": 9, "z": 3}, "l": [8], "n": {"b": [{"d": None}, 2]}}

    row = trace_of(trace(0, metadata=first), trace(1, metadata=second))

    assert row.metadata == {
        "a": '{"x":9,"y":2,"z":3}',
        "l": "[8,2,3]",
        "k": "v",
        "n": '{"b":[{"c":1,"d":null},2]}',
    }


def test_g13_a_null_key_is_kept_as_text_and_a_change_of_shape_replaces():
    row = trace_of(trace(0, metadata={"a": {"x": 1}, "b": "é"}), trace(1, metadata={"a": [1], "b": None}))

    assert row.metadata == {"a": "[1]", "b": "null"}


def test_g14_tags_are_united_and_sorted():
    row = trace_of(trace(0, tags=["b", "a", "a"]), trace(1, tags=["c"]), trace(2, tags=[]))

    assert row.tags == ("a", "b", "c")


def test_g15_some_fields_keep_their_first_value():
    row = trace_of(
        trace(0, timestamp=at(), environment="prod"), trace(1, timestamp=at(100), environment="dev"), trace(-1)
    )
    observation = observation_of(
        span("create", 0, traceId="t", startTime=at(), environment="prod"),
        span("update", 1, traceId="other", startTime=at(50), environment="dev"),
    )

    assert (row.timestamp_us, row.environment) == (T0_US, "prod")
    assert (observation.trace_id, observation.start_time_us, observation.environment) == ("t", T0_US, "prod")


def test_g16_public_is_kept_until_said_otherwise():
    assert trace_of(trace(0, public=True), trace(1, name="n"), trace(2, public=None)).is_public
    assert not trace_of(trace(0, public=True), trace(1, public=False)).is_public


def test_g17_usage_is_replaced_as_a_whole_and_an_empty_map_says_nothing():
    row = observation_of(
        generation("create", 0, usageDetails={"input": 1, "output": 2}, costDetails={"input": 0.1}),
        generation("update", 1, usageDetails={"output": 5}, costDetails={}),
    )

    assert row.provided_usage == {"output": 5}
    assert row.provided_cost_usd == {"input": Decimal("0.1")}


def test_g18_an_explicit_start_beats_an_earlier_implied_one():
    update = span("update", -5, traceId="t", endTime=at(5))

    row = observation_of(update, span("create", 0, traceId="t", startTime=at(), name="n"))

    assert (row.start_time_us, row.name, row.end_time_us) == (T0_US, "n", T0_US + 5 * SECOND_US)
    assert observation_of(update).start_time_us == T0_US - 5 * SECOND_US


def test_g19_a_falsy_output_does_not_replace_and_an_empty_object_does():
    assert observation_of(span("create", 0, output="x"), span("update", 1, output=0)).output == "x"
    assert observation_of(span("create", 0, output="x"), span("update", 1, output={})).output == "{}"


def test_g20_an_end_before_the_start_is_clamped():
    assert observation_of(span("create", 0, startTime=at(), endTime=at(-3))).end_time_us == T0_US


def test_g21_a_change_of_type_leaves_one_row():
    row = observation_of(span("create", 0, name="n"), generation("create", 1))

    assert (row.type, row.name) == ("GENERATION", "n")


def test_g22_replays_change_nothing():
    events = accept(trace(0, name="a"), trace(1, userId="u", metadata={"k": [1]}))

    once = merge.fold_trace(PROJECT, TraceId("t"), events)

    assert merge.fold_trace(PROJECT, TraceId("t"), [*events, *events[::-1], *events]) == once


def test_g23_the_explicit_time_wins_over_midnight():
    stated = {**trace(0, timestamp="2026-01-15T23:59:59.900Z"), "timestamp": "2026-01-15T23:59:59.900Z"}
    later = {**trace(0, name="n"), "timestamp": "2026-01-16T00:00:00.100Z"}

    assert trace_of(later, stated).timestamp_us == trace_of(stated).timestamp_us
    assert trace_of(later, stated).name == "n"


def test_a_trace_without_a_stated_time_begins_with_its_earliest_event():
    assert trace_of(trace(5), trace(3)).timestamp_us == T0_US + 3 * SECOND_US


def test_an_observation_without_a_trace_always_gets_the_same_one():
    first, second = observation_of(span("create", 0)), observation_of(span("update", 9, name="n"))

    assert first.trace_id == second.trace_id == merge.derived_trace_id(PROJECT, ObservationId("o"))
    assert observation_of(span("update", 0), span("create", 1, traceId="t")).trace_id == "t"


def test_derived_values_fill_only_what_nothing_states():
    def derived(rank: int, time_us: int, **columns: str) -> EntityEvent:
        return EntityEvent(EntityKind.TRACE, "t", time_us, True, {}, columns, rank)

    (stated,) = accept(trace(0, userId="stated", sessionId=None))
    events = [
        derived(0, 5, name="low", release="only"),
        derived(2, 9, name="high and late", user_id="derived", session_id="derived"),
        derived(2, 8, name="high and early"),
        stated,
    ]

    row = merge.fold_trace(PROJECT, TraceId("t"), events)

    assert (row.name, row.release) == ("high and early", "only")
    assert (row.user_id, row.session_id) == ("stated", None)


def test_derived_times_and_metadata_lie_below_explicit_ones():
    spans = EntityEvent(
        EntityKind.TRACE,
        "t",
        T0_US,
        False,
        {},
        {"timestamp_us": T0_US - 7, "metadata": {"a": "derived", "b": "derived"}, "tags": ["d"]},
        3,
    )
    (stated,) = accept(trace(0, metadata={"a": "stated"}, tags=["s"]))

    row = merge.fold_trace(PROJECT, TraceId("t"), [stated, spans])

    assert row.timestamp_us == T0_US - 7
    assert row.metadata == {"a": "stated", "b": "derived"}
    assert row.tags == ("d", "s")


def test_derived_metadata_of_the_earliest_event_wins_at_equal_rank():
    early, late = (
        EntityEvent(EntityKind.TRACE, "t", T0_US + delay, False, {}, {"metadata": {"a": name, name: 1}}, 1)
        for delay, name in ((0, "early"), (1, "late"))
    )

    row = merge.fold_trace(PROJECT, TraceId("t"), [late, early])

    assert row.metadata == {"a": "early", "early": "1", "late": "1"}


def test_a_row_of_more_events_has_the_higher_revision():
    (first,), (second,) = accept(trace(5, name="a")), accept(trace(0, name="b"))

    alone = merge.fold_trace(PROJECT, TraceId("t"), [first])
    both = merge.fold_trace(PROJECT, TraceId("t"), [first, second])

    assert alone.revision < both.revision < 2**64


def test_tools_are_found_in_the_merged_input_and_output():
    offered = {"tools": [{"type": "function", "function": {"name": "add", "parameters": {}}}]}
    called = {"tool_calls": [{"id": "c", "type": "function", "function": {"name": "add", "arguments": "{}"}}]}

    row = observation_of(generation("create", 0, input=offered), generation("update", 1, output=called))

    assert list(row.tool_definitions) == ["add"]
    assert (len(row.tool_calls), list(row.tool_call_names)) == (1, ["add"])


def test_prices_see_what_was_stated():
    seen: list[PricingInput] = []
    (event,) = accept(generation("create", 0, model="m", usageDetails={"input": 1}, level="ERROR", input="i"))

    def price(stated: PricingInput) -> Priced:
        seen.append(stated)
        return unpriced(stated)

    merge.fold_observation(PROJECT, ObservationId("o"), [event], price)

    (stated,) = seen
    assert (stated.model, stated.provided_usage, stated.level, stated.input) == ("m", {"input": 1}, "ERROR", "i")
