"""Links that name no project lead to the project of the person that has the trace, and tell strangers nothing."""

from http import HTTPStatus
from pathlib import Path

import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.roles import Role
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from support import signed_in
from support.records import make_trace, store

PATH = "/api/ui/trace-places/placed%2Ftrace"


@pytest.mark.parametrize(
    ("email", "status"),
    [
        (None, HTTPStatus.UNAUTHORIZED),
        ("stranger@example.test", HTTPStatus.NOT_FOUND),
        ("nobody@example.test", HTTPStatus.NOT_FOUND),
        ("viewer@example.test", HTTPStatus.OK),
    ],
)
async def test_only_members_learn_where_a_trace_is(
    tmp_path: Path, clickhouse: ClickHouse, email: str | None, status: HTTPStatus
):
    await store(clickhouse, ProjectScope(ProjectId("beta")), [make_trace("placed/trace")])
    async with signed_in.opened(tmp_path, clickhouse) as web:
        await signed_in.add_user(web.database, "stranger@example.test", {})
        await signed_in.add_user(web.database, "nobody@example.test", {"org": Role.NONE})
        await signed_in.add_user(web.database, "viewer@example.test", {"org": Role.VIEWER})
        async with web.browser() as browser:
            if email is not None:
                await signed_in.sign_in(browser, email)
            answer = await browser.get(PATH)
            unknown = await browser.get("/api/ui/trace-places/unknown")

    assert answer.status_code == status
    assert unknown.status_code == (HTTPStatus.UNAUTHORIZED if email is None else HTTPStatus.NOT_FOUND)
    assert answer.json().get("projectId") == ("beta" if status is HTTPStatus.OK else None)
