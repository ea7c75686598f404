"""Datasets are kept by name, keep to their project, and their schemas bind items."""

from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy import text

from elasticdash.shared.postgres.engine import Database
from elasticdash.web.public_api.dataset_items import routes as item_routes
from elasticdash.web.public_api.dataset_run_items import routes as run_item_routes
from elasticdash.web.public_api.datasets import routes
from support import web

V2 = "/api/public/v2/datasets"
V1 = "/api/public/datasets"
ITEMS = "/api/public/dataset-items"
RUN_ITEMS = "/api/public/dataset-run-items"


@pytest.fixture
def routers() -> list[APIRouter]:
    return [routes.router, item_routes.router, run_item_routes.router]


async def _post(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], headers: dict[str, str] = web.ALPHA
) -> dict[str, Any]:
    response = await client.post(path, json=body, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


async def _get(client: httpx.AsyncClient, path: str, **params: Any) -> dict[str, Any]:
    response = await client.get(path, params=params, headers=web.ALPHA)
    assert response.status_code == 200, response.text
    return response.json()


EVERY_CALL = [
    ("GET", V2),
    ("POST", V2),
    ("GET", f"{V2}/d"),
    ("GET", V1),
    ("POST", V1),
    ("GET", f"{V1}/d"),
    ("GET", f"{V1}/d/runs"),
    ("GET", f"{V1}/d/runs/r"),
    ("DELETE", f"{V1}/d/runs/r"),
    ("GET", ITEMS),
    ("POST", ITEMS),
    ("GET", f"{ITEMS}/i"),
    ("DELETE", f"{ITEMS}/i"),
    ("GET", f"{RUN_ITEMS}?datasetId=d&runName=r"),
    ("POST", RUN_ITEMS),
]


@pytest.mark.parametrize(("method", "path"), EVERY_CALL)
async def test_only_a_project_s_key_pair_may_call(
    client: httpx.AsyncClient, database: Database, method: str, path: str
):
    stranger = await client.request(method, path)
    public_key_alone = await client.request(method, path, headers={"Authorization": "Bearer pk-lf-a"})
    async with database.writing() as session:
        await session.execute(text("UPDATE api_keys SET project_id = NULL, organization_id = 'org'"))
    organization = await client.request(method, path, headers=web.BETA)

    assert (stranger.status_code, public_key_alone.status_code, organization.status_code) == (401, 403, 403)


async def test_other_project_reaches_nothing(client: httpx.AsyncClient):
    dataset = await _post(client, V2, {"name": "d"})
    await _post(client, ITEMS, {"datasetName": "d", "id": "i", "input": 1})
    await _post(client, RUN_ITEMS, {"runName": "r", "datasetItemId": "i", "traceId": "t"})
    before = (await _get(client, ITEMS), await _get(client, f"{V1}/d/runs/r"), await _get(client, f"{V1}/d"))

    refused = [
        await client.request(method, path, headers=web.BETA)
        for method, path in [
            ("GET", f"{V2}/d"),
            ("GET", f"{V1}/d"),
            ("GET", f"{V1}/d/runs"),
            ("GET", f"{V1}/d/runs/r"),
            ("DELETE", f"{V1}/d/runs/r"),
            ("GET", f"{ITEMS}?datasetName=d"),
            ("GET", f"{ITEMS}/i"),
            ("DELETE", f"{ITEMS}/i"),
            ("GET", f"{RUN_ITEMS}?datasetId={dataset['id']}&runName=r"),
        ]
    ]
    link = {"runName": "r", "datasetItemId": "i", "traceId": "t"}
    refused.append(await client.post(RUN_ITEMS, json=link, headers=web.BETA))
    listed = [(await client.get(path, headers=web.BETA)).json()["data"] for path in (V2, V1, ITEMS)]

    assert {response.status_code for response in refused} == {404}
    assert listed == [[], [], []]
    assert (await _get(client, ITEMS), await _get(client, f"{V1}/d/runs/r"), await _get(client, f"{V1}/d")) == before


async def test_equal_names_and_ids_in_two_projects_are_two_things(client: httpx.AsyncClient):
    for headers, value in ((web.ALPHA, "ours"), (web.BETA, "theirs")):
        await _post(client, V2, {"name": "d", "description": value}, headers)
        await _post(client, ITEMS, {"datasetName": "d", "id": "i", "input": value}, headers)
        await _post(client, RUN_ITEMS, {"runName": value, "datasetItemId": "i", "traceId": "t"}, headers)

    assert (await _get(client, f"{V2}/d"))["description"] == "ours"
    assert (await _get(client, f"{ITEMS}/i"))["input"] == "ours"
    assert [run["name"] for run in (await _get(client, f"{V1}/d/runs"))["data"]] == ["ours"]
    await client.delete(f"{ITEMS}/i", headers=web.BETA)
    assert (await _get(client, f"{V1}/d/runs/ours"))["datasetRunItems"] != []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "  "},
        {"name": "/a"},
        {"name": "a/"},
        {"name": "a//b"},
        {"name": "<b>x</b>"},
        {"name": "a\0"},
        {"name": "a", "inputSchema": {"type": "nothing"}},
        {"name": "a", "expectedOutputSchema": {"$ref": "http://127.0.0.1/x"}},
        {"name": "a", "metadata": {"x": "\0"}},
    ],
)
@pytest.mark.parametrize("path", [V1, V2])
async def test_broken_dataset_is_refused(client: httpx.AsyncClient, path: str, body: dict[str, Any]):
    response = await client.post(path, json=body, headers=web.ALPHA)

    assert response.status_code == 400, response.text
    assert (await _get(client, V2))["data"] == []


