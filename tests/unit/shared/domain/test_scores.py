"""Golden cases G24-G26: what makes a score valid and what is stored for it."""

import pytest

from elasticdash.shared.domain.scores import ScoreDataType
from elasticdash.shared.schemas.ingestion import BatchContext, ScoreCategory, ScoreConfigRule
from support.batch import PROJECT, T0_US, at, make_event, refuse, score_of

CONFIGS = [
    ScoreConfigRule(id="range", name="acc", data_type=ScoreDataType.NUMERIC, min_value=0, max_value=1),
    ScoreConfigRule(id="old", name="old", data_type=ScoreDataType.NUMERIC, is_archived=True),
    ScoreConfigRule(
        id="labels",
        name="mood",
        data_type=ScoreDataType.CATEGORICAL,
        categories=(ScoreCategory("bad", 0), ScoreCategory("good", 1)),
    ),
    ScoreConfigRule(id="flag", name="ok", data_type=ScoreDataType.BOOLEAN),
    ScoreConfigRule(id="words", name="words", data_type=ScoreDataType.TEXT),
]
CONTEXT = BatchContext(PROJECT, score_configs={config.id: config for config in CONFIGS})


def score(seconds: float = 0, **body: object) -> dict[str, object]:
    target = {} if body.keys() & {"traceId", "sessionId", "datasetRunId", "observationId"} else {"traceId": "t"}
    return make_event("score-create", seconds, {"id": "s", "name": "n", **target, **body})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"dataType": "NUMERIC", "value": "1"}, "value"),
        ({"dataType": "NUMERIC", "value": True}, "value"),
        ({"dataType": "CATEGORICAL", "value": 1}, "value"),
        ({"dataType": "BOOLEAN", "value": True}, "value"),
        ({"dataType": "BOOLEAN", "value": 2}, "value"),
        ({"dataType": "BOOLEAN", "value": "1"}, "value"),
        ({"dataType": "TEXT", "value": ""}, "value"),
        ({"dataType": "TEXT", "value": "x" * 501}, "value"),
        ({"dataType": "TEXT", "value": 1}, "value"),
        ({"dataType": "CORRECTION", "value": 1}, "value"),
        ({"dataType": "CORRECTION", "value": "x", "configId": "words"}, "configId"),
        ({"dataType": "CORRECTION", "value": "x", "sessionId": "s"}, "traceId"),
        ({"dataType": None, "value": 1}, "dataType"),
        ({"dataType": "numeric", "value": 1}, "dataType"),
        ({"value": None}, "value"),
        ({"value": 10**400}, "value"),
        ({}, "body"),
        ({"value": 1, "name": ""}, "name"),
        ({"value": 1, "source": "USER"}, "source"),
        ({"value": 1, "traceId": "t", "sessionId": "s"}, "traceId"),
        ({"value": 1, "observationId": "o"}, "traceId"),
        ({"value": 1, "observationId": "o", "sessionId": "s"}, "observationId"),
        ({"value": 1, "traceId": None}, "traceId"),
    ],
)
def test_g24_scores_out_of_rule_are_refused(body: dict[str, object], field: str):
    failure = refuse(score(**body))

    assert (failure.status, failure.message) == (400, "Invalid request data")
    assert field in failure.error


@pytest.mark.parametrize(
    ("body", "data_type", "value", "string_value"),
    [
        ({"dataType": "NUMERIC", "value": 0.5}, "NUMERIC", 0.5, None),
        ({"dataType": "CATEGORICAL", "value": "good"}, "CATEGORICAL", 0, "good"),
        ({"dataType": "BOOLEAN", "value": 1}, "BOOLEAN", 1, "True"),
        ({"dataType": "BOOLEAN", "value": 0}, "BOOLEAN", 0, "False"),
        ({"dataType": "TEXT", "value": "x" * 500}, "TEXT", 0, "x" * 500),
        ({"value": "x"}, "CATEGORICAL", 0, "x"),
        ({"value": 3}, "NUMERIC", 3, None),
    ],
)
def test_g24_what_each_type_stores(body: dict[str, object], data_type: str, value: float, string_value: str | None):
    row = score_of(score(**body))

    assert (row.name, row.data_type, row.value, row.string_value) == ("n", data_type, value, string_value)
    assert (row.trace_id, row.long_string_value, row.source) == ("t", None, "API")


def test_g24_a_correction_is_a_long_text_named_output():
    row = score_of(score(dataType="CORRECTION", value="fixed", source="ANNOTATION"))

    assert (row.name, row.value, row.string_value, row.long_string_value) == ("output", 0, None, "fixed")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"sessionId": "s", "traceId": None}, (None, None, "s", None)),
        ({"datasetRunId": "d"}, (None, None, None, "d")),
        ({"traceId": "t", "observationId": "o", "sessionId": None}, ("t", "o", None, None)),
    ],
)
def test_g24_a_score_has_one_target(body: dict[str, object], expected: tuple[str | None, ...]):
    row = score_of(score(value=1, **body))

    assert (row.trace_id, row.observation_id, row.session_id, row.dataset_run_id) == expected


@pytest.mark.parametrize(
    "body",
    [
        {"configId": "range", "value": 1.5},
        {"configId": "range", "value": -0.1},
        {"configId": "range", "value": "x"},
        {"configId": "range", "value": 1, "dataType": "BOOLEAN"},
        {"configId": "old", "value": 1},
        {"configId": "labels", "value": "ugly"},
        {"configId": "labels", "value": 1},
        {"configId": "flag", "value": 2},
        {"configId": "flag", "value": "True"},
        {"configId": "nowhere", "value": 1},
        {"source": "ANNOTATION", "value": 1},
    ],
)
def test_g25_what_breaks_its_configuration_is_refused(body: dict[str, object]):
    failure = refuse(score(**body), CONTEXT)

    assert failure.status == 400
    assert failure.error.startswith("body.")


@pytest.mark.parametrize(
    ("body", "name", "value", "string_value"),
    [
        ({"configId": "range", "value": 0.7}, "acc", 0.7, None),
        ({"configId": "range", "value": 1, "dataType": "NUMERIC", "source": "ANNOTATION"}, "acc", 1, None),
        ({"configId": "labels", "value": "good"}, "mood", 1, "good"),
        ({"configId": "flag", "value": 1}, "ok", 1, "True"),
        ({"configId": "words", "value": "free"}, "words", 0, "free"),
    ],
)
def test_g25_a_configuration_names_and_types_its_scores(
    body: dict[str, object], name: str, value: float, string_value: str | None
):
    row = score_of(score(**{"name": "zzz", **body}), context=CONTEXT)

    assert (row.name, row.value, row.string_value) == (name, value, string_value)
    assert row.config_id == body["configId"]


def test_g26_a_later_score_overwrites_but_not_time_and_target():
    row = score_of(score(1, value=2, traceId="other", environment="dev"), score(0, value=1, environment="prod"))

    assert (row.value, row.timestamp_us, row.trace_id, row.environment) == (2, T0_US, "t", "prod")


def test_g26_a_change_of_type_leaves_nothing_of_the_old_one():
    row = score_of(score(0, value="good", comment="c"), score(1, value=2, comment=None))

    assert (row.data_type, row.value, row.string_value, row.comment) == ("NUMERIC", 2, None, None)


def test_a_stated_time_is_the_scores_time():
    assert score_of(score(9, value=1, timestamp=at(3))).timestamp_us == T0_US + 3_000_000
