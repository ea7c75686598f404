"""Administrators manage people, prices and the project itself, and read who changed what."""

import re

from playwright.sync_api import Browser, expect

from support import browser as browsers
from support.browser import EMAIL, Watched
from support.server import RunningServer


def test_a_member_is_added_signs_in_and_is_removed(watched: Watched, browser: Browser, server: RunningServer):
    page = watched.open("settings/members")
    page.get_by_role("button", name="Add member").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill("bob@example.test")
    dialog.get_by_label("Role").select_option("VIEWER")
    dialog.get_by_role("button", name="Add member").click()
    password = dialog.get_by_label("Password", exact=True).inner_text()
    dialog.get_by_role("button", name="Close").click()

    context = browser.new_context()
    theirs = browsers.watched_page(context, server).page
    browsers.sign_in(theirs, server, "bob@example.test", password)
    expect(theirs.get_by_role("grid", name="Traces")).to_be_visible()
    theirs.get_by_role("link", name="API keys").click()
    expect(theirs.get_by_role("heading", name="Only administrators manage keys")).to_be_visible()
    context.close()

    row = page.get_by_role("row").filter(has_text="bob@example.test")
    row.get_by_label("Role of bob@example.test").select_option("member")
    row.get_by_role("button", name="Remove…").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_the_only_owner_can_not_step_down(watched: Watched):
    page = watched.open("settings/members")
    role = page.get_by_label(f"Role of {EMAIL}")
    role.select_option("viewer")

    expect(page.get_by_role("alert")).to_contain_text("An organization needs an owner")
    expect(role).to_have_value("OWNER")


def test_a_project_is_made_renamed_and_deleted(watched: Watched):
    page = watched.open("settings/project")
    page.get_by_label("New project").fill("second bot")
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_role("heading", name="Send your first trace")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Project second bot"))).to_be_visible()

    page.get_by_role("link", name="Project", exact=True).click()
    page.get_by_label("Name", exact=True).fill("third bot")
    page.get_by_label("Days traces are kept").fill("30")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name=re.compile("^Project third bot"))).to_be_visible()
    page.get_by_role("button", name="Delete project…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Delete project")).to_be_disabled()
    dialog.get_by_label("Type the project’s name to delete it").fill("third bot")
    dialog.get_by_role("button", name="Delete project").click()

    expect(page.get_by_role("button", name=re.compile("^Project support-bot"))).to_be_visible()


def test_a_price_of_ones_own_and_who_made_it(watched: Watched):
    page = watched.open("settings/models")
    page.get_by_label("Search models").fill("gpt-4o")
    expect(page.get_by_role("row").filter(has_text="gpt-4o").first).to_contain_text("$")
    page.get_by_role("button", name="Own price").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Model", exact=True).fill("my-model")
    dialog.get_by_label("Input, USD per million").fill("2.5")
    dialog.get_by_label("Output, USD per million").fill("10")
    dialog.get_by_role("button", name="Save price").click()
    # While it is open, it takes the focus back from whatever is filled.
    expect(dialog).to_have_count(0)
    page.get_by_label("Search models").fill("my-mod")
    row = page.get_by_role("row").filter(has_text="my-model")
    expect(row).to_contain_text("$2.5")
    row.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)

    page = watched.open("settings/audit-log")
    changes = page.get_by_role("table", name="Changes").get_by_role("row")
    expect(changes.nth(1)).to_contain_text(re.compile(rf"{EMAIL}.*deleted.*model"))
    expect(changes.nth(2)).to_contain_text(re.compile(rf"{EMAIL}.*created.*model"))


def test_who_deleted_the_last_project_makes_another(browser: Browser, empty_server: RunningServer):
    context = browser.new_context()
    watched = browsers.watched_page(context, empty_server)
    page = watched.page
    browsers.sign_in(page, empty_server)
    watched.open("settings/project").get_by_role("button", name="Delete project…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Type the project’s name to delete it").fill("support-bot")
    dialog.get_by_role("button", name="Delete project").click()
    expect(page.get_by_role("heading", name="No project yet")).to_be_visible()
    page.get_by_role("region", name="Acme").get_by_label("New project").fill("second bot")
    page.get_by_role("button", name="Create project").click()

    expect(page.get_by_role("heading", name="Send your first trace")).to_be_visible()
    assert watched.problems() == {}
    context.close()
