"""`GET /api/public/v2/observations` filtered by experiments, on the real stores."""

import json
import secrets
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.experiments import ExperimentItem
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.web.public_api.observations import experiment_filter, routes
from elasticdash.worker.experiment_runs import ExperimentRuns
from support import web
from support.records import make_observation, store
from support.servers.postgres import Databases

PATH = "/api/public/v2/observations"
ALPHA = ProjectScope(ProjectId("alpha"))
# The engine is shared by all tests, the projects' names are not.
RUN = secrets.token_hex(4)


@pytest.fixture
async def client(
    tmp_path: Path, clickhouse: ClickHouse, postgres_or_none: Databases | None
) -> AsyncGenerator[httpx.AsyncClient]:
    """Three traces: of the experiments `one` and `two`, each with a root and a step, and one of none."""
    rows = [
        make_observation(
            f"{RUN}-{name}-root",
            trace_id=f"{RUN}-{name}",
            name=RUN,
            experiment_item=ExperimentItem(
                experiment_id=f"id-{name}",
                experiment_name=name,
                description=None,
                metadata=None,
                dataset_id="d" if name == "one" else None,
                item_id="i",
                item_version_us=None,
            )
            if name != "none"
            else None,
        )
        for name in ("one", "two", "none")
    ]
    steps = [make_observation(f"{row.trace_id}-step", trace_id=row.trace_id, name=RUN) for row in rows]
    async with web.opened(tmp_path, [routes.router], clickhouse=clickhouse, postgres=postgres_or_none) as opened:
        await store(clickhouse, ALPHA, [], [*rows, *steps])
        await ExperimentRuns(opened[1], lambda: datetime.now(UTC)).note(ALPHA, rows[:2])
        yield opened[0]


async def ask(client: httpx.AsyncClient, *conditions: dict[str, Any], **params: Any) -> httpx.Response:
    params["filter"] = json.dumps([{"type": "string", "column": "name", "operator": "=", "value": RUN}, *conditions])
    return await client.get(PATH, params=params, headers=web.ALPHA)


async def found(client: httpx.AsyncClient, *conditions: dict[str, Any], **params: Any) -> Sequence[str]:
    response = await ask(client, *conditions, **params)
    assert response.status_code == 200, response.text
    return sorted(row["id"].removeprefix(f"{RUN}-") for row in response.json()["data"])


def options(column: str, operator: str, *values: str) -> dict[str, Any]:
    return {"type": "stringOptions", "column": column, "operator": operator, "value": list(values)}


@pytest.mark.parametrize(
    "condition",
    [
        {"type": "string", "column": "experimentName", "operator": "contains", "value": "o"},
        {"type": "number", "column": "experimentId", "operator": "=", "value": 1},
        {"type": "stringOptions", "column": "experimentId", "operator": "any of", "value": []},
        {"type": "string", "column": "isExperimentItemRootSpan", "operator": "=", "value": "true"},
    ],
)
async def test_what_these_columns_do_not_take_is_refused(client: httpx.AsyncClient, condition: dict[str, Any]):
    assert (await ask(client, condition)).status_code == 400


async def test_more_items_than_can_be_named_are_refused(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(experiment_filter, "MAX_ITEMS", 1)

    response = await ask(client, {"type": "null", "column": "experimentId", "operator": "is not null", "value": ""})

    assert response.status_code == 400
    assert "name fewer experiments" in response.text


@pytest.mark.parametrize(
    ("condition", "traces"),
    [
        (options("experimentId", "any of", "id-one"), ["one"]),
        (options("Experiment Name", "any of", "one", "two"), ["one", "two"]),
        (options("experimentName", "none of", "one"), ["none", "two"]),
        (options("experimentName", "any of", "unknown"), []),
        ({"type": "string", "column": "experimentName", "operator": "=", "value": "two"}, ["two"]),
        ({"type": "string", "column": "experimentDatasetId", "operator": "=", "value": "d"}, ["one"]),
        ({"type": "null", "column": "experimentId", "operator": "is null", "value": ""}, ["none"]),
        ({"type": "null", "column": "experimentDatasetId", "operator": "is not null", "value": ""}, ["one"]),
    ],
)
async def test_observations_of_the_traces_of_experiments(
    client: httpx.AsyncClient, condition: dict[str, Any], traces: Sequence[str]
):
    assert await found(client, condition) == sorted(f"{name}-{part}" for name in traces for part in ("root", "step"))


async def test_roots_of_items(client: httpx.AsyncClient):
    root = {"type": "boolean", "column": "isExperimentItemRootSpan", "operator": "=", "value": True}

    assert await found(client, root) == ["one-root", "two-root"]
    assert await found(client, {**root, "value": False}) == ["none-root", "none-step", "one-step", "two-step"]
    assert await found(client, root, options("experimentName", "any of", "two")) == ["two-root"]


async def test_a_trace_that_is_asked_for_too_stays_asked_for(client: httpx.AsyncClient):
    of_both = options("experimentName", "any of", "one", "two")

    assert await found(client, of_both, traceId=f"{RUN}-one") == ["one-root", "one-step"]


async def test_another_project_s_experiments_are_not_known(client: httpx.AsyncClient):
    response = await client.get(
        PATH, params={"filter": json.dumps([options("experimentId", "any of", "id-one")])}, headers=web.BETA
    )

    assert response.json()["data"] == []
