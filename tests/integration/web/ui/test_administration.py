"""People manage their organization: members, roles, projects, and the record of who changed what."""

from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from elasticdash.shared.domain.roles import Role
from support import signed_in
from support.signed_in import Web, sign_in

OWNER, ADMIN = "owner@example.test", "admin@example.test"
MEMBERS = "/api/ui/organizations/org/members"


@pytest.fixture
async def web(tmp_path: Path) -> AsyncGenerator[Web]:
    async with signed_in.opened(tmp_path) as opened:
        await signed_in.add_user(opened.database, OWNER, {"org": Role.OWNER})
        await signed_in.add_user(opened.database, ADMIN, {"org": Role.ADMIN})
        yield opened


async def _members(browser: httpx.AsyncClient) -> dict[str, Any]:
    return {member["email"]: member for member in (await browser.get(MEMBERS)).json()["members"]}


async def test_the_only_owner_stays_owner(web: Web):
    async with web.browser() as browser:
        proof = await sign_in(browser, OWNER)
        own = f"{MEMBERS}/{(await _members(browser))[OWNER]['userId']}"
        demoted = await browser.patch(own, json={"role": "ADMIN"}, headers=proof)
        removed = await browser.delete(own, headers=proof)

        assert (demoted.status_code, removed.status_code) == (HTTPStatus.CONFLICT, HTTPStatus.CONFLICT)
        assert (await _members(browser))[OWNER]["role"] == "OWNER"


async def test_an_owner_may_step_down_for_another(web: Web):
    async with web.browser() as browser:
        proof = await sign_in(browser, OWNER)
        members = await _members(browser)
        await browser.patch(f"{MEMBERS}/{members[ADMIN]['userId']}", json={"role": "OWNER"}, headers=proof)
        answer = await browser.delete(f"{MEMBERS}/{members[OWNER]['userId']}", headers=proof)
        afterwards = await browser.get(MEMBERS)

    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert afterwards.status_code == HTTPStatus.NOT_FOUND


async def test_an_admin_reaches_no_higher_than_admin(web: Web):
    async with web.browser() as browser:
        proof = await sign_in(browser, ADMIN)
        members = await _members(browser)
        owner, own = f"{MEMBERS}/{members[OWNER]['userId']}", f"{MEMBERS}/{members[ADMIN]['userId']}"
        answers = [
            await browser.patch(owner, json={"role": "VIEWER"}, headers=proof),
            await browser.delete(owner, headers=proof),
            await browser.patch(own, json={"role": "OWNER"}, headers=proof),
            await browser.post(MEMBERS, json={"email": "new@example.test", "role": "OWNER"}, headers=proof),
        ]

        assert {answer.status_code for answer in answers} == {HTTPStatus.FORBIDDEN}
        assert set(await _members(browser)) == {OWNER, ADMIN}


@pytest.mark.parametrize("body", [{"email": "nobody", "role": "VIEWER"}, {"email": "a@b", "role": "NONE"}])
async def test_what_is_no_member_is_refused(web: Web, body: dict[str, str]):
    async with web.browser() as browser:
        proof = await sign_in(browser, OWNER)
        answer = await browser.post(MEMBERS, json=body, headers=proof)

    assert answer.status_code == HTTPStatus.BAD_REQUEST


async def test_a_new_person_signs_in_with_what_was_shown_until_they_are_removed(web: Web):
    async with web.browser() as browser, web.browser("192.0.2.2") as theirs:
        proof = await sign_in(browser, ADMIN)
        body = {"email": "New@Example.test", "role": "VIEWER"}
        added = (await browser.post(MEMBERS, json=body, headers=proof)).json()
        again = await browser.post(MEMBERS, json=body, headers=proof)
        await sign_in(theirs, "new@example.test", added["password"])
        before = await theirs.get("/api/ui/projects/alpha/settings")
        await browser.delete(f"{MEMBERS}/{added['userId']}", headers=proof)
        after = await theirs.get("/api/ui/projects/alpha/settings")

    assert again.status_code == HTTPStatus.CONFLICT
    assert before.json()["name"] == "Alpha"
    assert after.status_code == HTTPStatus.NOT_FOUND


