"""Signing in with a provider, in a browser: refusals are said in words, and the button leads in."""

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, Page, expect

from support import browser as browsers
from support import oidc
from support.axe import found_in_both_themes
from support.oidc import Provider
from support.server import ORGANIZATION_ID, RunningServer, free_port, start_server


@pytest.fixture(scope="module")
def provider() -> Generator[Provider]:
    with oidc.running_provider() as running:
        running.person |= {"sub": "bea-at-the-provider", "email": "bea@example.test"}
        yield running


@pytest.fixture(scope="module")
def single_sign_on(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Generator[RunningServer]:
    """A Logger that knows the provider and no passwords."""
    browsers.build_ui()
    port = free_port()
    env = {
        "NEXTAUTH_URL": f"http://127.0.0.1:{port}",
        "AUTH_CUSTOM_NAME": "Acme",
        "AUTH_CUSTOM_ISSUER": provider.url,
        "AUTH_CUSTOM_CLIENT_ID": oidc.CLIENT_ID,
        "AUTH_CUSTOM_CLIENT_SECRET": oidc.CLIENT_SECRET,
        "AUTH_DISABLE_USERNAME_PASSWORD": "true",
        "ELASTICDASH_DEFAULT_ORG_ID": ORGANIZATION_ID,
        "ELASTICDASH_DEFAULT_ORG_ROLE": "ADMIN",
    }
    running = start_server(tmp_path_factory.mktemp("sso") / "data", port, browsers.SERVER_ENV | env)
    yield running
    running.stop()


@pytest.fixture
def page(browser: Browser, single_sign_on: RunningServer) -> Generator[Page]:
    context = browser.new_context(color_scheme="light", reduced_motion="reduce")
    yield browsers.watched_page(context, single_sign_on).page
    context.close()


def test_what_the_provider_does_not_vouch_for_is_refused_in_words(
    page: Page, single_sign_on: RunningServer, provider: Provider, axe_script: str
):
    provider.lies = {"email_verified": False}
    page.goto(f"{single_sign_on.url}/auth/sign-in")
    page.get_by_role("link", name="Sign in with Acme").click()

    expect(page.get_by_role("alert")).to_contain_text("has not verified your e-mail")
    expect(page.get_by_label("Password")).to_have_count(0)
    assert found_in_both_themes(page, axe_script) == []
    provider.lies = {}


def test_one_is_led_through_the_provider_to_where_one_wanted(page: Page, single_sign_on: RunningServer):
    page.goto(f"{single_sign_on.url}/project/project-under-test/settings/account")
    page.get_by_role("link", name="Sign in with Acme").press("Enter")

    expect(page.get_by_role("heading", name="Account")).to_be_visible()
    expect(page.get_by_text("You sign in with Acme.")).to_be_visible()
    expect(page.get_by_text("bea@example.test")).to_be_visible()
    expect(page.get_by_text("admin", exact=True)).to_be_visible()
