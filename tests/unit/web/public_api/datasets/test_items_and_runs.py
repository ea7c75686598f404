"""Items are kept by id and in all their versions; runs remember which trace was made of which item."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest

from elasticdash.shared.domain import experiments
from elasticdash.web.public_api.dataset_items import routes as item_routes
from elasticdash.web.public_api.dataset_run_items import routes as run_item_routes
from elasticdash.web.public_api.datasets import routes
from support import web
from support.servers.postgres import Databases

V2 = "/api/public/v2/datasets"
RUNS = "/api/public/datasets/d/runs"
ITEMS = "/api/public/dataset-items"
RUN_ITEMS = "/api/public/dataset-run-items"
ITEM = {
    "datasetName": "d",
    "id": "i",
    "input": {"q": "?"},
    "expectedOutput": [1],
    "metadata": {"k": 1},
    "sourceTraceId": "t",
    "sourceObservationId": "o",
}


@pytest.fixture
async def client(tmp_path: Path, postgres_or_none: Databases | None) -> AsyncGenerator[httpx.AsyncClient]:
    routers = [routes.router, item_routes.router, run_item_routes.router]
    async with web.opened(tmp_path, routers, postgres=postgres_or_none) as (client, _):
        for name in ("d", "other"):
            await _post(client, V2, {"name": name})
        yield client


async def _post(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    response = await client.post(path, json=body, headers=web.ALPHA)
    assert response.status_code == 200, response.text
    return response.json()


async def _get(client: httpx.AsyncClient, path: str, **params: Any) -> dict[str, Any]:
    response = await client.get(path, params=params, headers=web.ALPHA)
    assert response.status_code == 200, response.text
    return response.json()


async def _ids(client: httpx.AsyncClient, **params: Any) -> list[str]:
    return [item["id"] for item in (await _get(client, ITEMS, **params))["data"]]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"datasetName": "none", "input": 1}, 404),
        ({"datasetName": "d"}, 400),
        ({"datasetName": "d", "input": None, "expectedOutput": 1}, 400),
        ({"input": 1}, 400),
        ({"datasetName": "d", "input": 1, "id": "x" * 256}, 400),
        ({"datasetName": "d", "input": 1, "status": "GONE"}, 400),
        ({"datasetName": "d", "input": "\0"}, 400),
        ({"datasetName": "d", "input": "x" * 4_500_001}, 413),
        ({"datasetName": "other", "id": "i", "input": 1}, 409),
    ],
)
async def test_broken_item_is_refused(client: httpx.AsyncClient, body: dict[str, Any], status: int):
    await _post(client, ITEMS, ITEM)

    response = await client.post(ITEMS, json=body, headers=web.ALPHA)

    assert response.status_code == status, response.text
    assert await _ids(client) == ["i"]


async def test_item_that_breaks_a_schema_is_refused_and_the_old_one_stays(client: httpx.AsyncClient):
    schemas = {"inputSchema": {"required": ["q"]}, "expectedOutputSchema": {"type": "array"}}
    await _post(client, V2, {"name": "d", **schemas})
    await _post(client, ITEMS, {**ITEM, "expectedOutput": None})

    wrong_input = await client.post(ITEMS, json={"datasetName": "d", "id": "i", "input": {"x": 1}}, headers=web.ALPHA)
    wrong_output = await client.post(
        ITEMS, json={"datasetName": "d", "id": "i", "expectedOutput": 1}, headers=web.ALPHA
    )

    assert (wrong_input.status_code, wrong_output.status_code) == (400, 400)
    assert wrong_input.json()["error"] == [
        {"code": "custom", "path": ["input"], "message": '"q" is a required property'}
    ]
    assert wrong_output.json()["error"][0]["path"] == ["expectedOutput"]
    assert (await _get(client, f"{ITEMS}/i"))["input"] == ITEM["input"]


async def test_version_without_dataset_is_refused(client: httpx.AsyncClient):
    response = await client.get(ITEMS, params={"version": "2026-01-01T00:00:00Z"}, headers=web.ALPHA)

    assert response.status_code == 400


async def test_item_is_read_back(client: httpx.AsyncClient):
    created = await _post(client, ITEMS, ITEM)
    dataset = await _get(client, f"{V2}/d")

    assert await _get(client, f"{ITEMS}/i") == created
    assert {key: value for key, value in created.items() if key not in ("createdAt", "updatedAt", "version")} == {
        **ITEM,
        "status": "ACTIVE",
        "datasetId": dataset["id"],
        "mediaReferences": [],
    }
    assert created["version"] == created["updatedAt"] == created["createdAt"]


async def test_upsert_keeps_what_is_absent_or_null(client: httpx.AsyncClient):
    created = await _post(client, ITEMS, ITEM)
    await asyncio.sleep(0.002)

    changed = await _post(client, ITEMS, {"datasetName": "d", "id": "i", "input": None, "status": "ARCHIVED"})

    assert changed == {
        **created,
        "status": "ARCHIVED",
        "updatedAt": changed["updatedAt"],
        "version": changed["updatedAt"],
    }
    assert changed["updatedAt"] > created["updatedAt"]
    assert await _ids(client) == []


async def test_saying_it_again_makes_no_version(client: httpx.AsyncClient):
    created = await _post(client, ITEMS, ITEM)
    await asyncio.sleep(0.002)

    assert await _post(client, ITEMS, ITEM) == created


async def test_every_version_can_be_read(client: httpx.AsyncClient):
    first = await _post(client, ITEMS, ITEM)
    second = await _post(client, ITEMS, {**ITEM, "input": 2})
    third = await _post(client, ITEMS, {**ITEM, "input": 3})
    await client.delete(f"{ITEMS}/i", headers=web.ALPHA)
    again = await _post(client, ITEMS, {**ITEM, "input": 4})

    def inputs(at: str) -> Any:
        return _get(client, ITEMS, datasetName="d", version=at)

    seen = [[item["input"] for item in (await inputs(one["version"]))["data"]] for one in (first, second, third, again)]
    assert seen == [[{"q": "?"}], [2], [3], [4]]
    assert (await inputs("2020-01-01T00:00:00Z"))["data"] == []
    assert third["createdAt"] == first["createdAt"] != again["createdAt"]


async def test_deleted_item_is_gone_with_what_runs_made_of_it(client: httpx.AsyncClient):
    await _post(client, ITEMS, ITEM)
    await _post(client, RUN_ITEMS, {"runName": "r", "datasetItemId": "i", "traceId": "t"})

    deleted = await client.delete(f"{ITEMS}/i", headers=web.ALPHA)

    assert (deleted.status_code, deleted.json()) == (200, {"message": "Dataset item successfully deleted"})
    assert (await client.get(f"{ITEMS}/i", headers=web.ALPHA)).json()["message"] == "Dataset item not found"
    assert (await client.delete(f"{ITEMS}/i", headers=web.ALPHA)).status_code == 404
    assert (await _get(client, f"{RUNS}/r"))["datasetRunItems"] == []


@pytest.mark.parametrize(
    ("params", "ids"),
    [
        ({}, ["k/1", "j", "i"]),
        ({"datasetName": "d"}, ["j", "i"]),
        ({"sourceTraceId": "t"}, ["k/1", "i"]),
        ({"sourceTraceId": "t", "datasetName": "d"}, ["i"]),
        ({"sourceObservationId": "o2"}, ["k/1"]),
        ({"datasetName": "", "sourceTraceId": ""}, ["k/1", "j", "i"]),
        ({"limit": 2}, ["k/1", "j"]),
        ({"limit": 2, "page": 2}, ["i"]),
    ],
)
async def test_list_is_narrowed(client: httpx.AsyncClient, params: dict[str, Any], ids: list[str]):
    await _post(client, ITEMS, ITEM)
    await asyncio.sleep(0.002)
    await _post(client, ITEMS, {"datasetName": "d", "id": "j", "input": 1})
    await asyncio.sleep(0.002)
    await _post(client, ITEMS, {**ITEM, "datasetName": "other", "id": "k/1", "sourceObservationId": "o2"})

    assert await _ids(client, **params) == ids
    assert (await _get(client, f"{ITEMS}/k%2F1"))["id"] == "k/1"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"runName": "r", "datasetItemId": "none", "traceId": "t"}, 404),
        ({"runName": "r", "datasetItemId": "i"}, 400),
        ({"runName": "", "datasetItemId": "i", "traceId": "t"}, 400),
        ({"runName": "r", "traceId": "t"}, 400),
        ({"runName": "r", "datasetItemId": "i", "traceId": "t", "unknown": 1}, 400),
        ({"runName": "r", "datasetItemId": "i", "traceId": "t", "createdAt": "yesterday"}, 400),
    ],
)
async def test_broken_run_item_is_refused(client: httpx.AsyncClient, body: dict[str, Any], status: int):
    await _post(client, ITEMS, ITEM)

    response = await client.post(RUN_ITEMS, json=body, headers=web.ALPHA)

    assert response.status_code == status, response.text
    assert (await _get(client, RUNS))["data"] == []


async def test_run_is_made_by_its_first_item_and_has_the_id_sdks_compute(client: httpx.AsyncClient):
    item = await _post(client, ITEMS, ITEM)
    first = {"runName": "r é", "datasetItemId": "i", "traceId": "t", "runDescription": "why", "metadata": {"m": 1}}
    linked = await _post(client, RUN_ITEMS, {**first, "observationId": None, "datasetVersion": None})
    await _post(client, RUN_ITEMS, {**first, "traceId": "t2", "observationId": "o", "runDescription": "else"})

    [run] = (await _get(client, RUNS))["data"]
    whole = await _get(client, f"{RUNS}/{run['name']}")

    assert linked["datasetRunId"] == run["id"] == experiments.run_id("alpha", item["datasetId"], "r é")
    assert (run["description"], run["metadata"], run["datasetName"]) == ("why", {"m": 1}, "d")
    assert [(one["traceId"], one["observationId"]) for one in whole.pop("datasetRunItems")] == [
        ("t2", "o"),
        ("t", None),
    ]
    assert whole == run
    listed = await _get(client, RUN_ITEMS, datasetId=item["datasetId"], runName="r é", limit=1)
    assert (listed["data"][0]["traceId"], listed["meta"]["totalItems"]) == ("t2", 2)


async def test_the_same_link_twice_is_one(client: httpx.AsyncClient):
    await _post(client, ITEMS, ITEM)
    link = {"runName": "r", "datasetItemId": "i", "traceId": "t", "createdAt": "2026-01-01T00:00:00.000Z"}

    first, second = [await _post(client, RUN_ITEMS, link) for _ in range(2)]

    assert first == second
    assert first["createdAt"] == "2026-01-01T00:00:00.000Z"
    assert len((await _get(client, f"{RUNS}/r"))["datasetRunItems"]) == 1


async def test_deleted_run_is_gone_with_its_items(client: httpx.AsyncClient):
    item = await _post(client, ITEMS, ITEM)
    for name in ("r", "kept"):
        await _post(client, RUN_ITEMS, {"runName": name, "datasetItemId": "i", "traceId": "t"})

    deleted = await client.delete(f"{RUNS}/r", headers=web.ALPHA)

    assert (deleted.status_code, deleted.json()) == (200, {"message": "Dataset run successfully deleted"})
    params = {"datasetId": item["datasetId"], "runName": "r"}
    gone = [await client.get(f"{RUNS}/r", headers=web.ALPHA), await client.delete(f"{RUNS}/r", headers=web.ALPHA)]
    gone.append(await client.get(RUN_ITEMS, params=params, headers=web.ALPHA))
    assert {response.status_code for response in gone} == {404}
    assert [run["name"] for run in (await _get(client, RUNS))["data"]] == ["kept"]
