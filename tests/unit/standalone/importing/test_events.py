"""What an API shows becomes the events that make the same rows."""

from typing import Any

import pytest

from elasticdash.shared.domain.observations import ObservationType
from elasticdash.standalone.importing import events, project_copy
from support.batch import accept


def make_observation(**fields: Any) -> dict[str, Any]:
    shown = {
        "id": "o1", "traceId": "t1", "type": "GENERATION", "name": "answer", "startTime": "2026-01-15T10:00:00.000Z",
        "endTime": "2026-01-15T10:00:01.000Z", "updatedAt": "2026-01-15T10:05:00.000Z", "level": "DEFAULT",
        "model": "gpt-4o", "usageDetails": {"input": 3}, "costDetails": {"input": 0.5}, "statusMessage": None,
        "projectId": "there", "createdAt": "2026-01-15T10:00:00.000Z", "latency": 1.0,
    }  # fmt: skip
    return {**shown, **fields}


def make_score(**fields: Any) -> dict[str, Any]:
    shown = {
        "id": "s1", "traceId": "t1", "name": "quality", "dataType": "NUMERIC", "value": 0.5, "source": "ANNOTATION",
        "timestamp": "2026-01-15T10:00:00.000Z", "updatedAt": "2026-01-15T10:05:00.000Z", "configId": None,
    }  # fmt: skip
    return {**shown, **fields}


@pytest.mark.parametrize("type_", [type_.value for type_ in ObservationType])
def test_every_observation_type_becomes_an_accepted_event(type_: str):
    event = events.observation_event(make_observation(type=type_))

    assert event["type"] == f"{type_.lower()}-create"
    assert accept(event)


def test_an_event_is_as_old_as_its_rows_last_change():
    assert events.observation_event(make_observation())["timestamp"] == "2026-01-15T10:05:00.000Z"


def test_usage_and_costs_are_stated_as_the_source_knows_them():
    body = events.observation_event(make_observation())["body"]

    assert body["usageDetails"] == {"input": 3}
    assert body["costDetails"] == {"input": 0.5}


def test_unknown_usage_is_left_to_this_logger():
    body = events.observation_event(make_observation(usageDetails={}, costDetails={}))["body"]

    assert "usageDetails" not in body
    assert "costDetails" not in body


@pytest.mark.parametrize(
    ("shown", "value"),
    [
        ({"dataType": "NUMERIC", "value": 0.5}, 0.5),
        ({"dataType": "BOOLEAN", "value": 1, "stringValue": "True"}, 1),
        ({"dataType": "CATEGORICAL", "value": 2, "stringValue": "good"}, "good"),
        ({"dataType": "TEXT", "value": 0, "stringValue": "well done"}, "well done"),
    ],
    ids=["numeric", "boolean", "categorical", "text"],
)
def test_a_score_keeps_the_value_its_type_is_sent_with(shown: dict[str, Any], value: object):
    event = events.score_event(make_score(**shown), {})

    assert event["body"]["value"] == value
    assert accept({**event, "body": {**event["body"], "source": "API"}})


def test_a_score_points_at_the_config_of_this_logger():
    assert events.score_event(make_score(configId="there"), {"there": "here"})["body"]["configId"] == "here"
    assert "configId" not in events.score_event(make_score(configId="gone"), {"there": "here"})["body"]


def test_requests_hold_as_much_as_every_endpoint_takes():
    small = [{"id": f"e{number}", "body": "x" * 10} for number in range(1200)]
    large = {"id": "large", "body": "x" * (4 << 20)}

    batches = list(project_copy.batches_of([*small, large, small[0]]))

    assert [len(batch) for batch in batches] == [500, 500, 200, 1, 1]
    assert [event for batch in batches for event in batch] == [*small, large, small[0]]
