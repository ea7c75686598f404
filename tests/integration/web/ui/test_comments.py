"""Comments of people: written by members, read by viewers, taken back by who wrote them, within their project."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.roles import Role
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import comments, prompts
from elasticdash.shared.postgres.comments import CommentedObject, CommentedType
from elasticdash.shared.postgres.prompts import PromptFields
from support import metadata, signed_in
from support.records import make_observation, make_trace, store
from support.signed_in import Web

PATH = "/api/ui/projects/alpha/comments"
ALPHA = ProjectScope(ProjectId("alpha"))
ON_TRACE = {"objectType": "TRACE", "objectId": "commented"}


@dataclass
class Person:
    """Somebody who is signed in, with the proof their changes need."""

    browser: httpx.AsyncClient
    proof: Mapping[str, str] = field(default_factory=dict[str, str])

    async def write(self, content: str = "Why?", **about: str) -> httpx.Response:
        body = {**ON_TRACE, **about, "content": content}
        return await self.browser.post(PATH, json=body, headers=self.proof)

    async def read(self, path: str = PATH, **query: Any) -> Mapping[str, Any]:
        answer = await self.browser.get(path, params={**ON_TRACE, **query})
        assert answer.status_code == HTTPStatus.OK, answer.text
        return answer.json()

    async def delete(self, comment_id: str) -> HTTPStatus:
        answer = await self.browser.delete(f"{PATH}/{comment_id}", headers=self.proof)
        return HTTPStatus(answer.status_code)


@pytest.fixture
async def web(tmp_path: Path, clickhouse: ClickHouse) -> AsyncGenerator[Web]:
    trace = make_trace("commented", session_id="commented session")
    await store(clickhouse, ALPHA, [trace], [make_observation("commented step", trace_id="commented")])
    async with signed_in.opened(tmp_path, clickhouse) as opened:
        for name, role in (("ann", Role.MEMBER), ("bob", Role.MEMBER), ("eve", Role.VIEWER)):
            await signed_in.add_user(opened.database, f"{name}@example.test", {"org": role})
        yield opened


@pytest.fixture
async def people(web: Web) -> AsyncGenerator[dict[str, Person]]:
    """Ann and Bob, who may write, and Eve, who may look."""
    async with web.browser() as ann, web.browser() as bob, web.browser() as eve:
        browsers = {"ann": ann, "bob": bob, "eve": eve}
        yield {
            name: Person(browser, await signed_in.sign_in(browser, f"{name}@example.test"))
            for name, browser in browsers.items()
        }


@pytest.mark.parametrize(
    "about",
    [
        {"objectId": "unknown"},
        {"objectType": "OBSERVATION"},
        {"objectType": "SESSION"},
        {"objectType": "PROMPT"},
    ],
)
async def test_what_does_not_exist_is_not_commented_on(people: dict[str, Person], about: dict[str, str]):
    assert (await people["ann"].write(**about)).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("content", ["", "  \n", "x" * 5001, "a\0b"])
async def test_what_says_nothing_or_too_much_is_refused(people: dict[str, Person], content: str):
    assert (await people["ann"].write(content)).status_code == HTTPStatus.BAD_REQUEST


async def test_nobody_deletes_what_others_said(people: dict[str, Person], web: Web):
    await people["ann"].write()
    async with web.database.writing() as session:
        about = CommentedObject(CommentedType.TRACE, "commented", "commented")
        row = await comments.create(session, ALPHA, about, "By a program", None, metadata.change())
        of_program = row.id
    (of_ann,) = [comment["id"] for comment in (await people["bob"].read())["comments"] if comment["author"]]

    refused = [await people[who].delete(which) for who in ("bob", "eve") for which in (of_ann, of_program)]
    own = await people["ann"].delete(of_ann)
    again = await people["ann"].delete(of_ann)

    assert refused == [HTTPStatus.FORBIDDEN] * 4
    assert (own, again) == (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)
    assert [comment["isByApplication"] for comment in (await people["eve"].read())["comments"]] == [True]


async def test_a_comment_of_another_project_is_neither_read_nor_deleted(people: dict[str, Person]):
    await people["ann"].write()
    (comment,) = (await people["ann"].read())["comments"]

    elsewhere = "/api/ui/projects/beta/comments"
    read = await people["ann"].read(elsewhere)
    deleted = await people["ann"].browser.delete(f"{elsewhere}/{comment['id']}", headers=people["ann"].proof)

    assert read["comments"] == []
    assert deleted.status_code == HTTPStatus.NOT_FOUND


async def test_everyone_reads_who_said_what_and_knows_their_own(people: dict[str, Person]):
    await people["ann"].write("  First  ")
    await people["bob"].write("Second", objectType="OBSERVATION", objectId="commented step")

    by_eve, by_bob = (await people["eve"].read())["comments"], (await people["bob"].read())["comments"]
    on_step = await people["eve"].read(objectType="OBSERVATION", objectId="commented step")

    said = [(comment["content"], comment["author"], comment["objectType"]) for comment in by_eve]
    assert said == [("Second", "bob@example.test", "OBSERVATION"), ("First", "ann@example.test", "TRACE")]
    assert [[comment["isMine"] for comment in read] for read in (by_eve, by_bob)] == [[False, False], [True, False]]
    assert [comment["content"] for comment in on_step["comments"]] == ["Second"]


async def test_sessions_and_versions_of_prompts_are_commented_on(people: dict[str, Person], web: Web):
    async with web.database.writing() as session:
        said = PromptFields(name="p", type="text", prompt="x", config={}, labels=[], tags=None, commit_message=None)
        await prompts.create(session, ALPHA, said, metadata.change())
    versions = await people["eve"].read("/api/ui/projects/alpha/prompts/p")
    about = [
        {"objectType": "SESSION", "objectId": "commented session"},
        {"objectType": "PROMPT", "objectId": versions["versions"][0]["id"]},
    ]

    written = [(await people["ann"].write(**each)).status_code for each in about]
    read = [(await people["eve"].read(**each))["total"] for each in about]

    assert (written, read) == ([HTTPStatus.NO_CONTENT] * 2, [1, 1])


async def test_comments_come_in_pages(people: dict[str, Person]):
    for number in range(3):
        await people["ann"].write(str(number))

    first = await people["eve"].read(limit=2)
    second = await people["eve"].read(limit=2, offset=first["next"])

    assert [len(page["comments"]) for page in (first, second)] == [2, 1]
    assert {comment["content"] for page in (first, second) for comment in page["comments"]} == {"0", "1", "2"}
    assert (first["total"], second["next"]) == (3, None)
