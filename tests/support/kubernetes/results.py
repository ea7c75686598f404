"""`python -m support.kubernetes.results REPORT PAGE`: writes a JUnit report of the end-to-end tests as a page."""

import sys
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from support.kubernetes import programs

_PAGE = """# End-to-end results

Written by `make e2e` after its last run, of {date}, with the product's own images
on Kubernetes {release} unless `TEST_KUBECONFIG` named another cluster.

| capability | test | outcome | seconds |
|---|---|---|---|
{rows}

Seconds are of this run, on a machine that had other work to do; the set-up counts to the first test that needed it.
"""


def page(report: Element) -> str:
    """The page: what the product can do and the test that shows it, in the order they ran."""
    rows = [
        f"| {_capability(case)} | {_sentence(case.get('name', ''))} | {_outcome(case)}"
        f" | {float(case.get('time', '0')):.0f} |"
        for case in report.iter("testcase")
    ]
    suite = next(report.iter("testsuite"))
    date = suite.get("timestamp", "")[:10]
    return _PAGE.format(date=date, release=programs.release(), rows="\n".join(rows))


def _capability(case: Element) -> str:
    return next((each.get("value", "") for each in case.iter("property") if each.get("name") == "capability"), "")


def _sentence(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")


def _outcome(case: Element) -> str:
    found = next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed")
    return {"failure": "FAILED", "error": "FAILED"}.get(found, found)


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(page(ElementTree.parse(sys.argv[1]).getroot()))
