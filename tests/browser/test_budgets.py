"""Size and speed of the UI as a browser sees them; `make ui-budgets` prints the figures beside the budgets.

Sizes are exact, so they fail at the budget. Times depend on who else uses the machine: here they fail at five times
the budget, which only a mistake reaches.
"""

import gzip
import statistics
import sys
import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import StorageState, expect

from support import browser as browsers
from support.browser import Watched
from support.server import PROJECT_ID, RunningServer, get_json, read_until

OBSERVATIONS = 10_000
EVENTS_PER_BATCH = 2_500
TRACE_ID = "ten-thousand"
SLACK = 5
DIST = browsers.ROOT / "services/web/src/elasticdash/web/ui/dist"
# Notes when the tree can first be used; the browser's own clock starts with the navigation.
_NOTE_FIRST_ROW = """
new MutationObserver((_, observer) => {
  if (document.querySelector("[role=treeitem]")) {
    requestAnimationFrame(() => { window.__firstRow = performance.now(); });
    observer.disconnect();
  }
}).observe(document, { childList: true, subtree: true });
"""


@pytest.fixture(scope="module")
def large_trace(server: RunningServer) -> str:
    """The id of a trace with OBSERVATIONS observations, eight to a parent."""
    with server.client(timeout_seconds=120) as client:
        for first in range(0, OBSERVATIONS, EVENTS_PER_BATCH):
            batch = [_event(number) for number in range(first, first + EVENTS_PER_BATCH)]
            assert client.post("/api/public/ingestion", json={"batch": batch}).json()["errors"] == []
        query = {"traceId": TRACE_ID, "limit": 1}
        read_until(
            lambda: get_json(client, "/observations", **query)["meta"]["totalItems"],
            lambda count: count == OBSERVATIONS,
            timeout_seconds=180,
        )
    return TRACE_ID


def _event(number: int) -> dict[str, object]:
    second = f"{number // 600:02}:{number // 10 % 60:02}.{number % 10}00"
    body = {
        "id": f"large-{number}",
        "traceId": TRACE_ID,
        "parentObservationId": f"large-{(number - 1) // 8}" if number else None,
        "name": ("plan", "search", "llm.chat", "rank")[number % 4],
        "startTime": f"2026-01-01T00:{second}Z",
        "endTime": f"2026-01-01T00:{second[:-2]}50Z",
        "input": "x" * 200,
    }
    return {"id": f"e{number}", "timestamp": "2026-01-01T00:00:00Z", "type": "span-create", "body": body}


def _report(what: str, measured: float, budget: float, unit: str) -> None:
    sys.stdout.write(f"\n[budget] {what}: {measured:.3g} {unit} of {budget:g} {unit}")


def test_the_first_load_is_small(watched: Watched):
    loaded: list[str] = []
    watched.page.on("request", lambda request: loaded.append(request.url))
    watched.open("traces").get_by_role("grid", name="Traces").wait_for()

    assets = {url.rsplit("/", 1)[1] for url in loaded if "/ui/assets/" in url}
    for kind, budget in ((".js", 200), (".css", 25)):
        size = sum(_gzipped(DIST / "ui/assets" / name) for name in assets if name.endswith(kind)) / 1000
        _report(f"first load {kind}, gzipped", size, budget, "kB")
        assert 0 < size <= budget


def test_no_later_part_is_large(watched: Watched):
    html = (DIST / "index.html").read_text()
    later = [file for file in (DIST / "ui/assets").glob("*.js") if file.name not in html]
    largest = max(later, key=_gzipped)
    _report(f"largest later part ({largest.name.split('-')[0]}), gzipped", _gzipped(largest) / 1000, 60, "kB")

    assert _gzipped(largest) <= 60_000


def test_the_list_answers_quickly(server: RunningServer, signed_in_state: StorageState):
    cookies = {cookie.get("name", ""): cookie.get("value", "") for cookie in signed_in_state.get("cookies", [])}
    with httpx.Client(base_url=server.url, cookies=cookies, timeout=60) as client:
        path = f"/api/ui/projects/{PROJECT_ID}/traces"
        times: list[float] = []
        for _ in range(40):
            started = time.perf_counter()
            assert client.get(path, params={"limit": 100}).is_success
            times.append((time.perf_counter() - started) * 1000)
    p95 = statistics.quantiles(times, n=20)[-1]
    _report("list request p95", p95, 200, "ms")

    assert p95 < 200 * SLACK


def test_ten_thousand_observations_are_soon_there(watched: Watched, server: RunningServer, large_trace: str):
    watched.page.add_init_script(_NOTE_FIRST_ROW)
    watched.open("traces").get_by_role("grid", name="Traces").wait_for()
    page = watched.open(f"traces/{large_trace}")
    page.get_by_role("treeitem").first.wait_for()
    noted = read_until(lambda: page.evaluate("window.__firstRow ?? null"), lambda moment: moment is not None)
    seconds = noted / 1000
    _report("10,000 observations interactive", seconds, 0.5, "s")

    tree = page.get_by_role("tree")
    expect(tree).to_have_attribute("aria-label", f"Observations of this trace, {OBSERVATIONS} shown")
    started = time.perf_counter()
    tree.get_by_role("treeitem").nth(3).click()
    page.get_by_role("article", name="Observation").wait_for()
    _report("select to painted", (time.perf_counter() - started) * 1000, 150, "ms")
    rows = tree.get_by_role("treeitem").count()
    _report("rows in the page", rows, 100, "rows")

    assert seconds < 0.5 * SLACK
    assert rows < 100


def _gzipped(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 6))
