"""Who may use which route of the UI: one table, compared with every route there is."""

from collections.abc import AsyncGenerator, Mapping
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter

from elasticdash.shared import errors
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.roles import Role
from elasticdash.web import ui_app
from elasticdash.web.auth import policies
from support import signed_in
from support.signed_in import Web, sign_in

# The least role by route; "anyone" needs no sign-in, "signed in" no role, "with link" a public trace.
LEAST: Mapping[str, Role | str] = {
    "getSession": "anyone",
    "getSignInMethods": "anyone",
    "beginOidcSignIn": "anyone",
    "finishOidcSignIn": "anyone",
    "signIn": "anyone",
    "getSharedTrace": "with link",
    "getSharedTraceTexts": "with link",
    "getWholeSharedTraceText": "with link",
    "getSharedObservation": "with link",
    "getWholeSharedObservationText": "with link",
    "getSharedMedia": "with link",
    "findTracePlace": "signed in",
    "signOut": "signed in",
    "changePassword": "signed in",
    "listTraces": Role.VIEWER,
    "getTracesOverview": Role.VIEWER,
    "listTraceOptions": Role.VIEWER,
    "getTrace": Role.VIEWER,
    "getTraceTexts": Role.VIEWER,
    "getWholeTraceText": Role.VIEWER,
    "getObservation": Role.VIEWER,
    "getWholeObservationText": Role.VIEWER,
    "getMedia": Role.VIEWER,
    "exportTraces": Role.VIEWER,
    "deleteTraces": Role.ADMIN,
    "shareTrace": Role.MEMBER,
    "listTraceGroups": Role.VIEWER,
    "getTraceGroup": Role.VIEWER,
    "listScores": Role.VIEWER,
    "getScoresSummary": Role.VIEWER,
    "annotate": Role.MEMBER,
    "deleteScore": Role.MEMBER,
    "listScoreConfigs": Role.VIEWER,
    "createScoreConfig": Role.MEMBER,
    "updateScoreConfig": Role.MEMBER,
    "listComments": Role.VIEWER,
    "createComment": Role.MEMBER,
    "deleteComment": Role.MEMBER,
    "listPrompts": Role.VIEWER,
    "listPromptVersions": Role.VIEWER,
    "getPromptVersion": Role.VIEWER,
    "listDatasets": Role.VIEWER,
    "getDataset": Role.VIEWER,
    "listDatasetItems": Role.VIEWER,
    "getDatasetItem": Role.VIEWER,
    "listExperiments": Role.VIEWER,
    "getExperiment": Role.VIEWER,
    "listExperimentResults": Role.VIEWER,
    "queryMetrics": Role.VIEWER,
    "listSavedViews": Role.VIEWER,
    "createSavedView": Role.MEMBER,
    "replaceSavedView": Role.MEMBER,
    "deleteSavedView": Role.MEMBER,
    "createOrganization": "signed in",
    "renameOrganization": Role.ADMIN,
    "createProject": Role.ADMIN,
    "listMembers": Role.VIEWER,
    "addMember": Role.ADMIN,
    "changeRole": Role.ADMIN,
    "removeMember": Role.ADMIN,
    "deleteOrganization": Role.OWNER,
    "getProjectSettings": Role.VIEWER,
    "changeProject": Role.ADMIN,
    "listAuditLog": Role.ADMIN,
    "listModels": Role.VIEWER,
    "createModel": Role.ADMIN,
    "deleteModel": Role.ADMIN,
    "listApiKeys": Role.ADMIN,
    "createApiKey": Role.ADMIN,
    "revokeApiKey": Role.ADMIN,
    # Last: after it there is nothing to reach.
    "deleteProject": Role.OWNER,
}
ROUTES = {route.operation_id: route for route in ui_app.routes()}
PRINCIPALS = ("anonymous", "stranger", Role.NONE, Role.VIEWER, Role.MEMBER, Role.ADMIN, Role.OWNER)
IN_PROJECTS = [name for name, least in LEAST.items() if isinstance(least, Role)]
REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_QUERY = {
    "traceId": "unknown",
    "fromTimestamp": "2026-01-01T00:00:00Z",
    "toTimestamp": "2026-01-02T00:00:00Z",
    "kind": "traces",
    "datasetId": "unknown",
    "runIds": "unknown",
    "objectType": "TRACE",
    "objectId": "unknown",
}
_VALUES = {
    "version": "1",
    "project_id": "alpha",
    "organization_id": "org",
    "facet": "name",
    "field": "input",
    "by": "session",
}


@pytest.fixture
async def web(tmp_path: Path, clickhouse: ClickHouse) -> AsyncGenerator[Web]:
    async with signed_in.opened(tmp_path, clickhouse) as opened:
        for role in Role:
            await signed_in.add_user(opened.database, f"{role}@example.test", {"org": role})
        await signed_in.add_user(opened.database, "stranger@example.test", {})
        yield opened


