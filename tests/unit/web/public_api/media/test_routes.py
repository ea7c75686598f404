"""Files are announced, sent to a URL that takes nothing else, kept within their project, and served harmlessly."""

import base64
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from fastapi import APIRouter

from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import media
from elasticdash.shared.postgres.engine import Database
from elasticdash.web.media import content_routes
from elasticdash.web.public_api.media import routes
from support import web
from support.servers.postgres import Databases

PATH = "/api/public/media"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
HOSTILE = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
SCOPE = ProjectScope(ProjectId("alpha"))


@dataclass(frozen=True)
class Opened:
    client: httpx.AsyncClient
    database: Database
    folder: Path


@pytest.fixture
async def opened(tmp_path: Path, postgres_or_none: Databases | None) -> AsyncGenerator[Opened]:
    content = APIRouter(routes=content_routes.ROUTES)
    async with web.opened(tmp_path, [routes.router, content], postgres=postgres_or_none) as (client, database):
        yield Opened(client, database, tmp_path / "files")


@pytest.fixture
def client(opened: Opened) -> httpx.AsyncClient:
    return opened.client


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def _announcement(data: bytes = PICTURE, **changed: Any) -> dict[str, Any]:
    body = {
        "traceId": "t",
        "observationId": "o",
        "contentType": "image/png",
        "contentLength": len(data),
        "sha256Hash": _digest(data),
        "field": "input",
    }
    return {**body, **changed}


async def _announce(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    response = await client.post(PATH, json=body, headers=web.ALPHA)
    assert response.status_code == 201, response.text
    return response.json()


async def _put(client: httpx.AsyncClient, url: str, data: bytes, content_type: str = "image/png") -> httpx.Response:
    return await client.put(url, content=data, headers={"Content-Type": content_type})


async def _uploaded(client: httpx.AsyncClient, data: bytes = PICTURE, **changed: Any) -> str:
    announced = await _announce(client, _announcement(data, **changed))
    sent = await _put(client, announced["uploadUrl"], data, changed.get("contentType", "image/png"))
    assert sent.status_code == 200, sent.text
    return announced["mediaId"]


def _stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("GET", f"{PATH}/x"), ("PATCH", f"{PATH}/x")])
async def test_stranger_is_refused_before_the_body_is_read(client: httpx.AsyncClient, method: str, path: str):
    response = await client.request(method, path, content=b"{broken", headers={"Content-Type": "application/json"})

    assert response.status_code == 401


@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("GET", f"{PATH}/x"), ("PATCH", f"{PATH}/x")])
async def test_public_key_alone_is_refused(client: httpx.AsyncClient, method: str, path: str):
    body = {"uploadedAt": "2026-01-31T12:00:00Z", "uploadHttpStatus": 200, **_announcement()}
    response = await client.request(method, path, json=body, headers={"Authorization": "Bearer pk-lf-a"})

    assert response.status_code == 403


@pytest.mark.parametrize(
    "changed",
    [
        {"contentLength": 0},
        {"contentLength": 1_000_000_001},
        {"contentLength": 2**70},
        {"sha256Hash": "abc"},
        {"sha256Hash": base64.b64encode(b"x" * 31).decode()},
        {"sha256Hash": _digest(PICTURE).replace("=", "")},
        {"contentType": "no type"},
        {"contentType": "image/png\r\nX-Evil: 1"},
        {"field": "expectedOutput"},
        {"field": "name"},
        {"traceId": None},
        {"traceId": ""},
        {"datasetId": "d", "datasetItemId": "i"},
        {"datasetId": "d"},
        {"traceId": None, "observationId": None, "datasetId": "d"},
        {"traceId": None, "datasetId": "d", "datasetItemId": "i"},
        {"traceId": None, "observationId": None, "datasetId": "d", "datasetItemId": "i", "field": "output"},
    ],
)
async def test_what_breaks_a_rule_is_refused(client: httpx.AsyncClient, changed: dict[str, Any]):
    response = await client.post(PATH, json=_announcement(**changed), headers=web.ALPHA)

    assert response.status_code == 400
    assert isinstance(response.json()["error"], list)


