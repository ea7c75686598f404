"""Files as the pages get them: within their project, with a shared trace only its own, and never run by a browser."""

from collections.abc import Generator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from elasticdash.web.ui_api.media.schemas import kind_of
from support import browser, ui_media
from support.browser import EMAIL, PASSWORD, SERVER_ENV
from support.server import PROJECT_ID, RunningServer, get_json, read_until, start_server

SHARED, PRIVATE = "shared with media", "private with media"


@pytest.fixture(scope="module")
def logger(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    """A Logger that calls itself something its pages do not: they read files from where they are."""
    env = SERVER_ENV | {"ELASTICDASH_MEDIA_PUBLIC_URL": "https://media.example.test"}
    running = start_server(tmp_path_factory.mktemp("media") / "data", env=env)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def ids(logger: RunningServer) -> dict[str, str]:
    """Ids of one file of each trace; the shared one is public."""
    files = {SHARED: ("image/png", ui_media.picture()), PRIVATE: ("text/html", ui_media.PAGE)}
    time = "2026-01-01T00:00:00Z"
    with logger.client() as client:
        sent = {trace_id: _sent(logger, client, trace_id, *file) for trace_id, file in files.items()}
        batch = [
            {
                "id": trace_id,
                "timestamp": time,
                "type": "trace-create",
                "body": {"id": trace_id, "timestamp": time, "public": trace_id == SHARED},
            }
            for trace_id in files
        ]
        assert client.post("/api/public/ingestion", json={"batch": batch}).json()["errors"] == []
        read_until(lambda: get_json(client, "/traces")["meta"]["totalItems"], lambda count: count == len(files))
    return sent


def _sent(logger: RunningServer, client: httpx.Client, trace_id: str, content_type: str, data: bytes) -> str:
    announced = ui_media.announce(client, trace_id, content_type, data)
    path = urlsplit(str(announced["uploadUrl"]))
    answer = client.put(f"{logger.url}{path.path}?{path.query}", content=data, headers={"Content-Type": content_type})
    assert answer.is_success, answer.text
    return announced["mediaId"]


@pytest.fixture
def viewer(logger: RunningServer) -> Generator[httpx.Client]:
    with httpx.Client(base_url=logger.url, headers={"origin": logger.url}, timeout=60) as client:
        assert client.post("/api/ui/session", json={"email": EMAIL, "password": PASSWORD}).is_success
        yield client


def _of_project(media_id: str) -> str:
    return f"/api/ui/projects/{PROJECT_ID}/media/{media_id}"


def test_a_file_that_has_not_arrived_is_not_found(logger: RunningServer, viewer: httpx.Client):
    with logger.client() as client:
        waiting = ui_media.announce(client, SHARED, "image/png", b"not sent")["mediaId"]

    answers = [viewer.get(_of_project(media_id)) for media_id in (waiting, "unknown")]

    assert [answer.status_code for answer in answers] == [HTTPStatus.NOT_FOUND] * 2


def test_a_shared_trace_shows_its_own_files_alone(logger: RunningServer, ids: dict[str, str]):
    shared = f"/api/ui/shared/{PROJECT_ID}/media"
    with httpx.Client(base_url=logger.url, timeout=60) as stranger:
        own = stranger.get(f"{shared}/{ids[SHARED]}", params={"traceId": SHARED})
        refused = [
            stranger.get(f"{shared}/{ids[PRIVATE]}", params={"traceId": trace_id}) for trace_id in (SHARED, PRIVATE)
        ]

    assert own.status_code == HTTPStatus.OK, own.text
    assert [answer.status_code for answer in refused] == [HTTPStatus.NOT_FOUND] * 2


@pytest.mark.parametrize(("trace_id", "kind"), [(SHARED, "image"), (PRIVATE, "file")])
def test_files_come_from_where_the_page_came_from_and_are_saved(
    viewer: httpx.Client, ids: dict[str, str], trace_id: str, kind: str
):
    told: dict[str, Any] = viewer.get(_of_project(ids[trace_id])).json()
    file = viewer.get(f"/{told['url']}")

    assert told["kind"] == kind
    assert file.status_code == HTTPStatus.OK
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert file.headers["x-content-type-options"] == "nosniff"


def test_pages_load_files_from_their_own_server_alone(viewer: httpx.Client):
    browser.build_ui()

    policy = viewer.get("/").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    assert rules["media-src"] == "'self'"
    assert rules["img-src"] == "'self' data: blob:"
    assert rules["default-src"] == "'none'"


@pytest.mark.parametrize(
    "content_type",
    ["image/svg+xml", "text/html", "application/pdf", "image/png; x", "audio/html", "application/xhtml+xml", ""],
)
def test_what_could_run_is_only_saved(content_type: str):
    assert kind_of(content_type) == "file"


@pytest.mark.parametrize(("content_type", "kind"), [("image/PNG", "image"), ("audio/wav", "audio")])
def test_what_browsers_draw_and_play_is_shown(content_type: str, kind: str):
    assert kind_of(content_type) == kind
