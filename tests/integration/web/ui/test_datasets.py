"""Datasets and experiments as the pages get them, and nothing of another project."""

import dataclasses
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.scores import ScoreSummary
from elasticdash.shared.domain.roles import Role
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import dataset_items, dataset_runs, datasets
from elasticdash.shared.postgres.dataset_items import ItemFields
from elasticdash.shared.postgres.dataset_runs import Link, RunFields
from elasticdash.shared.postgres.datasets import DatasetFields
from elasticdash.web.ui_api.experiments import figures
from support import metadata, signed_in
from support.clickhouse import new_scope
from support.records import make_observation, make_score, make_trace, store, usd
from support.signed_in import Web

START = datetime(2026, 1, 1, tzinfo=UTC)
LONG = "long " * 1000


async def _seed(web: Web, project: str) -> str:
    """A dataset of two items with two runs, and a run over items of its own; the id of the dataset."""
    scope = ProjectScope(ProjectId(project))
    async with web.database.writing() as session:
        named = DatasetFields(name=f"of {project}", description="d", details={"k": project}, input_schema={})
        dataset = await datasets.upsert(session, scope, named, metadata.change())
        for item_id in ("a/1", "a/2"):
            fields = ItemFields(id=item_id, input={"q": LONG}, expected_output=item_id, details={"n": 1})
            await dataset_items.upsert(session, scope, dataset, fields, metadata.change())
        runs = [
            RunFields(id=id_, name=f"{id_} of {project}", description=None, details={"m": id_}, dataset_id=over)
            for id_, over in (("r1", dataset.id), ("r2", dataset.id), ("own", None))
        ]
        links = [
            _link("r1", "a/1", "t1", "o1", 0),
            _link("r1", "a/2", "t2", None, 1),
            _link("r2", "a/2", "t3", None, 2),
            _link("own", "x", "t1", "o1", 3),
        ]
        await dataset_runs.add(session, scope, runs, links, datetime.now(UTC))
    return dataset.id


def _link(run: str, item: str, trace: str, observation: str | None, minute: int) -> Link:
    at = START + timedelta(minutes=minute)
    return Link(
        run_id=run,
        item_id=item,
        trace_id=trace,
        observation_id=observation,
        item_version=None,
        start_time=at,
        end_time=at + timedelta(seconds=5),
    )


@pytest.fixture
async def viewer(tmp_path: Path, clickhouse: ClickHouse) -> AsyncGenerator[httpx.AsyncClient]:
    """A viewer of alpha and beta, which hold the same ids."""
    async with signed_in.opened(tmp_path, clickhouse) as web:
        await signed_in.add_user(web.database, "viewer@example.test", {"org": Role.VIEWER})
        for project in ("alpha", "beta"):
            await _seed(web, project)
        async with web.browser() as browser:
            await signed_in.sign_in(browser, "viewer@example.test")
            yield browser


async def _get(viewer: httpx.AsyncClient, path: str, project: str = "alpha", **query: Any) -> Mapping[str, Any]:
    answer = await viewer.get(f"/api/ui/projects/{project}/{path}", params=query)
    assert answer.status_code == HTTPStatus.OK, answer.text
    return answer.json()


@pytest.mark.parametrize("path", ["datasets/unknown", "dataset-items/unknown", "experiments/unknown"])
async def test_what_is_unknown_is_not_found(viewer: httpx.AsyncClient, path: str):
    answer = await viewer.get(f"/api/ui/projects/alpha/{path}")

    assert answer.status_code == HTTPStatus.NOT_FOUND


async def test_a_dataset_of_another_project_is_not_found(viewer: httpx.AsyncClient):
    (theirs,) = (await _get(viewer, "datasets", "beta"))["datasets"]

    answer = await viewer.get(f"/api/ui/projects/alpha/datasets/{theirs['id']}")
    items = await _get(viewer, "dataset-items", datasetId=theirs["id"])
    experiments = await _get(viewer, "experiments", datasetId=theirs["id"])

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert (items["items"], experiments["experiments"]) == ([], [])


@pytest.mark.parametrize("query", [{}, {"runIds": list("abcdefg")}, {"runIds": "a", "offset": -1}])
async def test_what_can_not_be_compared_is_refused(viewer: httpx.AsyncClient, query: dict[str, Any]):
    answer = await viewer.get("/api/ui/projects/alpha/experiment-results", params=query)

    assert answer.status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("project", ["alpha", "beta"])
async def test_each_project_has_its_own_of_the_same_ids(viewer: httpx.AsyncClient, project: str):
    (dataset,) = (await _get(viewer, "datasets", project))["datasets"]
    detail = await _get(viewer, f"datasets/{dataset['id']}", project)
    run = await _get(viewer, "experiments/r1", project)
    item = await _get(viewer, "dataset-items/a/2", project)

    assert (dataset["name"], dataset["items"], dataset["runs"]) == (f"of {project}", 2, 2)
    assert (detail["metadata"], detail["inputSchema"], detail["expectedOutputSchema"]) == ({"k": project}, {}, None)
    assert (run["name"], run["items"], run["datasetName"]) == (f"r1 of {project}", 2, f"of {project}")
    assert (item["datasetName"], len(item["input"]), item["expectedOutput"]) == (f"of {project}", len(LONG) + 9, "a/2")
    assert [made["runName"] for made in item["runs"]] == [f"r2 of {project}", f"r1 of {project}"]


