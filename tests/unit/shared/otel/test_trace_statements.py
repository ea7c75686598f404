"""What spans say about their trace folds to the same trace however an export is cut, in few events."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from elasticdash.shared.domain import merge
from elasticdash.shared.domain.events import EntityEvent
from elasticdash.shared.domain.traces import Trace
from elasticdash.shared.ids import ProjectId, TraceId
from support import otlp
from support.otlp import OTHER_SPAN_ID, SPAN_ID, START_NS, START_US, TRACE_ID, export_of, make_span


def events_of(*spans: dict[str, Any], resource: dict[str, Any] | None = None) -> list[EntityEvent]:
    return otlp.map_export(export_of(*spans, resource=resource)).trace_events


def folded(events: list[EntityEvent]) -> dict[str, Any]:
    """The trace without its revision, which counts events."""
    trace = merge.fold_trace(ProjectId("p"), TraceId(TRACE_ID), events)
    return {name: getattr(trace, name) for name in Trace.__slots__ if name != "revision"}


def child(number: int, values: dict[str, Any] | None = None, microseconds: int = 0) -> dict[str, Any]:
    start = str(START_NS + microseconds * 1000)
    return make_span(values, spanId=f"{number:016x}", parentSpanId=SPAN_ID, startTimeUnixNano=start)


def test_a_root_states_what_it_was_told_and_suggests_what_it_is():
    (event,) = events_of(
        make_span(
            {
                "langfuse.trace.name": "stated",
                "user.id": "u",
                "session.id": "s",
                "langfuse.trace.tags": ["b", "a"],
                "langfuse.trace.public": True,
                "langfuse.trace.input": "trace in",
                "langfuse.trace.metadata.team": "search",
                "langfuse.release": "r1",
                "input.value": "span in",
                "output.value": "span out",
            }
        ),
        resource={"service.name": "svc", "service.version": "v1", "deployment.environment": "Prod"},
    )

    metadata = event.explicit["metadata"]
    assert isinstance(metadata, dict)
    assert {name: value for name, value in event.explicit.items() if name != "metadata"} == {
        "name": "stated",
        "user_id": "u",
        "session_id": "s",
        "tags": ["b", "a"],
        "is_public": True,
        "input": "trace in",
        "release": "r1",
    }
    assert metadata["team"] == "search"
    assert json.loads(str(metadata["resourceAttributes"]))["service.name"] == "svc"
    assert json.loads(str(metadata["attributes"]))["elasticdash.trace.metadata.team"] == "search"
    assert event.derived == {
        "timestamp_us": START_US,
        "name": "step",
        "input": "span in",
        "output": "span out",
        "environment": "prod",
        "version": "v1",
        "release": "r1",
    }
    assert (event.derived_rank, event.is_create, event.time_us) == (2, True, START_US)


def test_a_child_with_trace_attributes_states_only_those():
    stated, background = events_of(child(1, {"user.id": "u", "input.value": "in"}), resource={"service.version": "v"})

    assert (stated.explicit, stated.derived) == ({"user_id": "u"}, {"timestamp_us": START_US})
    assert (background.explicit, background.derived) == ({}, {"timestamp_us": START_US, "version": "v"})
    assert stated.derived_rank == 0


def test_a_conversation_is_the_session_only_where_none_is_stated():
    conversation = child(1, {"gen_ai.conversation.id": "c"}, microseconds=5)

    assert folded(events_of(make_span({"session.id": "s"}), conversation))["session_id"] == "s"
    assert folded(events_of(make_span(), conversation))["session_id"] == "c"


@pytest.mark.parametrize("size", [10, 2_000])
def test_a_large_trace_gives_two_events(size: int):
    spans = [child(n, {"user.id": "u", "session.id": "s"}, microseconds=n) for n in range(1, size)]

    events = events_of(make_span({"user.id": "u"}), *spans)

    assert len(events) == 2
    assert events[1].time_us == START_US + size - 1
    assert events[1].derived == {"timestamp_us": START_US + 1}


def test_children_without_a_root_give_one_event_with_the_earliest_start():
    (event,) = events_of(*(child(n, microseconds=n) for n in (3, 1, 2)))

    assert (event.explicit, event.derived) == ({}, {"timestamp_us": START_US + 1})


def test_a_child_before_its_root_keeps_its_start():
    events = events_of(make_span(), child(1, microseconds=-7))

    assert folded(events)["timestamp_us"] == START_US - 7


_words = st.fixed_dictionaries(
    {},
    optional={
        "user.id": st.sampled_from(["u1", "u2"]),
        "session.id": st.sampled_from(["s1", "s2"]),
        "gen_ai.conversation.id": st.sampled_from(["c1", "c2"]),
        "langfuse.trace.name": st.sampled_from(["n1", "n2"]),
        "langfuse.trace.tags": st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2),
        "langfuse.trace.public": st.booleans(),
        "langfuse.trace.output": st.sampled_from(["o1", "o2"]),
        "langfuse.trace.metadata": st.sampled_from(
            ['{"k":{"x":1}}', '{"k":{"y":2}}', '{"k":[1,2]}', '{"k":[3]}', '{"k":5}']
        ),
        "langfuse.trace.metadata.k2": st.sampled_from(["v1", "v2"]),
        "langfuse.environment": st.sampled_from(["prod", "dev"]),
        "langfuse.version": st.sampled_from(["1", "2"]),
        "langfuse.release": st.sampled_from(["1", "2"]),
        "langfuse.internal.is_app_root": st.just(True),
        "input.value": st.sampled_from(["i1", "i2"]),
    },
)
_spans = st.lists(
    st.tuples(_words, st.integers(0, 6), st.sampled_from([None, SPAN_ID, OTHER_SPAN_ID])), min_size=1, max_size=12
)


@settings(max_examples=300, deadline=None)
@given(_spans)
# A number between two objects takes the first away: the second then says its keys before those of the third.
@example(
    [
        ({"langfuse.trace.metadata": '{"k":5}'}, 0, SPAN_ID),
        ({"langfuse.trace.metadata": '{"k":{"x":1}}'}, 1, SPAN_ID),
        ({"langfuse.trace.metadata": '{"k":{"y":2}}'}, 2, SPAN_ID),
        ({"langfuse.trace.metadata": '{"k":{"x":1}}'}, 3, SPAN_ID),
    ]
)
def test_compaction_does_not_change_the_trace(spans: list[tuple[dict[str, Any], int, str | None]]):
    sent = [
        make_span(words, spanId=f"{n + 1:016x}", parentSpanId=parent, startTimeUnixNano=str(START_NS + offset * 1000))
        for n, (words, offset, parent) in enumerate(spans)
    ]

    one_by_one = [event for span in sent for event in events_of(span)]

    together = events_of(*sent)
    assert folded(together) == folded(one_by_one)
    assert folded(together[::-1]) == folded(one_by_one)
    assert len(together) <= len(one_by_one)
