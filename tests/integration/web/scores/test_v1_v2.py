"""`GET /api/public/scores`, `/v2/scores` and one score by id, on the real engine."""

import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from elasticdash.shared.clickhouse import deletion
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.public_api.scores import routes
from support.clickhouse import new_scope
from support.reading import client_of
from support.records import SECOND_US, START_US, make_score, make_trace, store

LABEL = {"data_type": "CATEGORICAL", "value": 0.0, "string_value": "good", "name": "mood"}
FLAG = {"data_type": "BOOLEAN", "value": 1.0, "string_value": "True", "name": "valid"}
FIX = {"data_type": "CORRECTION", "value": 0.0, "long_string_value": "better", "name": "output"}


async def _get(clickhouse: ClickHouse, scope: ProjectScope, path: str, **params: Any) -> httpx.Response:
    async with client_of(routes.router, clickhouse, scope) as client:
        return await client.get(path, params=params)


async def _ids(clickhouse: ClickHouse, scope: ProjectScope, path: str, **params: Any) -> Sequence[str]:
    response = await _get(clickhouse, scope, path, **params)
    assert response.status_code == 200, response.text
    body = response.json()
    assert body["meta"]["totalItems"] == len(body["data"])
    return [score["id"] for score in body["data"]]


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 101},
        {"page": 0},
        {"source": "HUMAN"},
        {"operator": "~", "value": 1},
        {"value": "much", "operator": "="},
        {"dataType": "numeric"},
        {"fromTimestamp": "2026-01-01"},
        {"filter": "["},
        {"filter": '[{"type":"string","column":"nope","operator":"=","value":"x"}]'},
        {"filter": '[{"type":"string","column":"value","operator":"=","value":"1"}]'},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/scores", "/v2/scores"])
async def test_broken_queries_are_refused(
    clickhouse: ClickHouse, scope: ProjectScope, path: str, params: dict[str, Any]
) -> None:
    response = await _get(clickhouse, scope, path, **params)

    assert response.status_code == 400


@pytest.mark.parametrize(
    "params", [{"fields": "trace"}, {"fields": "score", "userId": "u"}, {"fields": "score", "traceTags": "a"}]
)
async def test_field_groups_that_do_not_fit_are_refused(
    clickhouse: ClickHouse, scope: ProjectScope, params: dict[str, str]
) -> None:
    response = await _get(clickhouse, scope, "/v2/scores", **params)

    assert response.status_code == 400


@pytest.mark.parametrize("path", ["/scores/s", "/v2/scores/s"])
async def test_score_of_another_project_is_not_found(clickhouse: ClickHouse, scope: ProjectScope, path: str) -> None:
    await store(clickhouse, new_scope(), scores=[make_score("s")])

    response = await _get(clickhouse, scope, path)

    assert (response.status_code, response.json()["message"]) == (404, "Score not found")


