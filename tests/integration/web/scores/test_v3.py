"""`GET /api/public/v3/scores` on the real engine."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.public_api.scores import routes
from support.clickhouse import new_scope
from support.reading import client_of
from support.records import START_US, make_score, store

LABEL = {"data_type": "CATEGORICAL", "value": 0.0, "string_value": "good"}
FLAG = {"data_type": "BOOLEAN", "value": 1.0, "string_value": "True"}
FIX = {"data_type": "CORRECTION", "value": 0.0, "long_string_value": "better", "name": "output"}


async def _get(clickhouse: ClickHouse, scope: ProjectScope, **params: Any) -> httpx.Response:
    async with client_of(routes.router, clickhouse, scope) as client:
        return await client.get("/v3/scores", params=params)


async def _ids(clickhouse: ClickHouse, scope: ProjectScope, **params: Any) -> Sequence[str]:
    response = await _get(clickhouse, scope, **params)
    assert response.status_code == 200, response.text
    return [score["id"] for score in response.json()["data"]]


@pytest.mark.parametrize(
    "params",
    [
        {"page": 1},
        {"userId": "u"},
        {"traceTags": "a"},
        {"limit": 0},
        {"limit": 101},
        {"cursor": "!"},
        {"cursor": "e30"},
        {"cursor": "eyJ2IjoyLCJsYXN0VGltZXN0YW1wIjoiMjAyNi0wMS0wMVQwMDowMDowMFoiLCJsYXN0SWQiOiJ4In0"},
        {"fields": "core,everything"},
        {"source": "HUMAN"},
        {"dataType": "NUMBER"},
        {"observationId": "o"},
        {"traceId": "t", "sessionId": "s"},
        {"sessionId": "s", "experimentId": "e"},
        {"value": "1"},
        {"value": "1", "dataType": "NUMERIC,BOOLEAN"},
        {"value": "x", "dataType": "TEXT"},
        {"value": "inf", "dataType": "NUMERIC"},
        {"value": "1", "dataType": "BOOLEAN"},
        {"valueMin": 1},
        {"valueMax": 1, "dataType": "BOOLEAN"},
        {"valueMin": "nan", "dataType": "NUMERIC"},
    ],
    ids=str,
)
async def test_broken_queries_are_refused(clickhouse: ClickHouse, scope: ProjectScope, params: dict[str, Any]) -> None:
    response = await _get(clickhouse, scope, **params)

    assert response.status_code == 400


async def test_other_projects_are_not_seen(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, new_scope(), scores=[make_score("s")])

    assert await _ids(clickhouse, scope) == []


async def test_core_is_the_default(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, scores=[make_score("s", **FLAG, comment="c")])

    body = (await _get(clickhouse, scope)).json()

    assert body == {
        "data": [
            {
                "id": "s",
                "projectId": scope.project_id,
                "name": "quality",
                "value": True,
                "dataType": "BOOLEAN",
                "source": "API",
                "timestamp": "2026-03-04T05:06:07.123Z",
                "environment": "default",
                "createdAt": "2026-03-04T05:06:07.123Z",
                "updatedAt": "2026-03-04T05:06:07.123Z",
            }
        ],
        "meta": {"limit": 50},
    }


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({"value": 0.25}, 0.25),
        (FLAG | {"value": 0.0}, False),
        (LABEL, "good"),
        (FIX, "better"),
        ({"data_type": "TEXT", "value": 0.0, "string_value": "long"}, "long"),
    ],
    ids=["number", "boolean", "label", "correction", "text"],
)
async def test_value_has_the_type_of_the_score(
    clickhouse: ClickHouse, scope: ProjectScope, fields: dict[str, Any], value: Any
) -> None:
    await store(clickhouse, scope, scores=[make_score("s", **fields)])

    [shown] = (await _get(clickhouse, scope)).json()["data"]

    assert shown["value"] == value
    assert type(shown["value"]) is type(value)


async def test_groups_add_their_keys(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    score = make_score("s", comment="c", config_id="f", metadata={"k": "[1]"}, author_user_id="a", queue_id="q")
    await store(clickhouse, scope, scores=[score])

    [bare] = (await _get(clickhouse, scope)).json()["data"]
    [whole] = (await _get(clickhouse, scope, fields="details,subject,annotation")).json()["data"]

    assert {key: value for key, value in whole.items() if key not in bare} == {
        "comment": "c",
        "configId": "f",
        "metadata": {"k": [1]},
        "subject": {"kind": "trace", "id": "trace"},
        "authorUserId": "a",
        "queueId": "q",
    }


@pytest.mark.parametrize(
    ("target", "subject"),
    [
        ({"observation_id": "o"}, {"kind": "observation", "id": "o", "traceId": "trace"}),
        ({"trace_id": None, "session_id": "s"}, {"kind": "session", "id": "s"}),
        ({"trace_id": None, "dataset_run_id": "r"}, {"kind": "experiment", "id": "r"}),
    ],
    ids=["observation", "session", "experiment"],
)
async def test_subject_is_what_was_judged(
    clickhouse: ClickHouse, scope: ProjectScope, target: dict[str, Any], subject: dict[str, str]
) -> None:
    await store(clickhouse, scope, scores=[make_score("s", **target)])

    [shown] = (await _get(clickhouse, scope, fields="subject")).json()["data"]

    assert shown["subject"] == subject


async def test_cursor_neither_skips_nor_repeats_equal_times(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    scores = [make_score(f"s{n}", timestamp_us=START_US + n // 3) for n in range(8)]
    await store(clickhouse, scope, scores=scores)

    seen: list[str] = []
    params: dict[str, Any] = {"limit": 3}
    body: dict[str, Any] = {}
    for _ in range(3):
        body = (await _get(clickhouse, scope, **params)).json()
        seen += [score["id"] for score in body["data"]]
        params["cursor"] = body["meta"].get("cursor", "")

    assert seen == ["s7", "s6", "s5", "s4", "s3", "s2", "s1", "s0"]
    assert body["meta"] == {"limit": 3}


@pytest.mark.parametrize(
    "params",
    [
        {"id": "wanted,x"},
        {"name": "mood"},
        {"source": "eval,annotation"},
        {"dataType": "categorical"},
        {"dataType": "CATEGORICAL", "value": "good,fine"},
        {"environment": "prod"},
        {"configId": "c"},
        {"queueId": "q"},
        {"authorUserId": "a"},
        {"traceId": "t"},
        {"traceId": "t", "observationId": "o"},
        {"fromTimestamp": "2026-03-04T05:06:07.123457Z"},
    ],
    ids=str,
)
async def test_filters(clickhouse: ClickHouse, scope: ProjectScope, params: dict[str, Any]) -> None:
    wanted = make_score(
        "wanted",
        **LABEL,
        name="mood",
        source="EVAL",
        environment="prod",
        config_id="c",
        queue_id="q",
        author_user_id="a",
        trace_id="t",
        observation_id="o",
        timestamp_us=START_US + 1,
    )
    await store(clickhouse, scope, scores=[wanted, make_score("other"), make_score("third", data_type="TEXT")])

    assert await _ids(clickhouse, scope, **params) == ["wanted"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"dataType": "NUMERIC", "value": "1,3"}, {"one", "three"}),
        ({"dataType": "NUMERIC", "valueMin": 2}, {"two", "three"}),
        ({"dataType": "NUMERIC", "valueMin": 2, "valueMax": 2}, {"two"}),
        ({"dataType": "BOOLEAN", "value": "true"}, {"flag"}),
        ({"dataType": "BOOLEAN", "value": "true,false"}, {"flag", "unset"}),
        ({"experimentId": "r"}, {"of-run"}),
        ({"sessionId": "s"}, {"of-session"}),
    ],
    ids=lambda part: str(part if isinstance(part, dict) else sorted(part)),
)
async def test_values_and_targets(
    clickhouse: ClickHouse, scope: ProjectScope, params: dict[str, Any], expected: set[str]
) -> None:
    scores = [
        make_score("one", value=1.0),
        make_score("two", value=2.0),
        make_score("three", value=3.0),
        make_score("flag", **FLAG),
        make_score("unset", **(FLAG | {"value": 0.0, "string_value": "False"})),
        make_score("of-run", trace_id=None, dataset_run_id="r", data_type="TEXT"),
        make_score("of-session", trace_id=None, session_id="s", data_type="TEXT"),
    ]
    await store(clickhouse, scope, scores=scores)

    assert set(await _ids(clickhouse, scope, **params)) == expected


async def test_only_the_newest_version_is_seen(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, scores=[make_score("s", value=2.0, revision=7)])
    await store(clickhouse, scope, scores=[make_score("s", value=1.0, revision=3)])

    assert await _ids(clickhouse, scope, dataType="NUMERIC", value="1") == []
    assert await _ids(clickhouse, scope) == ["s"]
