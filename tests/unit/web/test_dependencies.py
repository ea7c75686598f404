"""What a handler asks for is checked, committed and bounded before and after it runs."""

from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from elasticdash.shared import errors
from elasticdash.shared.postgres.engine import Database
from elasticdash.web.dependencies import (
    MAX_BODY_BYTES,
    AuthenticatedRoute,
    CurrentProject,
    ReadingSession,
    ScoresWriter,
    WritingSession,
)
from elasticdash.web.wire import Text
from support import web

JSON = {"Content-Type": "application/json"}


class Name(BaseModel):
    name: Text


router = APIRouter(route_class=AuthenticatedRoute)


@router.post("/name")
async def rename(project: CurrentProject, session: WritingSession, body: Name) -> str:
    await session.execute(
        text("UPDATE projects SET name = :name WHERE id = :id"), {"name": body.name, "id": project.project_id}
    )
    if body.name == "refused":
        raise errors.ConflictError("That name is refused")
    if body.name == "dangling":
        await session.execute(text("PRAGMA defer_foreign_keys = ON"))
        await session.execute(text("UPDATE projects SET org_id = 'nothing'"))
    return body.name


@router.get("/name")
async def read(project: CurrentProject, session: ReadingSession) -> str | None:
    sql = text("SELECT name FROM projects WHERE id = :id")
    return await session.scalar(sql, {"id": project.project_id})


@router.post("/score")
async def score(principal: ScoresWriter) -> list[str]:
    return [principal.scope.project_id, principal.access]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncGenerator[tuple[httpx.AsyncClient, Database]]:
    async with web.opened(tmp_path, [router]) as opened:
        yield opened


@pytest.fixture
def client(opened: tuple[httpx.AsyncClient, Database]) -> httpx.AsyncClient:
    return opened[0]


async def _name(client: httpx.AsyncClient, headers: dict[str, str] = web.ALPHA) -> Any:
    return (await client.get("/name", headers=headers)).json()


async def test_stranger_is_refused_without_reading_the_body(client: httpx.AsyncClient):
    read_chunks = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read_chunks
        for _ in range(10):
            read_chunks += 1
            yield b"x"

    response = await client.post("/name", content=chunks(), headers=JSON)

    assert response.status_code == 401
    assert read_chunks == 0


async def test_body_over_the_limit_is_refused(client: httpx.AsyncClient):
    body = b'{"name": "' + b"x" * MAX_BODY_BYTES + b'"}'

    response = await client.post("/name", content=body, headers={**web.ALPHA, **JSON})

    assert response.status_code == 413
    assert response.json() == {
        "message": "The body is larger than the limit of 4500000 bytes",
        "error": "PayloadTooLargeError",
    }


@pytest.mark.parametrize(
    "content",
    [b"{", b"\xff\xfe", b"[" * 100_000, b'{"name": "\\ud800"}', b'{"name": ' + b"1" * 5000 + b"}", b"null", b"[]"],
    ids=["cut off", "not UTF-8", "deep", "surrogate", "long number", "null", "list"],
)
async def test_unreadable_body_is_refused(client: httpx.AsyncClient, content: bytes):
    response = await client.post("/name", content=content, headers={**web.ALPHA, **JSON})

    assert response.status_code == 400, response.text
    assert set(response.json()) == {"message", "error"}


async def test_refusal_undoes_what_was_written(client: httpx.AsyncClient):
    response = await client.post("/name", json={"name": "refused"}, headers=web.ALPHA)

    assert response.status_code == 409
    assert await _name(client) == "Alpha"


async def test_failed_commit_is_not_answered_as_success(client: httpx.AsyncClient):
    response = await client.post("/name", json={"name": "dangling"}, headers=web.ALPHA)

    assert response.status_code == 500
    assert await _name(client) == "Alpha"


async def test_change_is_committed_in_the_own_project(client: httpx.AsyncClient):
    response = await client.post("/name", json={"name": "new"}, headers=web.ALPHA)

    assert response.status_code == 200
    assert (await _name(client), await _name(client, web.BETA)) == ("new", "Beta")


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"Authorization": "Bearer pk-lf-a"}, 403)],
    ids=["anonymous", "public key alone"],
)
async def test_project_needs_both_halves_of_a_key(client: httpx.AsyncClient, headers: dict[str, str], status: int):
    assert (await client.get("/name", headers=headers)).status_code == status


async def test_scores_need_the_public_half_only(client: httpx.AsyncClient):
    bearer = await client.post("/score", headers={"Authorization": "Bearer pk-ed-b"})
    basic = await client.post("/score", headers=web.BETA)

    assert (bearer.json(), basic.json()) == (["beta", "scores"], ["beta", "project"])
    assert (await client.post("/score")).status_code == 401
