"""Items show the files their texts refer to: those that have arrived, in this project, wherever the text stands."""

import base64
import hashlib
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter

from elasticdash.web.media import content_routes
from elasticdash.web.public_api.dataset_items import media_references
from elasticdash.web.public_api.dataset_items import routes as items
from elasticdash.web.public_api.datasets import routes as datasets
from elasticdash.web.public_api.media import routes as media
from support import web
from support.servers.postgres import Databases

PICTURE = b"\x89PNG a picture"
ITEMS = "/api/public/dataset-items"


@pytest.fixture
async def client(tmp_path: Path, postgres_or_none: Databases | None) -> AsyncGenerator[httpx.AsyncClient]:
    content = APIRouter(routes=content_routes.ROUTES)
    routers = [datasets.router, items.router, media.router, content]
    async with web.opened(tmp_path, routers, postgres=postgres_or_none) as (client, _):
        await client.post("/api/public/v2/datasets", json={"name": "set"}, headers=web.ALPHA)
        yield client


def reference(media_id: str, brand: str = "langfuse") -> str:
    return f"@@@{brand}Media:type=image/png|id={media_id}|source=bytes@@@"


async def announce(client: httpx.AsyncClient, data: bytes, headers: dict[str, str]) -> dict[str, Any]:
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    body = {"traceId": "t", "field": "input", "contentType": "image/png", "contentLength": len(data)}
    return (await client.post("/api/public/media", json={**body, "sha256Hash": digest}, headers=headers)).json()


async def upload(client: httpx.AsyncClient, data: bytes, headers: dict[str, str]) -> str:
    announced = await announce(client, data, headers)
    sent = await client.put(announced["uploadUrl"], content=data, headers={"Content-Type": "image/png"})
    assert sent.status_code == 200, sent.text
    return announced["mediaId"]


async def create(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    made = await client.post(ITEMS, json={"datasetName": "set", **fields}, headers=web.ALPHA)
    assert made.status_code == 200, made.text
    return made.json()


async def test_files_that_are_not_there_or_anothers_are_left_out(client: httpx.AsyncClient):
    anothers = await upload(client, b"of another project", web.BETA)
    announced = (await announce(client, b"not sent", web.ALPHA))["mediaId"]

    made = await create(client, input=[reference(media_id) for media_id in (anothers, announced, "nothing")])

    assert made["mediaReferences"] == []


async def test_a_file_is_shown_with_its_place_and_can_be_read(client: httpx.AsyncClient):
    media_id = await upload(client, PICTURE, web.ALPHA)
    text = reference(media_id)

    made = await create(client, id="item", input={"it's": [0, f"see {text}"]}, expectedOutput=text)
    read = (await client.get(f"{ITEMS}/item", headers=web.ALPHA)).json()
    (listed,) = (await client.get(ITEMS, headers=web.ALPHA)).json()["data"]
    (of_dataset,) = (await client.get("/api/public/datasets/set", headers=web.ALPHA)).json()["items"]

    for shown in (made, read, listed, of_dataset):
        places = [(one["field"], one["jsonPath"], one["referenceString"]) for one in shown["mediaReferences"]]
        assert places == [("input", r"$['it\'s'][1]", text), ("expectedOutput", "$", text)]
    found = read["mediaReferences"][0]["media"]
    assert (found["mediaId"], found["contentType"], found["contentLength"]) == (media_id, "image/png", len(PICTURE))
    assert (await client.get(found["url"])).content == PICTURE


def test_references_are_found_in_order_at_any_depth():
    deep: Any = reference("deep", "elasticdash")
    for _ in range(10_000):
        deep = [deep]

    found = list(media_references.find({"input": f"{reference('a')} {reference('b')}", "metadata": {"k": deep}}))

    assert [(one.field, one.media_id) for one in found] == [("input", "a"), ("input", "b"), ("metadata", "deep")]
    assert found[2].json_path == "$['k']" + "[0]" * 10_000


@pytest.mark.parametrize(
    "text", ["@@@langfuseMedia:@@@", "@@@langfuseMedia:type=a|source=b@@@", "@@@Media:id=a@@@", "@"]
)
def test_what_is_no_reference_is_none(text: str):
    assert list(media_references.find({"input": text})) == []