async def test_first_generation_knows_scores_of_traces_only(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    scores = [
        make_score("of-trace"),
        make_score("of-observation", observation_id="o"),
        make_score("of-session", trace_id=None, session_id="s"),
        make_score("of-run", trace_id=None, dataset_run_id="r"),
        make_score("correction", **FIX),
    ]
    await store(clickhouse, scope, scores=scores)

    assert set(await _ids(clickhouse, scope, "/scores")) == {"of-trace", "of-observation"}
    assert len(await _ids(clickhouse, scope, "/v2/scores")) == 5
    for hidden in ("of-session", "of-run", "correction"):
        assert (await _get(clickhouse, scope, f"/scores/{hidden}")).status_code == 404
        assert (await _get(clickhouse, scope, f"/v2/scores/{hidden}")).status_code == 200


async def test_score_shows_all_its_fields(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    score = make_score(
        "s/1",
        value=0.5,
        observation_id="o",
        comment="why",
        metadata={"k": '{"a":1}', "t": "text"},
        author_user_id="a",
        config_id="c",
        queue_id="q",
        environment="prod",
        source="ANNOTATION",
    )
    await store(clickhouse, scope, scores=[score])

    body = (await _get(clickhouse, scope, "/v2/scores/s%2F1")).json()

    assert body == {
        "id": "s/1",
        "projectId": scope.project_id,
        "traceId": "trace",
        "observationId": "o",
        "sessionId": None,
        "datasetRunId": None,
        "name": "quality",
        "dataType": "NUMERIC",
        "value": 0.5,
        "source": "ANNOTATION",
        "timestamp": "2026-03-04T05:06:07.123Z",
        "createdAt": "2026-03-04T05:06:07.123Z",
        "updatedAt": "2026-03-04T05:06:07.123Z",
        "environment": "prod",
        "authorUserId": "a",
        "comment": "why",
        "metadata": {"k": {"a": 1}, "t": "text"},
        "configId": "c",
        "queueId": "q",
        "executionTraceId": None,
    }


@pytest.mark.parametrize(
    ("fields", "values"),
    [
        (LABEL, {"value": 0, "stringValue": "good"}),
        (FLAG, {"value": 1, "stringValue": "True"}),
        (FIX, {"value": 0, "stringValue": "better"}),
        ({"data_type": "TEXT", "value": 0.0, "string_value": "long"}, {"stringValue": "long"}),
    ],
    ids=lambda fields: fields.get("data_type"),
)
async def test_value_keys_follow_the_type(
    clickhouse: ClickHouse, scope: ProjectScope, fields: dict[str, Any], values: dict[str, Any]
) -> None:
    await store(clickhouse, scope, scores=[make_score("s", **fields)])

    body = (await _get(clickhouse, scope, "/v2/scores/s")).json()

    assert {key: body[key] for key in ("value", "stringValue") if key in body} == values


async def test_only_the_newest_version_is_seen(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, scores=[make_score("s", value=2.0, name="new", trace_id="t2", revision=7)])
    await store(clickhouse, scope, scores=[make_score("s", value=1.0, name="old", revision=3)])

    assert (await _get(clickhouse, scope, "/v2/scores/s")).json()["value"] == 2
    assert await _ids(clickhouse, scope, "/v2/scores") == ["s"]
    assert await _ids(clickhouse, scope, "/v2/scores", name="old") == []
    assert await _ids(clickhouse, scope, "/v2/scores", traceId="trace") == []
    assert await _ids(clickhouse, scope, "/v2/scores", traceId="t2") == ["s"]


async def test_scores_of_a_deleted_trace_are_gone(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, [make_trace("t")], scores=[make_score("s", trace_id="t"), make_score("kept")])
    await deletion.delete_traces(clickhouse, scope, ["t"], START_US // 1000)
    await store(clickhouse, scope, scores=[make_score("late", trace_id="t")])

    assert await _ids(clickhouse, scope, "/v2/scores") == ["kept"]
    assert (await _get(clickhouse, scope, "/v2/scores/late")).status_code == 404


async def test_pages_are_newest_first_and_complete(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    scores = [make_score(f"s{n}", timestamp_us=START_US + n // 2) for n in range(5)]
    await store(clickhouse, scope, scores=scores)

    pages = [(await _get(clickhouse, scope, "/v2/scores", limit=2, page=page)).json() for page in (1, 2, 3)]

    assert [[score["id"] for score in page["data"]] for page in pages] == [["s4", "s3"], ["s2", "s1"], ["s0"]]
    assert pages[0]["meta"] == {"page": 1, "limit": 2, "totalItems": 5, "totalPages": 3}


# Each query keeps the score `wanted` alone; all work in the second generation.
V2_ONLY: Sequence[dict[str, Any]] = [
    {"traceId": "t"},
    {"observationId": "o,x"},
    {"fields": "score,trace", "userId": "u"},
]
FILTERS: Sequence[dict[str, Any]] = [
    {"userId": "u"},
    {"name": "mood"},
    {"fromTimestamp": "2026-03-04T05:06:08Z"},
    {"environment": ["prod", "x"]},
    {"environment": "prod,x"},
    {"source": "EVAL"},
    {"operator": ">=", "value": 3},
    {"operator": "!=", "value": 1},
    {"scoreIds": "wanted,x"},
    {"configId": "c"},
    {"queueId": "q"},
    {"dataType": "CATEGORICAL"},
    {"traceTags": ["a", "b"]},
    {"traceTags": "a,b"},
    {"name": "quality", "filter": '[{"type":"string","column":"name","operator":"=","value":"mood"}]'},
]


@pytest.fixture
async def filtered(clickhouse: ClickHouse) -> ProjectScope:
    """A project with the score `wanted`, whose every field differs, and `other`."""
    scope = new_scope()
    wanted = make_score(
        "wanted",
        **{**LABEL, "value": 3.0},
        trace_id="t",
        observation_id="o",
        timestamp_us=START_US + SECOND_US,
        environment="prod",
        source="EVAL",
        config_id="c",
        queue_id="q",
        comment="because",
        author_user_id="a",
        metadata={"k": "v"},
    )
    traces = [make_trace("t", user_id="u", tags=("a", "b"), name="chat"), make_trace()]
    await store(clickhouse, scope, traces, scores=[wanted, make_score("other")])
    return scope


@pytest.mark.parametrize("params", [*FILTERS, *V2_ONLY], ids=str)
async def test_second_generation_filters(
    clickhouse: ClickHouse, filtered: ProjectScope, params: dict[str, Any]
) -> None:
    assert await _ids(clickhouse, filtered, "/v2/scores", **params) == ["wanted"]


@pytest.mark.parametrize("params", FILTERS, ids=str)
async def test_first_generation_filters(clickhouse: ClickHouse, filtered: ProjectScope, params: dict[str, Any]) -> None:
    assert await _ids(clickhouse, filtered, "/scores", **params) == ["wanted"]


@pytest.mark.parametrize(
    ("column", "type_", "operator", "value"),
    [
        ("id", "string", "starts with", "want"),
        ("traceId", "stringOptions", "any of", ["t"]),
        ("observationId", "null", "is not null", ""),
        ("comment", "string", "contains", "cause"),
        ("authorUserId", "string", "=", "a"),
        ("dataType", "stringOptions", "none of", ["NUMERIC"]),
        ("stringValue", "stringOptions", "any of", ["good"]),
        ("environment", "stringOptions", "none of", ["default"]),
        ("traceName", "stringOptions", "any of", ["chat"]),
        ("trace_tags", "arrayOptions", "all of", ["a"]),
        ("timestamp", "datetime", ">", "2026-03-04T05:06:07.500Z"),
        ("Value", "number", ">", 2),
        ("booleanValue", "null", "is null", ""),
    ],
)
async def test_filter_columns(
    clickhouse: ClickHouse, filtered: ProjectScope, column: str, type_: str, operator: str, value: Any
) -> None:
    condition = {"type": type_, "column": column, "operator": operator, "value": value}
    flag = make_score("flag", **FLAG, environment="default", timestamp_us=START_US)
    if column == "booleanValue":
        await store(clickhouse, filtered, scores=[flag, make_score("other", **FLAG, revision=2)])

    found = await _ids(clickhouse, filtered, "/v2/scores", filter=json.dumps([condition]))

    assert found == ["wanted"]


async def test_metadata_filter(clickhouse: ClickHouse, filtered: ProjectScope) -> None:
    condition = {"type": "stringObject", "column": "metadata", "key": "k", "operator": "=", "value": "v"}

    assert await _ids(clickhouse, filtered, "/v2/scores", filter=json.dumps([condition])) == ["wanted"]


async def test_negation_about_the_trace_keeps_scores_without_trace(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(
        clickhouse,
        scope,
        [make_trace("t", name="chat")],
        scores=[make_score("of-trace", trace_id="t"), make_score("of-session", trace_id=None, session_id="s")],
    )
    condition = {"type": "stringOptions", "column": "traceName", "operator": "none of", "value": ["chat"]}

    assert await _ids(clickhouse, scope, "/v2/scores", filter=json.dumps([condition])) == ["of-session"]


async def test_trace_is_shown_unless_left_out(clickhouse: ClickHouse, filtered: ProjectScope) -> None:
    whole = (await _get(clickhouse, filtered, "/v2/scores", scoreIds="wanted")).json()["data"][0]
    bare = (await _get(clickhouse, filtered, "/v2/scores", scoreIds="wanted", fields="score")).json()["data"][0]

    assert whole["trace"] == {"userId": "u", "tags": ["a", "b"], "environment": "default", "sessionId": None}
    assert "trace" not in bare


async def test_first_generation_always_shows_a_trace(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, scores=[make_score("early", trace_id="not-there-yet", environment="prod")])

    [shown] = (await _get(clickhouse, scope, "/scores")).json()["data"]

    assert shown["trace"] == {"userId": None, "tags": [], "environment": "prod", "sessionId": None}
