"""Requests that carry one thing become batch events."""

import json

import msgspec
import pytest

from elasticdash.shared import errors
from elasticdash.shared.domain.events import EntityKind
from elasticdash.shared.schemas import ingestion, ingestion_wrappers
from elasticdash.shared.schemas.ingestion_wrappers import WrappedEvent, WrapperName
from support.batch import CONTEXT, T0_US, at


def parsed(wrapped: WrappedEvent):
    return ingestion.parse_batch(msgspec.json.encode({"batch": [wrapped.event]}), CONTEXT)


@pytest.mark.parametrize("body", [b"", b"[]", b"5", b"{", b'{"a":NaN}', b"\xff"])
def test_bodies_that_are_no_object_are_refused(body: bytes):
    with pytest.raises(errors.InvalidRequestError):
        ingestion_wrappers.create_event("traces", body, at())
    with pytest.raises(errors.InvalidRequestError):
        ingestion_wrappers.update_event("spans", body, at())


@pytest.mark.parametrize("body", [b"", b"5", b"[5]", b"{", b"\xff"])
def test_bodies_that_are_no_scores_are_refused(body: bytes):
    with pytest.raises(errors.InvalidRequestError):
        ingestion_wrappers.parse_score(body, CONTEXT, at())


def test_an_update_without_its_id_is_refused():
    with pytest.raises(errors.InvalidRequestError) as refused:
        ingestion_wrappers.update_event("spans", b'{"id":"s"}', at())

    assert refused.value.issues[0].path == ("spanId",)


def test_an_array_of_scores_over_its_size_is_refused():
    scores = [{"name": "n", "value": "x" * 1_000_000, "traceId": "t"}]

    with pytest.raises(errors.PayloadTooLargeError):
        ingestion_wrappers.parse_score(json.dumps(scores).encode(), CONTEXT, at())


@pytest.mark.parametrize(
    ("name", "kind", "type_"),
    [
        ("traces", EntityKind.TRACE, None),
        ("events", EntityKind.OBSERVATION, "EVENT"),
        ("spans", EntityKind.OBSERVATION, "SPAN"),
        ("generations", EntityKind.OBSERVATION, "GENERATION"),
    ],
)
def test_each_wrapper_creates_its_kind_and_a_missing_id(name: WrapperName, kind: EntityKind, type_: str | None):
    wrapped = ingestion_wrappers.create_event(name, b'{"name":"n"}', at(3))

    (accepted,) = parsed(wrapped).accepted
    assert wrapped.entity_id == accepted.event.entity_id != ""
    assert (accepted.event.kind, accepted.event.explicit.get("type")) == (kind, type_)
    assert accepted.event.time_us == T0_US + 3_000_000


def test_a_generation_may_use_the_names_of_old():
    body = b'{"generationId":"g","prompt":{"a": 1.0},"completion":"c"}'

    wrapped = ingestion_wrappers.update_event("generations", body, at())

    (accepted,) = parsed(wrapped).accepted
    assert (accepted.event.entity_id, accepted.event.is_create) == ("g", False)
    assert (accepted.event.explicit["input"], accepted.event.explicit["output"]) == ('{"a": 1.0}', "c")


def test_an_id_of_a_wrong_type_is_refused_by_the_event_rules():
    wrapped = ingestion_wrappers.create_event("spans", b'{"id":5}', at())

    assert parsed(wrapped).failures[0].error == "body.id: Expected `str`, got `int`"


@pytest.mark.parametrize("id_", [b"", b'"id":"",', b'"id":null,'])
def test_a_score_gets_an_id_when_it_has_none(id_: bytes):
    body = b"{" + id_ + b'"name":"n","value":1,"traceId":"t"}'

    request = ingestion_wrappers.score_request(body, at())

    assert not request.is_list
    (accepted,) = parsed(request.events[0]).accepted
    assert request.events[0].entity_id == accepted.event.entity_id != ""


def test_an_array_of_scores_is_judged_one_by_one():
    good = {"id": "s1", "name": "n", "value": 1, "traceId": "t", "timestamp": at(7)}
    body = json.dumps([good, {"id": "s2", "name": "n"}, {**good, "id": "s3"}]).encode()

    result = ingestion_wrappers.parse_score(body, CONTEXT, at())

    assert ingestion_wrappers.score_request(body, at()).is_list
    assert [accepted.event.entity_id for accepted in result.accepted] == ["s1", "s3"]
    assert result.accepted[0].event.explicit["timestamp_us"] == T0_US + 7_000_000
    assert [failure.position for failure in result.failures] == [1]