async def test_missing_dataset(client: httpx.AsyncClient):
    response = await client.get(f"{V2}/none", headers=web.ALPHA)

    assert (response.status_code, response.json()) == (
        404,
        {"message": "Dataset not found", "error": "LangfuseNotFoundError"},
    )


async def test_new_schema_that_an_item_breaks_is_refused_and_nothing_changes(client: httpx.AsyncClient):
    await _post(client, V2, {"name": "d", "description": "before"})
    for number in range(3):
        await _post(client, ITEMS, {"datasetName": "d", "id": f"i{number}", "input": {"q": number}})
    await _post(client, ITEMS, {"datasetName": "d", "id": "i1", "status": "ARCHIVED"})
    schema = {"properties": {"q": {"not": {"const": 2}}}}

    refused = await client.post(
        V2, json={"name": "d", "description": "after", "inputSchema": schema}, headers=web.ALPHA
    )
    accepted = await client.post(
        V2, json={"name": "d", "inputSchema": {"properties": {"q": {"not": {"const": 1}}}}}, headers=web.ALPHA
    )

    assert (refused.status_code, refused.json()["error"][0]["path"]) == (400, ["i2", "input", "q"])
    assert accepted.status_code == 200, "an archived item is not asked"
    assert accepted.json()["description"] == "before"


async def test_dataset_is_read_back_and_changed_by_name(client: httpx.AsyncClient):
    schema = {"type": "object"}
    created = await _post(
        client, V2, {"name": " d ", "description": "x", "metadata": {"k": [1]}, "inputSchema": schema}
    )
    changed = await _post(client, V2, {"name": "d", "description": "y", "metadata": None, "inputSchema": None})

    assert {key: value for key, value in created.items() if key not in ("id", "createdAt", "updatedAt")} == {
        "projectId": "alpha",
        "name": "d",
        "description": "x",
        "metadata": {"k": [1]},
        "inputSchema": schema,
        "expectedOutputSchema": None,
    }
    assert (changed["id"], changed["description"], changed["metadata"]) == (created["id"], "y", {"k": [1]})
    assert changed["inputSchema"] == schema
    assert await _get(client, f"{V2}/d") == changed


async def test_pages(client: httpx.AsyncClient):
    for number in range(3):
        await _post(client, V2, {"name": f"d{number}"})

    pages = [await _get(client, V2, limit=2, page=number) for number in (1, 2, 3)]

    assert [[row["name"] for row in page["data"]] for page in pages] == [["d2", "d1"], ["d0"], []]
    assert pages[0]["meta"] == {"page": 1, "limit": 2, "totalItems": 3, "totalPages": 2}
    assert (await client.get(f"{V2}?limit=101", headers=web.ALPHA)).status_code == 400


