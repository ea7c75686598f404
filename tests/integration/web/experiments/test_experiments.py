"""`GET /api/public/experiments` and `/experiment-items` on the real stores."""

import dataclasses
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.experiments import ExperimentItem
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres.engine import Database
from elasticdash.web.public_api.dataset_items import routes as item_routes
from elasticdash.web.public_api.dataset_run_items import routes as run_item_routes
from elasticdash.web.public_api.datasets import routes as dataset_routes
from elasticdash.web.public_api.experiments import routes
from elasticdash.worker.experiment_runs import ExperimentRuns
from support import web
from support.records import START_US, make_observation, make_score, store
from support.servers.postgres import Databases

EXPERIMENTS = "/api/public/experiments"
ITEMS = "/api/public/experiment-items"
LONG_AGO = "2000-01-01T00:00:00Z"
START = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=START_US)
ROUTERS = [routes.router, dataset_routes.router, item_routes.router, run_item_routes.router]
Opened = tuple[httpx.AsyncClient, Database]


@pytest.fixture
async def opened(tmp_path: Path, clickhouse: ClickHouse, postgres_or_none: Databases | None) -> AsyncGenerator[Opened]:
    async with web.opened(tmp_path, ROUTERS, clickhouse=clickhouse, postgres=postgres_or_none) as opened:
        yield opened


def _seconds(number: int) -> str:
    return (START + timedelta(seconds=number)).isoformat()


_ITEM = ExperimentItem(
    experiment_id="",
    experiment_name="",
    description=None,
    metadata=None,
    dataset_id=None,
    item_id="",
    item_version_us=None,
)


async def _note(database: Database, *said: tuple[str, str, int], project: str = "alpha", **fields: Any) -> None:
    """Experiments, by name, their items, and the second at which each started; each took half of one."""
    rows = [
        make_observation(
            f"o-{name}-{item}",
            trace_id=f"t-{item}",
            start_time_us=START_US + second * 1_000_000,
            end_time_us=START_US + second * 1_000_000 + 500_000,
            experiment_item=dataclasses.replace(
                _ITEM, **{"experiment_id": f"e-{name}", "experiment_name": name, "item_id": item, **fields}
            ),
        )
        for name, item, second in said
    ]
    await ExperimentRuns(database, lambda: datetime.now(UTC)).note(ProjectScope(ProjectId(project)), rows)


async def _data(client: httpx.AsyncClient, path: str, **params: Any) -> list[dict[str, Any]]:
    response = await client.get(path, params={"fromStartTime": LONG_AGO, **params}, headers=web.ALPHA)
    assert response.status_code == 200, response.text
    return response.json()["data"]


async def _names(client: httpx.AsyncClient, **params: Any) -> Sequence[str]:
    return [row["name"] for row in await _data(client, EXPERIMENTS, **params)]


@pytest.mark.parametrize(
    "params",
    [
        {"fromStartTime": ""},
        {"fromStartTime": "yesterday"},
        {"toStartTime": "tomorrow"},
        {"limit": 0},
        {"limit": 101},
        {"scoreLimit": 51},
        {"fields": "core,everything"},
        {"cursor": "!"},
        {"cursor": "eyJ2IjoyLCJsYXN0VGltZSI6IjIwMjYtMDEtMDFUMDA6MDA6MDBaIiwibGFzdElkIjoieCJ9"},
        {"filter": "{"},
        {"filter": '[{"type": "string", "column": "project_id", "operator": "=", "value": "beta"}]'},
        {"filter": '[{"type": "string", "column": "datasetId", "operator": "contains", "value": "x"}]'},
    ],
)
@pytest.mark.parametrize("path", [EXPERIMENTS, ITEMS])
async def test_unclear_query_is_refused(opened: Opened, path: str, params: dict[str, Any]):
    client, _ = opened

    response = await client.get(path, params={"fromStartTime": LONG_AGO, **params}, headers=web.ALPHA)

    assert response.status_code == 400, response.text


@pytest.mark.parametrize("path", [EXPERIMENTS, ITEMS])
async def test_time_is_required_and_a_project_s_key_pair_too(opened: Opened, path: str):
    client, _ = opened

    assert (await client.get(path, headers=web.ALPHA)).status_code == 400
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers={"Authorization": "Bearer pk-lf-a"})).status_code == 403


async def test_other_project_sees_nothing_though_all_its_ids_are_equal(opened: Opened):
    client, database = opened
    await _note(database, ("ours", "i", 0), ("ours", "j", 1), experiment_id="e")
    await _note(database, ("theirs", "i", 0), experiment_id="e", project="beta")

    assert [(row["name"], row["itemCount"]) for row in await _data(client, EXPERIMENTS)] == [("ours", 2)]
    assert {row["experimentName"] for row in await _data(client, ITEMS)} == {"ours"}
    assert len(await _data(client, ITEMS)) == 2


async def test_saying_it_again_changes_nothing(opened: Opened):
    client, database = opened
    await _note(database, ("a", "i", 0), ("a", "i", 0))
    before = await _data(client, EXPERIMENTS), await _data(client, ITEMS)

    await _note(database, ("a", "i", 0))

    assert (await _data(client, EXPERIMENTS), await _data(client, ITEMS)) == before
    assert before[0][0]["itemCount"] == 1