async def test_other_project_sees_and_changes_nothing(client: httpx.AsyncClient):
    media_id = await _uploaded(client)
    report = {"uploadedAt": "2026-01-31T12:00:00Z", "uploadHttpStatus": 200}

    read = await client.get(f"{PATH}/{media_id}", headers=web.BETA)
    changed = await client.patch(f"{PATH}/{media_id}", json=report, headers=web.BETA)
    own = await client.post(PATH, json=_announcement(), headers=web.BETA)

    assert (read.status_code, read.json()["message"]) == (404, "Media asset not found")
    assert changed.status_code == 404
    assert own.json()["mediaId"] == media_id
    assert own.json()["uploadUrl"] is not None


async def test_a_url_of_one_project_does_not_reach_the_file_of_another(client: httpx.AsyncClient):
    media_id = await _uploaded(client)
    url = (await client.get(f"{PATH}/{media_id}", headers=web.ALPHA)).json()["url"]

    answer = await client.get(url.replace("project=alpha", "project=beta"))

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "changed",
    [
        {"expires": "99999999999"},
        {"expires": ""},
        {"expires": "1"},
        {"expires": "9" * 5000},
        {"project": "beta"},
        {"project": ""},
        {"signature": ""},
        {"signature": "0" * 64},
        {"signature": "ä"},
    ],
)
async def test_a_changed_url_opens_nothing(client: httpx.AsyncClient, opened: Opened, changed: dict[str, str]):
    url: str = (await _announce(client, _announcement()))["uploadUrl"]
    parts = urlsplit(url)
    query = urlencode({**dict(parse_qsl(parts.query)), **changed})

    sent = await _put(client, f"{parts.path}?{query}", PICTURE)

    assert sent.status_code == 403
    assert _stored(opened.folder) == []


async def test_a_url_to_send_is_none_to_read(client: httpx.AsyncClient):
    url = (await _announce(client, _announcement()))["uploadUrl"]
    await _put(client, url, PICTURE)

    assert (await client.get(url)).status_code == 403


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (PICTURE[:-1], "image/png"),
        (PICTURE + b"x", "image/png"),
        (PICTURE[:-1] + b"x", "image/png"),
        (b"", "image/png"),
        (PICTURE, "text/html"),
    ],
)
async def test_only_the_announced_file_is_taken(
    client: httpx.AsyncClient, opened: Opened, data: bytes, content_type: str
):
    announced = await _announce(client, _announcement())

    async def without_length() -> AsyncGenerator[bytes]:
        yield data

    answers = [
        await _put(client, announced["uploadUrl"], data, content_type),
        await client.put(announced["uploadUrl"], content=without_length(), headers={"Content-Type": content_type}),
    ]
    read = await client.get(f"{PATH}/{announced['mediaId']}", headers=web.ALPHA)

    assert [answer.status_code for answer in answers] == [400, 400]
    assert read.status_code == 404
    assert _stored(opened.folder) == []


async def test_what_has_not_arrived_cannot_be_claimed(client: httpx.AsyncClient):
    media_id = (await _announce(client, _announcement()))["mediaId"]
    report = {"uploadedAt": "2026-01-31T12:00:00Z", "uploadHttpStatus": 200, "uploadHttpError": "{}"}

    before = await client.get(f"{PATH}/{media_id}", headers=web.ALPHA)
    claimed = await client.patch(f"{PATH}/{media_id}", json=report, headers=web.ALPHA)
    failed = await client.patch(f"{PATH}/{media_id}", json={**report, "uploadHttpStatus": 500}, headers=web.ALPHA)
    after = await client.get(f"{PATH}/{media_id}", headers=web.ALPHA)
    unknown = await client.patch(f"{PATH}/unknown", json=report, headers=web.ALPHA)

    assert (before.status_code, before.json()["message"]) == (404, "Media not yet uploaded")
    assert claimed.status_code == 400
    assert (failed.status_code, failed.json()) == (200, {"message": "OK"})
    assert (after.status_code, after.json()["message"]) == (404, "Media upload failed with status 500")
    assert unknown.status_code == 404


async def test_another_size_for_a_known_file_is_refused(client: httpx.AsyncClient):
    await _uploaded(client)

    answer = await client.post(PATH, json=_announcement(contentLength=1), headers=web.ALPHA)

    assert answer.status_code == 400


