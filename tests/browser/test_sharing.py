"""A member shares a trace by a link, a stranger reads it, and the member hides it again."""

from playwright.sync_api import Browser, expect

from support import browser as browsers
from support.browser import Watched
from support.server import RunningServer


def test_a_link_opens_one_trace_without_signing_in_until_it_is_hidden(
    watched: Watched, browser: Browser, server: RunningServer
):
    page = watched.open("traces")
    page.get_by_role("grid", name="Traces").get_by_role("link").last.click()
    page.get_by_role("button", name="Share this trace").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Make a public link").press("Enter")
    link = dialog.get_by_title(f"{server.url}/public/")
    address = link.text_content()
    assert address is not None
    context = browser.new_context(viewport={"width": 360, "height": 740})
    stranger = browsers.watched_page(context, server)
    stranger.page.goto(address)
    expect(stranger.page.get_by_role("article", name="Trace")).to_be_visible()
    stranger.page.get_by_role("treeitem").first.click()
    expect(stranger.page.get_by_role("article", name="Observation")).to_be_visible()
    widths = stranger.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    links = stranger.page.get_by_role("link").evaluate_all("all => all.map((link) => link.pathname)")

    dialog.get_by_role("button", name="Stop sharing").press("Enter")
    expect(dialog.get_by_role("button", name="Make a public link")).to_be_visible()
    stranger.page.reload()

    expect(stranger.page.get_by_role("heading", name="Nothing is shared here")).to_be_visible()
    assert widths[0] <= widths[1]
    assert not [path for path in links if path.startswith("/project/")]
    assert stranger.problems() == {}
    context.close()
