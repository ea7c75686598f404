"""Prompts of a project: which there are, their versions and what each says; none of another project."""

from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from elasticdash.shared.domain.roles import Role
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import prompts
from elasticdash.shared.postgres.prompts import PromptFields
from support import metadata, signed_in


@pytest.fixture
async def viewer(tmp_path: Path) -> AsyncGenerator[httpx.AsyncClient]:
    """A viewer; alpha has two prompts, one in two versions, and beta one."""
    async with signed_in.opened(tmp_path) as web:
        await signed_in.add_user(web.database, "viewer@example.test", {"org": Role.VIEWER})
        wanted = [("alpha", "a/b", "one"), ("alpha", "a/b", "two"), ("alpha", "c", "three"), ("beta", "d", "four")]
        async with web.database.writing() as session:
            for project, name, text in wanted:
                fields = PromptFields(
                    name=name,
                    type="text",
                    prompt=text,
                    config={"said": text},
                    labels=[text],
                    tags=None,
                    commit_message=f"say {text}",
                )
                await prompts.create(session, ProjectScope(ProjectId(project)), fields, metadata.change())
        async with web.browser() as browser:
            await signed_in.sign_in(browser, "viewer@example.test")
            yield browser


@pytest.mark.parametrize("path", ["prompts/d", "prompt-versions/1/d", "prompt-versions/3/a/b", "prompts/unknown"])
async def test_what_the_project_does_not_have_is_not_found(viewer: httpx.AsyncClient, path: str):
    answer = await viewer.get(f"/api/ui/projects/alpha/{path}")

    assert answer.status_code == HTTPStatus.NOT_FOUND


async def test_prompts_are_listed_in_pages(viewer: httpx.AsyncClient):
    first = (await viewer.get("/api/ui/projects/alpha/prompts", params={"limit": 1})).json()
    second = (await viewer.get("/api/ui/projects/alpha/prompts", params={"limit": 1, "offset": 1})).json()

    assert [(prompt["name"], prompt["versions"]) for prompt in first["prompts"]] == [("a/b", [1, 2])]
    assert [prompt["name"] for prompt in second["prompts"]] == ["c"]
    assert (first["next"], second["next"]) == (1, None)


async def test_versions_come_newest_first_and_each_says_its_own(viewer: httpx.AsyncClient):
    listed = (await viewer.get("/api/ui/projects/alpha/prompts/a/b")).json()["versions"]
    said = (await viewer.get("/api/ui/projects/alpha/prompt-versions/1/a/b")).json()

    assert [(each["version"], each["labels"], each["commitMessage"]) for each in listed] == [
        (2, ["two", "latest"], "say two"),
        (1, ["one"], "say one"),
    ]
    assert said == {"type": "text", "prompt": "one", "config": {"said": "one"}, "tags": []}