async def test_a_file_comes_back_as_it_was_sent(client: httpx.AsyncClient):
    announced = await _announce(client, _announcement())
    digest = _digest(PICTURE)
    await _put(client, announced["uploadUrl"], PICTURE)
    report = {"uploadedAt": "2026-01-31T12:00:00Z", "uploadHttpStatus": 200, "uploadHttpError": "", "uploadTimeMs": 3}
    patched = await client.patch(f"{PATH}/{announced['mediaId']}", json=report, headers=web.ALPHA)

    found = (await client.get(f"{PATH}/{announced['mediaId']}", headers=web.ALPHA)).json()
    file = await client.get(found["url"])

    assert announced["mediaId"] == digest[:22].replace("+", "-").replace("/", "_")
    assert patched.json() == {"message": "OK"}
    assert found["mediaId"] == announced["mediaId"]
    assert (found["contentType"], found["contentLength"]) == ("image/png", len(PICTURE))
    assert found["uploadedAt"] == "2026-01-31T12:00:00.000Z"
    expiry = datetime.fromisoformat(found["urlExpiry"])
    assert timedelta(minutes=59) < expiry - datetime.now(UTC) <= timedelta(hours=1)
    assert file.status_code == 200
    assert file.content == PICTURE


async def test_a_part_of_a_file_can_be_read(client: httpx.AsyncClient):
    media_id = await _uploaded(client)
    url = (await client.get(f"{PATH}/{media_id}", headers=web.ALPHA)).json()["url"]

    part = await client.get(url, headers={"Range": "bytes=1-3"})

    assert (part.status_code, part.content) == (206, b"PNG")


@pytest.mark.parametrize(("data", "content_type"), [(HOSTILE, "image/svg+xml"), (HOSTILE, "text/html")])
async def test_a_hostile_file_runs_nowhere(client: httpx.AsyncClient, data: bytes, content_type: str):
    media_id = await _uploaded(client, data, contentType=content_type)
    url = (await client.get(f"{PATH}/{media_id}", headers=web.ALPHA)).json()["url"]

    headers = (await client.get(url)).headers

    assert headers["content-disposition"].startswith(f'attachment; filename="{media_id}')
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-type"].startswith(content_type)


async def test_a_known_file_is_not_sent_again_and_belongs_to_both(client: httpx.AsyncClient, opened: Opened):
    media_id = await _uploaded(client)

    again = await _announce(client, _announcement(traceId="u", observationId=None, field="metadata"))
    async with opened.database.writing() as session:
        await media.unlink_traces(session, SCOPE, ["t"], datetime.now(UTC))
    read = await client.get(f"{PATH}/{media_id}", headers=web.ALPHA)

    assert again == {"mediaId": media_id, "uploadUrl": None}
    assert read.status_code == 200


async def test_a_file_that_got_lost_is_asked_for_again(client: httpx.AsyncClient, opened: Opened):
    await _uploaded(client)
    for path in _stored(opened.folder):
        path.unlink()

    again = await _announce(client, _announcement())
    await _put(client, again["uploadUrl"], PICTURE)

    assert len(_stored(opened.folder)) == 1


async def test_a_file_that_belongs_to_nothing_is_gone(client: httpx.AsyncClient, opened: Opened):
    announced = await _announce(client, _announcement())
    await _put(client, announced["uploadUrl"], PICTURE)
    url = (await client.get(f"{PATH}/{announced['mediaId']}", headers=web.ALPHA)).json()["url"]

    async with opened.database.writing() as session:
        await media.unlink_traces(session, SCOPE, ["t"], datetime.now(UTC))

    assert (await client.get(f"{PATH}/{announced['mediaId']}", headers=web.ALPHA)).status_code == 404
    assert (await client.get(url)).status_code == 404
    assert (await _put(client, announced["uploadUrl"], PICTURE)).status_code == 404


async def test_media_of_a_dataset_item_need_no_item(client: httpx.AsyncClient):
    item: dict[str, Any] = {
        "traceId": None,
        "observationId": None,
        "datasetId": "d",
        "datasetItemId": "i",
        "field": "expectedOutput",
    }

    media_id = await _uploaded(client, **item)

    assert (await client.get(f"{PATH}/{media_id}", headers=web.ALPHA)).status_code == 200
