"""What the dashboard says about the project, and the charts people add to it."""

import re

from playwright.sync_api import expect

from support.browser import Watched


def test_every_chart_has_its_figures_and_its_table(watched: Watched):
    page = watched.open("dashboard")
    figures = page.get_by_label("Figures")
    expect(figures).to_contain_text(re.compile(r"Traces\s*9"))
    cost = page.get_by_role("region", name="Cost by model", exact=True)
    expect(cost.get_by_role("img")).to_have_attribute("aria-label", re.compile("Cost by model, .* at most \\$"))
    cost.get_by_role("button", name="Cost by model as a table").click()
    expect(cost.get_by_role("columnheader", name=re.compile("gpt|claude|mistral", re.IGNORECASE)).first).to_be_visible()

    page.get_by_label("Trace name").select_option("support-chat")
    expect(figures).to_contain_text(re.compile(r"Traces\s*3"))
    expect(page).to_have_url(re.compile("name=support-chat"))
    page.get_by_role("region", name="Most frequent traces").get_by_role("button", name="support-chat").click()

    rows = page.get_by_role("grid", name="Traces").get_by_role("row").filter(has=page.get_by_role("link"))
    expect(rows).to_have_count(3)


def test_a_chart_of_ones_own_stays_until_it_is_removed(watched: Watched):
    page = watched.open("dashboard")
    page.get_by_role("button", name="Chart", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Tokens by type")
    dialog.get_by_label("Measure").select_option("Tokens")
    dialog.locator("select[name=dimension]").select_option("Type")
    dialog.get_by_label("Shown as").select_option("Largest values")
    dialog.get_by_role("button", name="Add chart").click()
    expect(dialog).to_have_count(0)
    page.reload()
    chart = page.get_by_role("region", name="Tokens by type", exact=True)
    expect(chart.get_by_role("listitem").first).to_contain_text("GENERATION")

    chart.get_by_role("button", name="Remove Tokens by type").click()
    expect(chart).to_have_count(0)
