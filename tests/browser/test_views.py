"""Lists of traces are saved as views, and leave as files."""

import csv
import io
import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from support.browser import Watched


def _exported(page: Page, name: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
        page.get_by_role("menuitem", name=re.compile(name)).click()
    path: Path = download.value.path()
    return path.read_text()


def test_what_is_shown_leaves_as_a_file(watched: Watched):
    page = watched.open("traces")
    page.get_by_label("Narrow down").get_by_role("checkbox", name="support-chat").check()
    rows = page.get_by_role("grid", name="Traces").get_by_role("row").filter(has=page.get_by_role("link"))
    expect(rows).to_have_count(3)
    table = list(csv.DictReader(io.StringIO(_exported(page, "CSV"))))
    lines = [json.loads(line) for line in _exported(page, "JSON").splitlines()]

    assert [row["name"] for row in table] == ["support-chat"] * 3
    assert [line["id"] for line in lines] == [row["id"] for row in table]
    assert any(line["input"] for line in lines)


def test_the_selected_traces_alone_leave_as_a_file(watched: Watched):
    page = watched.open("traces")
    page.get_by_role("checkbox", name="Select support-chat").first.check()
    with page.expect_download() as download:
        page.get_by_role("toolbar", name="Selected traces").get_by_role("button", name="JSON lines").click()

    assert len(download.value.path().read_text().splitlines()) == 1


def test_a_view_is_saved_opened_and_deleted(watched: Watched):
    page = watched.open("traces?q=HUMAN&sort=latency&range=30d")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Save what is shown…").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Angry people")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    page = watched.open("traces")
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Angry people").click()
    expect(page.get_by_role("searchbox", name="Search traces")).to_have_value("HUMAN")
    expect(page).to_have_url(re.compile("sort=latency"))
    page.get_by_role("button", name="Views").click()
    page.get_by_role("menuitem", name="Delete views…").click()
    page.get_by_role("button", name="Delete Angry people").click()

    expect(page.get_by_text("No view is left.")).to_be_visible()
