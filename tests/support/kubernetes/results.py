"""`python -m support.kubernetes.results REPORT PAGE`: brings a page of end-to-end results up to date from a report."""

import sys
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from support.kubernetes import programs

_HEAD = "| test | what the product can do when it passes | outcome | on | seconds |"
_PAGE = """# End-to-end results

Written by `make e2e`, with the product's own images on Kubernetes {release} unless `TEST_KUBECONFIG` named another
cluster. Each row is of the last run that had the test; a test that comes later in an instance's life needs those before
it. Seconds depend on what else the machine had to do; a set-up counts to the first test that needed it.

{head}
|---|---|---|---|---|
{rows}
"""


def page(report: Element, before: str) -> str:
    """The page: the rows of this report in place of those that `before`, an earlier page, has of the same tests."""
    rows = {**_rows_in(before), **_rows_of(report)}
    return _PAGE.format(release=programs.release(), head=_HEAD, rows="\n".join(rows.values()))


def _rows_in(text: str) -> Mapping[str, str]:
    """The rows of a page by test; none of a page that has other columns."""
    if _HEAD not in text:
        return {}
    lines = text.split(_HEAD, 1)[1].splitlines()[2:]
    return {line.split(" | ")[0].removeprefix("| "): line for line in lines if line.startswith("| ")}


def _rows_of(report: Element) -> Mapping[str, str]:
    date = next(report.iter("testsuite")).get("timestamp", "")[:10]
    rows: dict[str, str] = {}
    for case in report.iter("testcase"):
        name = case.get("name", "").removeprefix("test_").replace("_", " ")
        seconds = f"{float(case.get('time', '0')):.0f}"
        rows[name] = f"| {' | '.join((name, _capability(case), _outcome(case), date, seconds))} |"
    return rows


def _capability(case: Element) -> str:
    return next((each.get("value", "") for each in case.iter("property") if each.get("name") == "capability"), "")


def _outcome(case: Element) -> str:
    found = next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed")
    return {"failure": "FAILED", "error": "FAILED"}.get(found, found)


if __name__ == "__main__":
    target = Path(sys.argv[2])
    written = page(ElementTree.parse(sys.argv[1]).getroot(), target.read_text() if target.exists() else "")
    target.write_text(written)
