"""What people do with the UI, in a real browser on a real server with real traces."""

import re

import pytest
from playwright.sync_api import Browser, Locator, expect

from support import browser as browsers
from support.browser import EMAIL, PASSWORD, Watched
from support.server import PROJECT_ID, RunningServer

DEMO_TRACES = 9


def _rows(watched: Watched) -> Locator:
    return (
        watched.page.get_by_role("grid", name="Traces").get_by_role("row").filter(has=watched.page.get_by_role("link"))
    )


def test_a_stranger_is_asked_to_sign_in_and_lands_where_the_link_led(browser: Browser, server: RunningServer):
    context = browser.new_context()
    watched = browsers.watched_page(context, server)
    page = watched.open("traces?q=refund")

    expect(page).to_have_url(re.compile("/auth/sign-in"))
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("E-mail or password is wrong")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect(page).to_have_url(re.compile(rf"/project/{PROJECT_ID}/traces\?q=refund"))
    expect(page.get_by_role("grid", name="Traces")).to_be_visible()
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to ElasticDash")).to_be_visible()
    assert watched.problems() == {}
    context.close()


def test_an_empty_project_turns_into_its_first_trace_without_reload(browser: Browser, empty_server: RunningServer):
    context = browser.new_context()
    watched = browsers.watched_page(context, empty_server)
    browsers.sign_in(watched.page, empty_server)
    expect(watched.page.get_by_role("heading", name="Send your first trace")).to_be_visible()

    watched.page.get_by_role("button", name="Create a key for the snippet").click()
    snippet = watched.page.get_by_label("Python snippet")
    expect(snippet).to_contain_text(re.compile(r'secret_key="sk-lf-[0-9a-f-]{36}"'))
    keys = re.findall(r'="([ps]k-lf-[^"]+)"', snippet.inner_text())
    with empty_server.client() as client:
        event = {"id": "1", "timestamp": "2026-01-01T00:00:00Z", "type": "trace-create"}
        sent = client.post(
            "/api/public/ingestion",
            auth=(keys[0], keys[1]),
            json={"batch": [{**event, "body": {"id": "first", "name": "my-first-trace"}}]},
        )
        assert sent.json()["errors"] == []

    watched.page.get_by_role("button", name="Show all traces of all time").or_(
        watched.page.get_by_role("link", name="my-first-trace")
    ).first.wait_for()
    assert watched.problems() == {}
    context.close()


def test_facets_and_search_narrow_the_list_and_the_address_keeps_them(watched: Watched):
    page = watched.open("traces")
    expect(_rows(watched)).to_have_count(DEMO_TRACES)

    page.get_by_label("Narrow down").get_by_role("checkbox", name="support-chat").check()
    expect(_rows(watched)).to_have_count(3)
    page.get_by_role("searchbox", name="Search traces").fill("HUMAN call me")
    page.keyboard.press("Enter")
    expect(_rows(watched)).to_have_count(1)
    page.reload()
    expect(_rows(watched)).to_have_count(1)
    page.get_by_role("button", name="Remove: name any of support-chat").click()
    page.go_back()

    expect(_rows(watched)).to_have_count(1)


def test_a_filter_on_a_number_can_be_added_by_hand(watched: Watched):
    page = watched.open("traces")
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_label("What").select_option("Latency (seconds)")
    page.get_by_label("Value").fill("4")
    page.get_by_role("button", name="Add filter").click()

    expect(_rows(watched)).to_have_count(2)


def test_sorting_by_cost_puts_the_dearest_first(watched: Watched):
    page = watched.open("traces")
    page.get_by_role("columnheader", name="Cost").get_by_role("button").click()

    expect(_rows(watched).first).to_contain_text("ToolCallingAgent")
    expect(page).to_have_url(re.compile("sort=totalCost"))


def test_columns_can_be_chosen(watched: Watched):
    page = watched.open("traces")
    expect(page.get_by_role("columnheader", name="Tags")).to_have_count(0)
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("menuitemcheckbox", name="Tags").click()

    expect(page.get_by_role("columnheader", name="Tags")).to_be_visible()


