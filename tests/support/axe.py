"""What axe, the accessibility checker, finds on a page."""

from typing import Any

from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def found_in_both_themes(page: Page, axe_script: str) -> list[str]:
    """What axe finds in the light theme, then in the dark one."""
    page.evaluate(axe_script)
    light = _found(page)
    page.evaluate("document.documentElement.classList.add('dark')")
    return [*light, *(f"dark: {each}" for each in _found(page))]


def _found(page: Page) -> list[str]:
    found: list[dict[str, Any]] = page.evaluate(
        "async (tags) => (await axe.run(document, {runOnly: {type: 'tag', values: tags}})).violations", RULES
    )
    return [
        f"{each['id']}: {node['html'][:200]} ({node.get('failureSummary', '')[:200]})"
        for each in found
        for node in each["nodes"]
    ]
