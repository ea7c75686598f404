"""One Logger with the demo's traces, one browser, and a signed-in page for each test."""

import json
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, StorageState, expect

from elasticdash.standalone import demo
from support import browser as browsers
from support import ui_media, ui_states
from support.browser import SERVER_ENV, Watched
from support.server import RunningServer, get_json, read_until, start_server

expect.set_options(timeout=browsers.TIMEOUT_MS)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", action="store_true", help="write every page of the UI as a picture")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningServer]:
    """A Logger with the UI and the demo's traces, which are all readable."""
    browsers.build_ui()
    running = start_server(tmp_path_factory.mktemp("ui") / "data", env=SERVER_ENV)
    sent = demo.send_demo(running.url, running.public_key, running.secret_key)
    with running.client() as client:
        read_until(lambda: get_json(client, "/traces")["meta"]["totalItems"], lambda count: count >= len(sent))
        ui_states.add_scores(client)
        ui_states.add_shared_trace(client)
        ui_states.add_prompts(client)
        ui_states.add_datasets(client)
        ui_states.add_comments(client)
        ui_media.add_media(client)
    yield running
    running.stop()


@pytest.fixture
def empty_server(tmp_path_factory: pytest.TempPathFactory, server: RunningServer) -> Generator[RunningServer]:
    """A Logger nobody has sent anything to. The shared one comes first, as it builds the UI."""
    running = start_server(tmp_path_factory.mktemp("empty") / "data", env=SERVER_ENV)
    yield running
    running.stop()


# Not for the whole run: while Playwright is open, this thread has a running loop, and nothing else can start one.
@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """One browser for the tests of a module; each has a context of its own."""
    with browsers.opened_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def signed_in_state(browser: Browser, server: RunningServer) -> StorageState:
    """The cookies of one sign-in, so that tests don't repeat it."""
    context = browser.new_context()
    watched = browsers.watched_page(context, server)
    browsers.sign_in(watched.page, server)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def watched(browser: Browser, server: RunningServer, signed_in_state: StorageState) -> Generator[Watched]:
    """A signed-in page; whatever went wrong in it fails the test."""
    context = browser.new_context(storage_state=signed_in_state, viewport={"width": 1440, "height": 900})
    page = browsers.watched_page(context, server)
    yield page
    problems = page.problems()
    context.close()
    assert problems == {}, json.dumps(problems, indent=1)


@pytest.fixture(scope="session")
def axe_script() -> str:
    """axe-core's source, from the UI's own dependencies."""
    return (Path(browsers.ROOT) / "services/web/ui/node_modules/axe-core/axe.min.js").read_text()
