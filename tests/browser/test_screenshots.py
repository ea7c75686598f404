"""`make screenshots`: every page in both themes, wide and narrow, to be looked at by a person."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from support import browser as browsers
from support.browser import Watched
from support.server import RunningServer
from support.ui_states import STATES

FOLDER = Path(__file__).parent / "screenshots"
SIZES = {"wide": (1440, 900), "narrow": (360, 740)}


@pytest.fixture(autouse=True)
def wanted(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--screenshots", default=False):
        pytest.skip("pictures are made by `make screenshots`")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_screenshots(watched: Watched, browser: Browser, server: RunningServer, size: str, scheme: Any):
    folder = FOLDER / f"{size}-{scheme}"
    shutil.rmtree(folder, ignore_errors=True)
    page = watched.page
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    for state, (path, reach) in STATES.items():
        reach(watched.open(path))
        page.screenshot(path=folder / f"{re.sub(r'[^a-z]+', '-', state)}.png")
    stranger = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    other = browsers.watched_page(stranger, server).page
    other.goto(f"{server.url}/auth/sign-in")
    other.get_by_role("button", name="Sign in").wait_for()
    other.screenshot(path=folder / "sign-in.png")
    stranger.close()