async def test_experiment_sums_its_items_up(opened: Opened):
    client, database = opened
    await _note(database, ("a", "i", 0), ("a", "j", 7), description="why", metadata='{"k": [1]}')

    [row] = await _data(client, EXPERIMENTS, fields="metadata")

    assert row == {
        "id": "e-a",
        "name": "a",
        "description": "why",
        "startTime": START.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "endTime": (START + timedelta(seconds=7.5)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "itemCount": 2,
        "datasetId": None,
        "metadata": {"k": [1]},
    }


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, ["b", "c", "a"]),
        ({"fromStartTime": _seconds(2)}, ["b", "c"]),
        ({"toStartTime": _seconds(2)}, ["b", "a"]),
        ({"name": "a,b"}, ["b", "a"]),
        ({"id": "e-c"}, ["c"]),
        ({"datasetId": "d"}, []),
        ({"name": ""}, ["b", "c", "a"]),
        (
            {"filter": '[{"type": "stringOptions", "column": "name", "operator": "none of", "value": ["a"]}]'},
            ["b", "c"],
        ),
        ({"filter": '[{"type": "string", "column": "id", "operator": "=", "value": "e-a"}]'}, ["a"]),
        ({"filter": '[{"type": "null", "column": "datasetId", "operator": "is not null", "value": ""}]'}, []),
        ({"filter": '[{"type": "null", "column": "datasetId", "operator": "is null", "value": ""}]'}, ["b", "c", "a"]),
    ],
)
async def test_experiments_are_narrowed(opened: Opened, params: dict[str, Any], names: list[str]):
    client, database = opened
    await _note(database, ("a", "i", 0), ("b", "i", 1), ("b", "j", 9), ("c", "i", 5))

    assert await _names(client, **params) == names


@pytest.mark.parametrize("path", [EXPERIMENTS, ITEMS])
async def test_pages_end_and_miss_nothing_of_the_same_time(opened: Opened, path: str):
    client, database = opened
    await _note(database, *[(str(number), "i", number // 3) for number in range(7)])
    seen: list[str] = []
    params: dict[str, Any] = {"fromStartTime": LONG_AGO, "limit": 2}

    for _ in range(4):
        body = (await client.get(path, params=params, headers=web.ALPHA)).json()
        seen += [row["id"] for row in body["data"]]
        params["cursor"] = body["meta"].get("cursor")

    assert (len(seen), len(set(seen)), params["cursor"]) == (7, 7, None)


async def test_scores_of_an_experiment_and_of_its_items_are_told_apart(opened: Opened, clickhouse: ClickHouse):
    client, database = opened
    await _note(database, ("a", "i", 0), ("a", "j", 1))
    scope = ProjectScope(ProjectId("alpha"))
    judgements = [
        make_score("run", project_id="alpha", trace_id=None, dataset_run_id="e-a"),
        make_score("trace", project_id="alpha", trace_id="t-i"),
        make_score("item", project_id="alpha", trace_id="t-i", observation_id="o-a-i"),
        make_score("else", project_id="alpha", trace_id="t-i", observation_id="other"),
        *(make_score(f"many{n}", project_id="alpha", trace_id="t-j") for n in range(3)),
    ]
    await store(clickhouse, scope, [], [], judgements)

    [experiment] = await _data(client, EXPERIMENTS, fields="scores")
    j, i = await _data(client, ITEMS, fields="scores", scoreLimit=2)

    assert [score["id"] for score in experiment["scores"]] == ["run"]
    assert experiment["scores"][0]["subject"] == {"kind": "experiment", "id": "e-a"}
    assert {score["id"] for score in i["scores"]} == {"trace", "item"}
    assert len(j["scores"]) == 2


async def test_item_whose_trace_never_came_is_shown_with_what_the_dataset_says(opened: Opened):
    client, _ = opened
    dataset = {"name": "d"}
    item = {"datasetName": "d", "id": "i", "input": "?", "expectedOutput": "!", "metadata": {"k": 1}}
    await client.post("/api/public/v2/datasets", json=dataset, headers=web.ALPHA)
    created = (await client.post("/api/public/dataset-items", json=item, headers=web.ALPHA)).json()
    link = {"runName": "r", "datasetItemId": "i", "traceId": "missing", "observationId": "o"}
    linked = (await client.post("/api/public/dataset-run-items", json=link, headers=web.ALPHA)).json()

    [row] = await _data(client, ITEMS, fields="core,dataset,io,metadata,itemMetadata,experimentMetadata,scores")

    assert {key: value for key, value in row.items() if key != "startTime"} == {
        "id": "o",
        "traceId": "missing",
        "endTime": None,
        "level": "DEFAULT",
        "environment": "default",
        "experimentId": linked["datasetRunId"],
        "experimentName": "r",
        "experimentItemId": "i",
        "experimentDatasetId": created["datasetId"],
        "experimentItemVersion": created["version"],
        "input": None,
        "output": None,
        "expectedOutput": "!",
        "metadata": {},
        "experimentItemMetadata": {"k": 1},
        "experimentMetadata": None,
        "experimentDescription": None,
        "scores": [],
    }


async def test_link_without_trace_finds_it_through_the_observation(opened: Opened, clickhouse: ClickHouse):
    client, _ = opened
    await client.post("/api/public/v2/datasets", json={"name": "d"}, headers=web.ALPHA)
    await client.post("/api/public/dataset-items", json={"datasetName": "d", "id": "i", "input": 1}, headers=web.ALPHA)
    known = make_observation("o-known", trace_id="t-known", project_id="alpha")
    await store(clickhouse, ProjectScope(ProjectId("alpha")), [], [known], [])
    link = {"runName": "r", "datasetItemId": "i"}
    path = "/api/public/dataset-run-items"

    unknown = await client.post(path, json={**link, "observationId": "o-unknown"}, headers=web.ALPHA)
    found = await client.post(path, json={**link, "observationId": "o-known"}, headers=web.ALPHA)

    assert unknown.status_code == 404
    assert found.json()["traceId"] == "t-known"