def test_everything_is_reached_with_the_keyboard_alone(watched: Watched):
    page = watched.open("traces")
    _rows(watched).first.wait_for()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search traces")).to_be_focused()
    page.get_by_role("grid", name="Traces").focus()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Refund desk")).to_be_visible()

    tree = page.get_by_role("tree")
    tree.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(tree.get_by_role("treeitem").nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    expect(tree.get_by_role("treeitem")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(tree.get_by_role("treeitem").nth(1)).to_be_visible()


def test_a_trace_shows_its_conversation_its_cost_and_its_error(watched: Watched):
    page = watched.open("traces")
    _rows(watched).filter(has_text="ToolCallingAgent").click()
    page.get_by_role("button", name=re.compile("2 errors")).click()
    expect(page.get_by_role("article", name="Observation")).to_contain_text(re.compile("error", re.IGNORECASE))

    tree = page.get_by_role("tree")
    tree.get_by_role("treeitem").filter(has_text=re.compile("tok")).first.click()
    detail = page.get_by_role("article", name="Observation")
    expect(detail.get_by_role("region", name="Usage and cost")).to_contain_text("Total")
    expect(detail.get_by_role("region", name="Input")).to_contain_text("user")
    page.get_by_role("button", name="Timeline").click()
    expect(page).to_have_url(re.compile("layout=timeline"))
    page.reload()

    expect(detail.get_by_role("region", name="Usage and cost")).to_be_visible()


def test_the_graph_goes_through_the_steps_of_a_name(watched: Watched):
    page = watched.open("traces")
    _rows(watched).filter(has_text="travel-planner").first.click()
    page.get_by_role("button", name="Graph").click()
    step = page.get_by_role("region", name="Graph of the steps").get_by_role("button", name="ChatOpenAI")
    step.click()
    expect(step).to_contain_text("1 of 3")
    step.click()

    expect(step).to_contain_text("2 of 3")
    expect(page.get_by_role("article", name="Observation")).to_contain_text("ChatOpenAI")


def test_find_marks_what_it_finds(watched: Watched):
    page = watched.open("traces")
    _rows(watched).filter(has_text="travel-planner").first.click()
    page.get_by_role("searchbox", name="Find in this trace").fill("weather")

    expect(page.get_by_text(re.compile(r"^1 of 1[12]$"))).to_be_visible()


def test_the_links_of_the_demo_open(watched: Watched, server: RunningServer):
    with server.client() as client:
        trace = client.get("/api/public/traces", params={"limit": 1}).json()["data"][0]
    page = watched.page
    page.goto(f"{server.url}{trace['htmlPath']}")

    expect(page.get_by_role("heading", level=1, name=trace["name"])).to_be_visible()


def test_an_unknown_trace_says_so(watched: Watched):
    page = watched.open("traces/no-such-trace")

    expect(page.get_by_role("heading", name="No such trace")).to_be_visible()


def test_a_key_is_shown_once_and_can_be_revoked(watched: Watched, server: RunningServer):
    page = watched.open("settings/api-keys")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Note").fill("browser test")
    page.get_by_role("button", name="Create key").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("never shown again")
    public_key, secret_key = re.findall(r"[ps]k-lf-[0-9a-f-]{36}", dialog.inner_text())[:2]
    with server.client() as client:
        assert client.get("/api/public/projects", auth=(public_key, secret_key)).is_success
        page.get_by_role("button", name="Close").click()
        expect(page.get_by_text(secret_key)).to_have_count(0)
        row = page.get_by_role("row").filter(has_text=public_key)
        row.get_by_role("button", name="Revoke…").click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        # While it is open, everything behind it is hidden from roles.
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(row).to_have_count(0)

        assert client.get("/api/public/projects", auth=(public_key, secret_key)).status_code == 401


def test_the_theme_is_kept(watched: Watched):
    page = watched.open("traces")
    page.get_by_role("button", name="Dark theme").click()
    page.reload()

    expect(page.locator("html")).to_have_class(re.compile("dark"))


@pytest.mark.parametrize(
    "path",
    ["traces", "dashboard", "sessions", "scores", "settings/project", "settings/members", "settings/api-keys"],
)
def test_pages_fit_a_telephone(watched: Watched, path: str):
    watched.page.set_viewport_size({"width": 360, "height": 700})
    page = watched.open(path)
    page.get_by_role("heading", level=1).wait_for()

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
