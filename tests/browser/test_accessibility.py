"""axe finds nothing on any page, in either theme, dialogs and empty states included."""

import pytest
from playwright.sync_api import Browser

from support import browser as browsers
from support.axe import found_in_both_themes
from support.browser import Watched
from support.server import RunningServer
from support.ui_states import STATES


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(watched: Watched, axe_script: str, state: str):
    path, reach = STATES[state]
    watched.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page = watched.open(path)
    reach(page)

    assert found_in_both_themes(page, axe_script) == []


def test_axe_finds_nothing_on_the_sign_in_page(browser: Browser, server: RunningServer, axe_script: str):
    context = browser.new_context(color_scheme="light", reduced_motion="reduce")
    page = browsers.watched_page(context, server).page
    page.goto(f"{server.url}/auth/sign-in")
    page.get_by_role("button", name="Sign in").wait_for()

    assert found_in_both_themes(page, axe_script) == []
    context.close()


def test_axe_finds_nothing_in_an_empty_project(browser: Browser, empty_server: RunningServer, axe_script: str):
    context = browser.new_context(color_scheme="light", reduced_motion="reduce")
    page = browsers.watched_page(context, empty_server).page
    browsers.sign_in(page, empty_server)
    page.get_by_role("heading", name="Send your first trace").wait_for()

    assert found_in_both_themes(page, axe_script) == []
    context.close()
