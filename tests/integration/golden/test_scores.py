"""Golden cases G24-G26: score types, configs, overwriting."""

import pytest

from support.golden import Golden, Json, at


def score_event(golden: Golden, seconds: float = 0, **body: object) -> Json:
    return golden.event("score-create", seconds, {"id": golden.id("s"), "traceId": golden.id("t"), "name": "n", **body})


@pytest.mark.parametrize(
    ("body", "value", "string_value", "data_type"),
    [
        ({"dataType": "NUMERIC", "value": 0.5}, 0.5, None, "NUMERIC"),
        ({"dataType": "CATEGORICAL", "value": "good"}, 0, "good", "CATEGORICAL"),
        ({"dataType": "BOOLEAN", "value": 1}, 1, "True", "BOOLEAN"),
        ({"dataType": "BOOLEAN", "value": 0}, 0, "False", "BOOLEAN"),
        ({"value": "x"}, 0, "x", "CATEGORICAL"),
        ({"value": 3}, 3, None, "NUMERIC"),
    ],
    ids=["numeric", "categorical", "true", "false", "text-without-type", "number-without-type"],
)
def test_g24_types(golden: Golden, body: Json, value: float, string_value: str | None, data_type: str):
    golden.accept(score_event(golden, **body))

    found = golden.score(golden.id("s"))
    assert (found["value"], found.get("stringValue"), found["dataType"]) == (value, string_value, data_type)


def test_g24_text_up_to_500_characters(golden: Golden):
    golden.accept(score_event(golden, dataType="TEXT", value="t" * 500))

    assert golden.score(golden.id("s"))["stringValue"] == "t" * 500


def test_g24_a_correction_is_named_output(golden: Golden):
    golden.accept(score_event(golden, dataType="CORRECTION", value="fixed"))

    found = golden.score(golden.id("s"))
    assert (found["name"], found["stringValue"]) == ("output", "fixed")


@pytest.mark.parametrize(
    "body",
    [
        {"dataType": "BOOLEAN", "value": True},
        {"dataType": "BOOLEAN", "value": 2},
        {"dataType": "TEXT", "value": "t" * 501},
        {"dataType": "TEXT", "value": ""},
        {"dataType": None, "value": 1},
        {"dataType": "NUMERIC", "value": "1"},
        {"dataType": "CATEGORICAL", "value": 1},
        {"value": 1, "sessionId": "s"},
        {"value": 1, "traceId": None, "observationId": "o"},
        {"dataType": "CORRECTION", "value": "x", "configId": "c"},
    ],
    ids=[
        "json-true",
        "two",
        "501-characters",
        "empty-text",
        "null-type",
        "numeric-text",
        "categorical-number",
        "trace-and-session",
        "observation-alone",
        "correction-with-config",
    ],
)
def test_g24_refused(golden: Golden, body: Json):
    assert golden.refused(score_event(golden, **body))


@pytest.mark.parametrize("target", ["sessionId", "datasetRunId"])
def test_g24_other_targets(golden: Golden, target: str):
    golden.accept(score_event(golden, 0, value=1, traceId=None, **{target: golden.id("target")}))

    assert golden.score(golden.id("s"))[target] == golden.id("target")


@pytest.fixture
def numeric_config(golden: Golden) -> str:
    body = {"name": "acc", "dataType": "NUMERIC", "minValue": 0, "maxValue": 1}
    return golden.client.post("/api/public/score-configs", json=body).json()["id"]


@pytest.fixture
def categorical_config(golden: Golden) -> str:
    categories = [{"label": "bad", "value": 0}, {"label": "good", "value": 1}]
    body = {"name": "quality", "dataType": "CATEGORICAL", "categories": categories}
    return golden.client.post("/api/public/score-configs", json=body).json()["id"]


def test_g25_a_config_names_the_score(golden: Golden, numeric_config: str):
    golden.accept(score_event(golden, configId=numeric_config, name="zzz", value=0.7))

    assert golden.score(golden.id("s"))["name"] == "acc"


def test_g25_a_category_gives_its_value(golden: Golden, categorical_config: str):
    golden.accept(score_event(golden, configId=categorical_config, value="good"))

    found = golden.score(golden.id("s"))
    assert (found["value"], found["stringValue"]) == (1, "good")


def test_g25_what_breaks_the_config_is_refused(golden: Golden, numeric_config: str, categorical_config: str):
    assert golden.refused(score_event(golden, configId=numeric_config, value=1.5))
    assert golden.refused(score_event(golden, configId=categorical_config, value="ugly"))
    assert golden.refused(score_event(golden, configId=categorical_config, dataType="NUMERIC", value=1))
    assert golden.refused(score_event(golden, source="ANNOTATION", value=1))


def test_g25_an_archived_config_refuses(golden: Golden, numeric_config: str):
    golden.client.patch(f"/api/public/score-configs/{numeric_config}", json={"isArchived": True})

    assert golden.refused(score_event(golden, configId=numeric_config, value=0.5))


def test_g26_the_same_id_overwrites(golden: Golden):
    golden.accept(score_event(golden, 0, value=1))
    golden.settle()
    golden.accept(score_event(golden, 1, value=2, traceId=golden.id("other")))

    found = golden.score(golden.id("s"), lambda score: score.get("value") == 2)
    assert (found["value"], found["timestamp"], found["traceId"]) == (2, at(), golden.id("t"))
    assert len(golden.list("/v2/scores", scoreIds=golden.id("s"))) == 1