async def _call(web: Web, browser: httpx.AsyncClient, name: str, headers: Mapping[str, str]) -> httpx.Response:
    """One call with path and query filled in and no body: who may is answered by anything but a refusal to them."""
    route = ROUTES[name]
    path = ui_app.PREFIX + route.path.replace(":path", "")
    for part in path.split("/"):
        if part.startswith("{"):
            path = path.replace(part, _VALUES.get(part.strip("{}"), "unknown"), 1)
    (method,) = route.methods or set()
    body = {"traceIds": ["unknown"]} if method == "POST" else None
    return await browser.request(method, path, params=_QUERY, headers=headers, json=body)


def test_every_route_is_in_the_table():
    assert set(LEAST) == set(ROUTES)


@pytest.mark.parametrize("principal", PRINCIPALS)
async def test_each_principal_reaches_exactly_what_the_table_says(web: Web, principal: str):
    async with web.browser() as browser:
        headers = {"origin": "http://localhost:3000"}
        if principal != "anonymous":
            headers = await sign_in(browser, f"{principal}@example.test")
        answers = {name: await _call(web, browser, name, headers) for name in IN_PROJECTS}

    for name, answer in answers.items():
        assert answer.status_code == _expected(principal, LEAST[name]) or _is_open(principal, name, answer), (
            f"{principal} {name}: {answer.status_code} {answer.text}"
        )


@pytest.mark.parametrize("name", IN_PROJECTS)
async def test_a_foreign_project_looks_like_none(web: Web, name: str):
    async with web.browser() as browser:
        headers = await sign_in(browser, "stranger@example.test")
        theirs = await _call(web, browser, name, headers)
        known = dict(_VALUES)
        _VALUES.update(project_id="no-such-project", organization_id="no-such-organization")
        try:
            nothing = await _call(web, browser, name, headers)
        finally:
            _VALUES.update(known)

    assert (theirs.status_code, theirs.json()) == (nothing.status_code, nothing.json())
    assert theirs.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.methods != {"GET"}])
@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.test"}], ids=["no origin", "foreign origin"])
async def test_every_change_of_a_foreign_page_is_refused(web: Web, name: str, headers: dict[str, str]):
    async with web.browser() as browser:
        proof = await sign_in(browser, f"{Role.OWNER}@example.test")
        answer = await _call(web, browser, name, {"x-csrf-token": proof["x-csrf-token"], **headers})

    assert answer.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("name", ["deleteTraces", "createApiKey", "revokeApiKey", "signOut", "changePassword"])
async def test_every_change_without_the_proof_is_refused(web: Web, name: str):
    async with web.browser() as browser:
        proof = await sign_in(browser, f"{Role.OWNER}@example.test")
        answer = await _call(web, browser, name, {"origin": proof["origin"]})

    assert answer.status_code == HTTPStatus.FORBIDDEN


async def test_keys_of_the_public_api_open_nothing_here(web: Web):
    async with web.browser() as browser:
        answer = await browser.get("/api/ui/projects/alpha/traces", auth=("pk-lf-a", "sk-lf-a"))

    assert answer.status_code == HTTPStatus.UNAUTHORIZED


async def test_a_session_opens_nothing_of_the_public_api(web: Web):
    async with web.browser() as browser:
        await sign_in(browser, f"{Role.OWNER}@example.test")
        answer = await browser.get("/api/public/traces")

    assert answer.status_code == HTTPStatus.UNAUTHORIZED


def test_a_route_without_a_policy_stops_the_start():
    router = APIRouter()

    @router.get("/open")
    async def forgotten() -> None: ...

    with pytest.raises(errors.ConfigurationError, match="'forgotten' at '/open' declares 0 access policies"):
        policies.policy_of(router.routes[0])  # pyright: ignore[reportArgumentType]


async def test_other_origins_may_not_read(web: Web):
    async with web.browser() as browser:
        answer = await browser.get("/api/ui/session", headers={"origin": "https://evil.test"})
        public = await browser.get("/api/public/traces", headers={"origin": "https://app.test"})

    assert "access-control-allow-origin" not in answer.headers
    assert public.headers["access-control-allow-origin"] == "https://app.test"


def _expected(principal: str, least: Role | str) -> HTTPStatus | None:
    if principal == "anonymous":
        return HTTPStatus.UNAUTHORIZED
    if principal in ("stranger", Role.NONE):
        return HTTPStatus.NOT_FOUND
    return None if Role(principal).reaches(Role(least)) else HTTPStatus.FORBIDDEN


def _is_open(principal: str, name: str, answer: httpx.Response) -> bool:
    """Allowed: whatever the route then says about an id that does not exist."""
    may = _expected(principal, LEAST[name]) is None
    return may and answer.status_code not in REFUSALS and answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
