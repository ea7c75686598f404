"""Prompts can be read, compared and fetched, with the keyboard too."""

from playwright.sync_api import expect

from support.browser import Watched


def test_versions_are_read_and_compared(watched: Watched):
    page = watched.open("prompts")
    page.get_by_role("table", name="Prompts").get_by_role("link", name="support/answer").press("Enter")
    versions = page.get_by_role("navigation", name="Versions")
    expect(versions.get_by_role("link")).to_have_count(3)
    expect(versions.get_by_role("link", name="Version 3")).to_contain_text("staging")
    expect(page.get_by_role("region", name="Prompt")).to_contain_text("Be kind.")

    versions.get_by_role("link", name="Version 2").press("Enter")
    expect(page.get_by_role("region", name="Prompt")).not_to_contain_text("Be kind.")
    snippet = page.get_by_label("Python snippet")
    expect(snippet).to_contain_text('get_prompt("support/answer", label="production", type="chat")')

    page.get_by_label("Compare with").select_option("Version 1")
    changes = page.get_by_role("region", name="Changes from version 1 to version 2").get_by_role("listitem")
    expect(changes.filter(has_text="added:").first).to_contain_text("placeholder history")
    assert "version=2&against=1" in page.url
    expect(changes.filter(has_text="removed:")).to_have_count(0)
