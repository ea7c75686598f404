"""Any order, repetition or split of the same statements gives the same row."""

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticdash.shared.domain import merge
from elasticdash.shared.domain.events import EntityEvent
from elasticdash.shared.ids import ObservationId, ScoreId, TraceId
from elasticdash.shared.schemas import event_log
from support.batch import PROJECT, accept, at, make_event, unpriced

Fold = Callable[[Sequence[EntityEvent]], object]

TEXTS = st.none() | st.sampled_from(["", "a", "b"])
SECONDS = st.integers(0, 3)
TIMES = st.none() | SECONDS.map(at)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-1, 1) | st.sampled_from(["", "x", "y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
COUNTS = st.none() | st.dictionaries(st.sampled_from(["input", "output", "total"]), st.integers(0, 9), max_size=3)
SHARED = {"environment": TEXTS, "name": TEXTS, "metadata": JSON, "input": JSON, "output": JSON, "version": TEXTS}


def events_of(
    types: Sequence[str],
    optional: dict[str, st.SearchStrategy[object]],
    required: dict[str, st.SearchStrategy[object]] | None = None,
) -> st.SearchStrategy[list[EntityEvent]]:
    bodies = st.fixed_dictionaries({"id": st.just("x"), **(required or {})}, optional=optional)
    sent = st.builds(make_event, st.sampled_from(types), SECONDS, bodies)
    return st.lists(sent, min_size=1, max_size=6).map(lambda batch: list(accept(*batch)))


TRACES = events_of(
    ["trace-create"],
    {
        **SHARED,
        "timestamp": TIMES,
        "userId": TEXTS,
        "sessionId": TEXTS,
        "public": st.none() | st.booleans(),
        "tags": st.none() | st.lists(st.sampled_from("abc"), max_size=3),
    },
)
OBSERVATIONS = events_of(
    ["span-create", "span-update", "generation-create", "generation-update", "event-create", "agent-create"],
    {
        **SHARED,
        "traceId": st.none() | st.sampled_from(["t1", "t2"]),
        "startTime": TIMES,
        "endTime": TIMES,
        "level": st.none() | st.sampled_from(["DEBUG", "ERROR"]),
        "model": TEXTS,
        "usage": COUNTS,
        "usageDetails": COUNTS,
        "costDetails": COUNTS,
        "modelParameters": st.none() | st.dictionaries(st.sampled_from("ab"), st.integers(0, 3)),
    },
)
SCORES = events_of(
    ["score-create"],
    {"comment": TEXTS, "metadata": JSON, "timestamp": TIMES, "environment": TEXTS, "configId": st.none()},
    {
        "name": st.sampled_from(["n", "m"]),
        "value": st.sampled_from([0, 1, 0.5, "good", "bad"]),
        "traceId": st.sampled_from(["t1", "t2"]),
    },
)


def fold_trace(events: Sequence[EntityEvent]) -> object:
    return merge.fold_trace(PROJECT, TraceId("x"), events)


def fold_observation(events: Sequence[EntityEvent]) -> object:
    return merge.fold_observation(PROJECT, ObservationId("x"), events, unpriced)


def fold_score(events: Sequence[EntityEvent]) -> object:
    return merge.fold_score(PROJECT, ScoreId("x"), events)


def logged_and_read(events: Sequence[EntityEvent]) -> list[EntityEvent]:
    return [event_log.decode_event(event_log.encode_event(event)) for event in events]


def check_same_row(fold: Fold, events: list[EntityEvent], rng: random.Random) -> None:
    expected = fold(events)
    seen: list[EntityEvent] = []
    arriving = [*events, *rng.choices(events, k=3)]
    rng.shuffle(arriving)

    # Each part arrives alone and is folded with all that was logged before, as the worker does.
    while arriving:
        size = rng.randint(1, len(arriving))
        part, arriving = arriving[:size], arriving[size:]
        row = fold([*part, *logged_and_read(seen)])
        seen += part

    assert row == expected
    assert fold(logged_and_read(rng.sample(seen, len(seen)))) == expected


@given(TRACES, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_traces_do_not_depend_on_order_repetition_or_split(events: list[EntityEvent], rng: random.Random):
    check_same_row(fold_trace, events, rng)


@given(OBSERVATIONS, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_observations_do_not_depend_on_order_repetition_or_split(events: list[EntityEvent], rng: random.Random):
    check_same_row(fold_observation, events, rng)


@given(SCORES, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_scores_do_not_depend_on_order_repetition_or_split(events: list[EntityEvent], rng: random.Random):
    check_same_row(fold_score, events, rng)


@given(OBSERVATIONS)
@settings(max_examples=100, deadline=None)
def test_a_log_entry_reads_back_equal(events: list[EntityEvent]):
    assert logged_and_read(events) == events


@pytest.mark.parametrize("payload", ["", "{}", "[]", '{"kind":"planet"}'])
def test_a_damaged_log_entry_is_refused(payload: str):
    with pytest.raises(event_log.CorruptEventError):
        event_log.decode_event(payload)
