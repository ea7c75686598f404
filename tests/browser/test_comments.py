"""People comment on traces, observations, sessions and prompts, and take back what they said themselves."""

import pytest
from playwright.sync_api import Browser, Page, expect

from support import browser as browsers
from support.browser import EMAIL, Watched
from support.server import RunningServer
from support.ui_states import SHARED_TRACE_ID


def _say(page: Page, text: str) -> None:
    comments = page.get_by_role("region", name="Comments")
    comments.get_by_role("button", name="Add comment").click()
    comments.get_by_label("Comment", exact=True).fill(text)
    comments.get_by_role("button", name="Save comment").click()
    expect(comments.get_by_role("listitem").filter(has_text=text)).to_contain_text(EMAIL)


@pytest.mark.parametrize("path", ["prompts/summary", f"traces/{SHARED_TRACE_ID}"])
def test_what_applications_said_is_not_for_people_to_delete(watched: Watched, path: str):
    comment = watched.open(path).get_by_role("region", name="Comments").get_by_role("listitem")

    expect(comment.filter(has_text="an application").first).to_be_visible()
    expect(comment.filter(has_text="an application").get_by_role("button", name="Delete your comment")).to_have_count(0)


def test_a_comment_on_an_observation_is_found_from_its_trace_and_deleted(watched: Watched):
    page = watched.open(f"traces/{SHARED_TRACE_ID}?observation=shared-step")
    _say(page, "Too slow.\nWhy?")
    page.get_by_role("button", name="Whole trace").click()
    said = page.get_by_role("region", name="Comments").get_by_role("listitem").filter(has_text="Too slow.")
    said.get_by_role("button", name="on answer").click()
    expect(page.get_by_role("article", name="Observation")).to_be_visible()
    said.get_by_role("button", name="Delete your comment").click()

    expect(said).to_have_count(0)
    page.reload()
    expect(page.get_by_role("region", name="Comments").get_by_role("listitem")).to_have_count(1)


def test_a_session_is_commented_on(watched: Watched):
    page = watched.open("sessions?range=all")
    page.get_by_role("table", name="Sessions").get_by_role("link").first.click()
    _say(page, "An odd talk.")
    page.get_by_role("button", name="Delete your comment").click()

    expect(page.get_by_text("An odd talk.")).to_have_count(0)


def test_who_only_looks_reads_and_does_not_write(watched: Watched, browser: Browser, server: RunningServer):
    page = watched.open("settings/members")
    page.get_by_role("button", name="Add member").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill("reader@example.test")
    dialog.get_by_label("Role").select_option("VIEWER")
    dialog.get_by_role("button", name="Add member").click()
    password = dialog.get_by_label("Password", exact=True).inner_text()
    context = browser.new_context()
    theirs = browsers.watched_page(context, server)
    browsers.sign_in(theirs.page, server, "reader@example.test", password)
    comments = theirs.open(f"traces/{SHARED_TRACE_ID}").get_by_role("region", name="Comments")

    expect(comments.get_by_text("See trace.")).to_be_visible()
    expect(comments.get_by_role("button", name="Add comment")).to_have_count(0)
    assert theirs.problems() == {}
    context.close()