async def test_a_project_is_made_changed_and_deleted(web: Web):
    async with web.browser() as browser:
        proof = await sign_in(browser, OWNER)
        projects = "/api/ui/organizations/org/projects"
        taken = await browser.post(projects, json={"name": "Alpha"}, headers=proof)
        brief = await browser.post(projects, json={"name": "Gamma", "retentionDays": 1}, headers=proof)
        created = (await browser.post(projects, json={"name": "Gamma", "retentionDays": 30}, headers=proof)).json()
        path = f"/api/ui/projects/{created['id']}"
        await browser.put(f"{path}/settings", json={"name": "Delta", "retentionDays": 0}, headers=proof)
        changed = (await browser.get(f"{path}/settings")).json()
        deleted = await browser.delete(path, headers=proof)
        gone = await browser.get(f"{path}/settings")

    assert (taken.status_code, brief.status_code) == (HTTPStatus.CONFLICT, HTTPStatus.BAD_REQUEST)
    assert (changed["name"], changed["retentionDays"]) == ("Delta", None)
    assert (deleted.status_code, gone.status_code) == (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)


async def test_only_an_owner_makes_an_organization_and_only_an_empty_one_goes(web: Web):
    async with web.browser() as browser, web.browser("192.0.2.2") as other:
        proof, theirs = await sign_in(browser, OWNER), await sign_in(other, ADMIN)
        refused = await other.post("/api/ui/organizations", json={"name": "Theirs"}, headers=theirs)
        full = await browser.delete("/api/ui/organizations/org", headers=proof)
        created = (await browser.post("/api/ui/organizations", json={"name": "Second"}, headers=proof)).json()
        foreign = await other.get(f"/api/ui/organizations/{created['id']}/members")
        gone = await browser.delete(f"/api/ui/organizations/{created['id']}", headers=proof)

    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert full.status_code == HTTPStatus.CONFLICT
    assert foreign.status_code == HTTPStatus.NOT_FOUND
    assert gone.status_code == HTTPStatus.NO_CONTENT


async def test_the_audit_log_tells_of_the_project_and_its_organization_page_by_page(web: Web):
    async with web.browser() as browser:
        proof = await sign_in(browser, OWNER)
        await browser.post(MEMBERS, json={"email": "new@example.test", "role": "VIEWER"}, headers=proof)
        await browser.put("/api/ui/projects/alpha/settings", json={"name": "Alef", "retentionDays": 0}, headers=proof)
        await browser.put("/api/ui/projects/beta/settings", json={"name": "Bet", "retentionDays": 0}, headers=proof)
        entries: list[tuple[str, ...]] = []
        cursor: str | None = ""
        while cursor is not None and len(entries) < 50:
            page = (await browser.get("/api/ui/projects/alpha/audit-log", params={"limit": 1, "cursor": cursor})).json()
            entries += [(e["actor"], e["action"], e["resourceType"], e["resourceId"]) for e in page["entries"]]
            cursor = page["next"]

    assert entries[0] == (OWNER, "update", "project", "alpha")
    assert entries[1][:3] == (OWNER, "create", "member")
    assert all(resource_id != "beta" for *_, resource_id in entries)


async def test_views_are_a_projects_own(web: Web):
    async with web.browser() as browser:
        proof = await sign_in(browser, OWNER)
        body = {"kind": "traces", "name": "Errors", "content": {"q": "x"}}
        views = "/api/ui/projects/alpha/saved-views"
        huge = await browser.post(views, json={**body, "content": {"q": "x" * 30_000}}, headers=proof)
        created = (await browser.post(views, json=body, headers=proof)).json()
        path = f"{views}/{created['id']}"
        foreign = await browser.delete(path.replace("alpha", "beta"), headers=proof)
        await browser.put(path, json={"name": "Slow", "content": {"q": "y"}}, headers=proof)
        listed = (await browser.get(views, params={"kind": "traces"})).json()["views"]
        others = (await browser.get(views, params={"kind": "widget"})).json()["views"]
        deleted = await browser.delete(path, headers=proof)

    assert (huge.status_code, foreign.status_code) == (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
    assert [(view["name"], view["content"]) for view in listed] == [("Slow", {"q": "y"})]
    assert others == []
    assert deleted.status_code == HTTPStatus.NO_CONTENT