@pytest.mark.parametrize(
    "sent",
    ["folder/my set é", "folder%2Fmy%20set%20%C3%A9", "folder%252Fmy%2520set%2520%25C3%25A9"],
    ids=["raw", "escaped", "escaped twice"],
)
async def test_names_with_slashes_and_spaces_are_found(client: httpx.AsyncClient, sent: str):
    await _post(client, V2, {"name": "folder/my set é"})
    await _post(client, ITEMS, {"datasetName": "folder/my set é", "id": "i", "input": 1})
    await _post(client, RUN_ITEMS, {"runName": "a/b", "datasetItemId": "i", "traceId": "t"})

    assert (await _get(client, f"{V2}/{sent}"))["name"] == "folder/my set é"
    assert (await _get(client, f"{V1}/{sent}"))["runs"] == ["a/b"]
    assert (await _get(client, f"{V1}/{sent}/runs"))["data"][0]["name"] == "a/b"
    assert (await _get(client, f"{V1}/{sent}/runs/a%2Fb"))["name"] == "a/b"
    assert (await _get(client, f"{ITEMS}?datasetName={sent}"))["data"][0]["id"] == "i"


async def test_percent_sign_in_a_name_is_a_percent_sign(client: httpx.AsyncClient):
    await _post(client, V2, {"name": "100%25"})
    await _post(client, V2, {"name": "100%"})

    assert (await _get(client, f"{V2}/100%2525"))["name"] == "100%25"
    assert (await _get(client, f"{V2}/100%25"))["name"] == "100%"


async def test_part_of_a_name_may_be_runs(client: httpx.AsyncClient):
    await _post(client, V2, {"name": "a/runs/b"})
    await _post(client, ITEMS, {"datasetName": "a/runs/b", "id": "i", "input": 1})
    await _post(client, RUN_ITEMS, {"runName": "c/runs/d", "datasetItemId": "i", "traceId": "t"})

    assert (await _get(client, f"{V1}/a%2Fruns%2Fb/runs"))["data"][0]["name"] == "c/runs/d"
    assert (await _get(client, f"{V1}/a%2Fruns%2Fb/runs/c%2Fruns%2Fd"))["name"] == "c/runs/d"


async def test_first_generation_shows_items_and_runs(client: httpx.AsyncClient):
    created = await _post(client, V1, {"name": "d"})
    await _post(client, V1, {"name": "empty"})
    for id_ in ("i", "j"):
        await _post(client, ITEMS, {"datasetName": "d", "id": id_, "input": 1})
    await _post(client, RUN_ITEMS, {"runName": "r", "datasetItemId": "i", "traceId": "t"})

    one = await _get(client, f"{V1}/d")
    empty, listed = (await _get(client, V1))["data"]

    assert (created["items"], created["runs"]) == ([], [])
    assert ([item["id"] for item in one["items"]], one["runs"]) == (["j", "i"], ["r"])
    assert (listed["items"], listed["runs"]) == (["j", "i"], ["r"])
    assert (empty["items"], empty["runs"]) == ([], [])


async def test_changes_are_audited(client: httpx.AsyncClient, database: Database):
    await _post(client, V2, {"name": "d"})
    await _post(client, V2, {"name": "d"})
    await _post(client, V2, {"name": "d", "description": "x"})
    await _post(client, ITEMS, {"datasetName": "d", "id": "i", "input": 1})
    await client.delete(f"{ITEMS}/i", headers=web.ALPHA)

    async with database.reading() as session:
        sql = "SELECT action, resource_type, actor_type FROM audit_logs WHERE resource_type LIKE 'dataset%'"
        found = [tuple(entry) for entry in await session.execute(text(f"{sql} ORDER BY created_at"))]
    assert found == [
        ("create", "dataset", "api_key"),
        ("update", "dataset", "api_key"),
        ("create", "datasetItem", "api_key"),
        ("delete", "datasetItem", "api_key"),
    ]
