"""A trace that was made public: everyone with its link reads it, nobody reads anything else, and it can be hidden."""

from collections.abc import Generator
from http import HTTPStatus

import httpx
import pytest

from support import browser
from support.browser import EMAIL, PASSWORD, SERVER_ENV
from support.server import PROJECT_ID, RunningServer, get_json, read_until, start_server

SHARED, PRIVATE = "shared/trace 1", "private"
HIDDEN = ("ann@customer.test", "secret-session", "good enough, says Bob")
_PARTS = {
    "trace": "trace",
    "texts": "trace-texts",
    "whole text": "trace-texts-whole/input",
    "observation": "observations/step%2F1",
    "whole text of an observation": "observation-texts-whole/output/step%2F1",
}


@pytest.fixture(scope="module")
def logger(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    """A Logger with two traces that hold the same ids of observations."""
    running = start_server(tmp_path_factory.mktemp("shared") / "data", env=SERVER_ENV)
    with running.client() as client:
        batch = [event for trace_id in (SHARED, PRIVATE) for event in _events(trace_id)]
        assert client.post("/api/public/ingestion", json={"batch": batch}).json()["errors"] == []
        read_until(
            lambda: (get_json(client, "/observations")["meta"]["totalItems"], get_json(client, "/traces")["meta"]),
            lambda seen: seen[0] == 3 and seen[1]["totalItems"] == 2,
        )
    yield running
    running.stop()


def _events(trace_id: str) -> list[dict[str, object]]:
    time = "2026-01-01T00:00:00Z"
    trace = {"id": trace_id, "name": "chat", "timestamp": time, "userId": HIDDEN[0], "sessionId": HIDDEN[1]}
    steps = ["step/1"] if trace_id == SHARED else ["step/1 of the private one", "other"]
    spans = [{"id": step, "traceId": trace_id, "startTime": time, "output": f"said in {trace_id}"} for step in steps]
    score = {"id": f"score of {trace_id}", "traceId": trace_id, "name": "quality", "value": 1, "comment": HIDDEN[2]}
    bodies = [
        ("trace-create", {**trace, "input": f"asked in {trace_id}", "tags": ["a tag"]}),
        *(("span-create", span) for span in spans),
        ("score-create", score),
    ]
    return [{"id": f"{type_} {body['id']}", "timestamp": time, "type": type_, "body": body} for type_, body in bodies]


@pytest.fixture
def stranger(logger: RunningServer) -> Generator[httpx.Client]:
    with httpx.Client(base_url=f"{logger.url}/api/ui/shared/{PROJECT_ID}", timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def member(logger: RunningServer) -> Generator[httpx.Client]:
    headers = {"origin": logger.url}
    with httpx.Client(base_url=f"{logger.url}/api/ui", headers=headers, timeout=60) as client:
        assert client.post("/session", json={"email": EMAIL, "password": PASSWORD}).is_success
        client.headers["x-csrf-token"] = client.get("/session").json()["signedIn"]["csrfToken"]
        yield client


def _share(member: httpx.Client, trace_id: str, is_public: bool) -> httpx.Response:
    return member.put(f"/projects/{PROJECT_ID}/trace-sharing/{trace_id}", json={"public": is_public})


def _read(stranger: httpx.Client, part: str, trace_id: str = SHARED) -> httpx.Response:
    return stranger.get(f"/{_PARTS[part]}", params={"traceId": trace_id})


def _read_until(stranger: httpx.Client, status: HTTPStatus) -> HTTPStatus:
    return read_until(lambda: HTTPStatus(_read(stranger, "trace").status_code), lambda seen: seen is status)


@pytest.fixture
def shared(member: httpx.Client, stranger: httpx.Client) -> None:
    assert _share(member, SHARED, True).status_code == HTTPStatus.NO_CONTENT
    assert _read_until(stranger, HTTPStatus.OK) is HTTPStatus.OK


@pytest.mark.parametrize("part", _PARTS)
def test_what_was_not_shared_looks_like_what_does_not_exist(stranger: httpx.Client, shared: None, part: str):
    private, unknown = _read(stranger, part, PRIVATE), _read(stranger, part, "unknown")
    with httpx.Client(base_url=str(stranger.base_url).replace(PROJECT_ID, "other-project"), timeout=60) as elsewhere:
        in_another = _read(elsewhere, part)

    assert private.status_code == unknown.status_code == in_another.status_code == HTTPStatus.NOT_FOUND
    assert private.json() == unknown.json() == in_another.json()


@pytest.mark.parametrize("observation", ["step%2F1 of the private one", "other", "unknown"])
def test_a_shared_trace_opens_no_observation_of_another(stranger: httpx.Client, shared: None, observation: str):
    answer = stranger.get(f"/observations/{observation}", params={"traceId": SHARED})
    text = stranger.get(f"/observation-texts-whole/output/{observation}", params={"traceId": SHARED})

    assert answer.status_code == text.status_code == HTTPStatus.NOT_FOUND


def test_sharing_opens_no_other_route(logger: RunningServer, shared: None):
    with httpx.Client(base_url=logger.url, timeout=60) as client:
        answers = [
            client.get(f"/api/ui/projects/{PROJECT_ID}/traces"),
            client.get(f"/api/ui/projects/{PROJECT_ID}/traces/{SHARED}"),
            client.get("/api/public/traces/shared%2Ftrace%201"),
            client.put(f"/api/ui/projects/{PROJECT_ID}/trace-sharing/{SHARED}", json={"public": True}),
        ]

    assert [answer.status_code for answer in answers[:3]] == [HTTPStatus.UNAUTHORIZED] * 3
    assert answers[3].status_code == HTTPStatus.FORBIDDEN


def test_an_unknown_trace_can_not_be_shared(member: httpx.Client):
    assert _share(member, "unknown", True).status_code == HTTPStatus.NOT_FOUND


def test_everyone_with_the_link_reads_the_trace_and_not_whose_it_is(stranger: httpx.Client, shared: None):
    answers = {part: _read(stranger, part) for part in _PARTS}

    assert {answer.status_code for answer in answers.values()} == {HTTPStatus.OK}
    trace = answers["trace"].json()
    assert trace["trace"] == {
        "id": SHARED,
        "timestamp": "2026-01-01T00:00:00.000Z",
        "name": "chat",
        "release": None,
        "version": None,
        "environment": "default",
        "tags": ["a tag"],
    }
    assert trace["skeleton"]["ids"] == ["step/1"]
    assert answers["whole text"].text == f"asked in {SHARED}"
    assert answers["whole text of an observation"].text == f"said in {SHARED}"
    assert not [hidden for hidden in HIDDEN for answer in answers.values() if hidden in answer.text]
    assert answers["trace"].headers["cache-control"] == "no-store"


def test_hiding_it_again_closes_every_part_and_is_recorded(member: httpx.Client, stranger: httpx.Client, shared: None):
    assert _share(member, SHARED, False).status_code == HTTPStatus.NO_CONTENT
    assert _read_until(stranger, HTTPStatus.NOT_FOUND) is HTTPStatus.NOT_FOUND

    assert {_read(stranger, part).status_code for part in _PARTS} == {HTTPStatus.NOT_FOUND}
    log = member.get(f"/projects/{PROJECT_ID}/audit-log").json()
    kinds = [(entry["action"], entry["resourceType"], entry["resourceId"]) for entry in log["entries"]]
    assert ("delete", "public link of trace", SHARED) in kinds
    head = member.get(f"/projects/{PROJECT_ID}/traces/{SHARED}").json()["trace"]
    assert (head["public"], head["name"], head["userId"]) == (False, "chat", HIDDEN[0])


def test_pages_of_shared_traces_ask_not_to_be_found(logger: RunningServer):
    browser.build_ui()

    answer = httpx.get(f"{logger.url}/public/{PROJECT_ID}/traces/x")

    assert answer.headers.get("x-robots-tag") == "noindex"
