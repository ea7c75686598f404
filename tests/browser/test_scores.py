"""People judge traces in place, by the names and values their project agreed on."""

import re

from playwright.sync_api import expect

from support.browser import Watched


def test_a_config_is_made_used_in_place_and_seen_on_the_page_of_scores(watched: Watched):
    page = watched.open("settings/score-configs")
    page.get_by_role("button", name="New config").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("helpfulness")
    dialog.get_by_label("Kind").select_option("categorical")
    dialog.get_by_label("Labels").fill("good, poor")
    dialog.get_by_role("button", name="Create config").click()
    expect(page.get_by_role("row").filter(has_text="helpfulness")).to_contain_text("good, poor")

    page = watched.open("traces")
    page.get_by_role("grid", name="Traces").get_by_role("link").first.click()
    judged = page.get_by_role("region", name="Scores")
    judged.get_by_role("button", name="Add score").click()
    form = page.get_by_role("form", name="New score")
    form.get_by_label("Score").select_option("helpfulness")
    form.get_by_label("Value").select_option("poor")
    form.get_by_label("Comment").fill("did not answer")
    form.get_by_role("button", name="Save score").click()
    row = judged.get_by_role("listitem").filter(has_text="helpfulness")
    expect(row).to_contain_text("poor")

    row.get_by_role("button", name="Edit score helpfulness").click()
    form = page.get_by_role("form", name="Edit score helpfulness")
    form.get_by_label("Value").select_option("good")
    form.get_by_role("button", name="Save score").click()
    expect(row).to_contain_text("good")

    page = watched.open("scores")
    expect(page.get_by_role("button", name=re.compile("helpfulness"))).to_contain_text("good 1")
    shown = page.get_by_role("table", name="Scores").get_by_role("row").filter(has_text="helpfulness")
    expect(shown).to_contain_text("ann@example.test")
    shown.get_by_role("link", name="trace").click()
    judged.get_by_role("button", name="Delete score helpfulness").click()
    expect(judged.get_by_role("listitem").filter(has_text="helpfulness")).to_have_count(0)


def test_a_value_that_breaks_the_rules_is_refused_in_words(watched: Watched):
    page = watched.open("settings/score-configs")
    page.get_by_role("button", name="New config").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("stars")
    dialog.get_by_label("Most").fill("5")
    dialog.get_by_role("button", name="Create config").click()
    expect(page.get_by_role("row").filter(has_text="stars")).to_contain_text("… to 5")

    page = watched.open("traces")
    page.get_by_role("grid", name="Traces").get_by_role("link").last.click()
    page.get_by_role("region", name="Scores").get_by_role("button", name="Add score").click()
    form = page.get_by_role("form", name="New score")
    form.get_by_label("Score").select_option("stars")
    form.get_by_label("Value").evaluate("field => field.removeAttribute('max')")
    form.get_by_label("Value").fill("9")
    form.get_by_role("button", name="Save score").click()

    expect(form.get_by_role("alert")).to_contain_text("must be at most 5")