async def test_items_and_experiments_come_in_pages(viewer: httpx.AsyncClient):
    (dataset,) = (await _get(viewer, "datasets"))["datasets"]
    first = await _get(viewer, "dataset-items", datasetId=dataset["id"], limit=1)
    second = await _get(viewer, "dataset-items", datasetId=dataset["id"], limit=1, offset=1)
    pages = [await _get(viewer, "experiments", limit=2)]
    pages.append(await _get(viewer, "experiments", limit=2, cursor=pages[0]["next"]))

    assert [len(item["input"]) for item in (*first["items"], *second["items"])] == [300, 300]
    assert (first["next"], second["next"]) == (1, None)
    assert [[row["id"] for row in page["experiments"]] for page in pages] == [["own", "r2"], ["r1"]]
    assert pages[1]["next"] is None
    assert [row["datasetName"] for row in pages[0]["experiments"]] == [None, "of alpha"]


async def test_experiments_stand_side_by_side_in_the_order_of_items(viewer: httpx.AsyncClient):
    page = await _get(viewer, "experiment-results", runIds=["r1", "r2"])
    last = await _get(viewer, "experiment-results", runIds=["r1", "r2"], offset=1)

    assert [item["itemId"] for item in page["items"]] == ["a/1", "a/2"]
    assert [[made["runId"] for made in item["results"]] for item in page["items"]] == [["r1"], ["r1", "r2"]]
    assert [made["traceId"] for made in page["items"][1]["results"]] == ["t2", "t3"]
    assert (page["items"][0]["expectedOutput"], page["next"]) == ("a/1", None)
    assert last["items"] == page["items"][1:]


async def test_results_say_what_the_traces_say(tmp_path: Path, clickhouse: ClickHouse):
    project = new_scope().project_id
    traces = [make_trace(id_, input="asked", output=f"said {id_}") for id_ in ("t1", "t2", "t3")]
    tokens = {"usage": {"total": 7}, "total_cost_usd": usd(total="2")["total"]}
    steps = [
        make_observation("o1", trace_id="t1", output="observed", level="ERROR", **tokens),
        make_observation("o2", trace_id="t2", **tokens),
    ]
    judged = [
        make_score("1", trace_id="t1", observation_id="o1", name="right", value=1.0),
        make_score("2", trace_id="t2", name="right", value=0.0),
        make_score("3", trace_id="t2", observation_id="o2", name="not of the item", value=0.0),
    ]
    await store(clickhouse, ProjectScope(project), traces, steps, judged)
    async with signed_in.opened(tmp_path, clickhouse) as web:
        keys = {"public_key": "pk-lf-r", "secret_key": "sk-lf-r"}
        await metadata.provision(web.database, dataclasses.replace(metadata.ALPHA, project_id=project, **keys))
        await signed_in.add_user(web.database, "viewer@example.test", {"org": Role.VIEWER})
        await _seed(web, project)
        async with web.browser() as browser:
            await signed_in.sign_in(browser, "viewer@example.test")
            page = await _get(browser, "experiment-results", project, runIds=["r1"])
            whole = await _get(browser, "experiments/r1", project)
            own = await _get(browser, "experiment-results", project, runIds=["own"])

    first, second = (item["results"][0] for item in page["items"])
    assert (first["output"], first["errors"], first["totalCostUsd"], first["totalTokens"]) == ("observed", 1, 2.0, 7)
    assert (second["output"], second["errors"]) == ("said t2", 0)
    assert [[score["name"] for score in made["scores"]] for made in (first, second)] == [["right"], ["right"]]
    assert (whole["errors"], whole["totalCostUsd"], whole["totalTokens"]) == (1, 4.0, 14)
    assert [(figure["name"], figure["scores"], figure["average"]) for figure in whole["figures"]] == [("right", 2, 0.5)]
    assert [(item["itemId"], item["results"][0]["output"]) for item in own["items"]] == [("x", "observed")]


def test_parts_of_a_figure_count_by_how_many_scores_they_have():
    texts = [("yes", 3), ("no", 2)]
    parts = [
        ScoreSummary("right", "NUMERIC", 3, 1.0, 1.0, 1.0, [], 0),
        ScoreSummary("tone", "CATEGORICAL", 5, None, None, None, texts, 0),
        ScoreSummary("right", "NUMERIC", 1, 0.0, 0.0, 0.0, [], 0),
        ScoreSummary("tone", "CATEGORICAL", 2, None, None, None, [("no", 2)], 0),
    ]

    said = [(figure.name, figure.scores, figure.average, figure.text) for figure in figures.together(parts)]

    assert said == [("tone", 7, None, "no"), ("right", 4, 0.75, None)]
