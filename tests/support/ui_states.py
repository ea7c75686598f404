"""Every page of the UI and the states worth looking at, with the way there."""

from collections.abc import Callable

from playwright.sync_api import Page


def _open_first_trace(page: Page) -> None:
    page.get_by_role("grid", name="Traces").get_by_role("link").first.click()
    page.get_by_role("tree").wait_for()


def _first_trace(page: Page) -> None:
    _open_first_trace(page)
    page.get_by_role("region", name="Input").wait_for()


def _timeline(page: Page) -> None:
    _open_first_trace(page)
    page.get_by_role("button", name="Timeline").click()
    page.get_by_role("treeitem").nth(2).click()
    page.get_by_role("article", name="Observation").wait_for()


def _list(page: Page) -> None:
    page.get_by_role("grid", name="Traces").get_by_role("link").first.wait_for()


def _filter(page: Page) -> None:
    _list(page)
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_role("dialog").wait_for()


def _nothing(page: Page) -> None:
    page.get_by_role("heading", name="No traces here").wait_for()


def _heading(page: Page) -> None:
    page.get_by_role("heading", level=1).wait_for()


def _new_key(page: Page) -> None:
    page.get_by_role("button", name="New key").click()
    page.get_by_role("dialog").wait_for()


# Address below the project, and how the state is reached from there.
STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "traces": ("traces", _list),
    "traces, none found": ("traces?q=there-is-no-such-text", _nothing),
    "traces, adding a filter": ("traces", _filter),
    "trace": ("traces", _first_trace),
    "trace, timeline": ("traces", _timeline),
    "trace, unknown": ("traces/unknown", lambda page: page.get_by_role("heading", name="No such trace").wait_for()),
    "api keys": ("settings/api-keys", lambda page: page.get_by_role("table").wait_for()),
    "api keys, new": ("settings/api-keys", _new_key),
    "account": ("settings/account", _heading),
}
