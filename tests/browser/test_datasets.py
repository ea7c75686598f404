"""Datasets and experiments: from the list to an item, runs side by side, and the links that SDKs print."""

import re

import pytest
from playwright.sync_api import Page, expect

from support.browser import Watched
from support.server import PROJECT_ID, RunningServer, get_json
from support.ui_states import SHARED_TRACE_ID

DATASET = "support/questions"
RUNS = ("whole answers", "short answers")


@pytest.fixture(scope="module")
def ids(server: RunningServer) -> dict[str, str]:
    """Ids of the dataset and of the runs over it, by name."""
    with server.client() as client:
        dataset = get_json(client, "/v2/datasets/support%2Fquestions")
        runs = get_json(client, "/datasets/support%2Fquestions/runs")["data"]
    return {DATASET: dataset["id"], **{run["name"]: run["id"] for run in runs}}


def _figure(page: Page, name: str) -> list[str]:
    """The cells of a row of the figures, one for each experiment."""
    return page.get_by_role("table", name="Figures").get_by_role("row", name=name).get_by_role("cell").all_inner_texts()


def test_a_dataset_leads_to_its_items_and_on_to_the_trace_a_run_made(watched: Watched):
    page = watched.open("datasets")
    page.get_by_role("link", name=DATASET).click()
    page.get_by_role("link", name="Items (3)").click()
    page.get_by_role("link", name="question/1").click()
    expect(page.get_by_role("region", name="Input")).to_contain_text("Can I change my address?")
    expect(page.get_by_role("region", name="Expected output")).to_contain_text("until the parcel leaves")
    page.get_by_role("table", name="Runs").get_by_role("link", name="short answers question/1").click()

    expect(page.get_by_role("article", name="Trace").get_by_role("region", name="Output")).to_contain_text("Yes.")


def test_runs_stand_side_by_side_and_leave_one_by_one(watched: Watched, ids: dict[str, str]):
    page = watched.open(f"datasets/{ids[DATASET]}")
    for run in RUNS:
        page.get_by_role("checkbox", name=f"Select {run}").check()
    page.get_by_role("button", name="Compare").click()
    results = page.get_by_role("table", name="Results")
    asked = results.get_by_role("row").filter(has_text="Do you ship to Norway?")
    expect(asked).to_contain_text("Yes, within a week.")
    expect(asked).to_contain_text("I do not know.")
    whole, short = _figure(page, "Average latency")
    errors = _figure(page, "Items with errors")
    correct = _figure(page, "correctness average")

    page.get_by_role("link", name="Take whole answers away").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("short answers")
    page.get_by_label("Compare with").select_option("whole answers")
    expect(page.get_by_role("link", name="Take whole answers away")).to_be_visible()

    assert re.fullmatch(r"\d+\.\d s", whole)
    assert re.fullmatch(r"−\d+\.\d s better \d+\.\d+ s", short)
    assert errors == ["0", "+1 worse 1"]
    assert correct == ["1", "−0.333 0.667"]


def test_addresses_that_sdks_print_lead_to_the_page(watched: Watched, ids: dict[str, str]):
    dataset, run = ids[DATASET], ids[RUNS[0]]
    titles: dict[str, str] = {}
    for path in (
        f"datasets/{dataset}",
        f"datasets/{dataset}/runs/{run}",
        f"datasets/{dataset}/items/question/2",
        f"datasets/{dataset}/compare?runs={run}&runs={ids[RUNS[1]]}",
        f"experiments/results?baseline={run}",
    ):
        page = watched.open(path)
        page.get_by_role("table").first.wait_for()
        titles[path.replace(dataset, "D").replace(run, "R").replace(ids[RUNS[1]], "S")] = page.get_by_role(
            "heading", level=1
        ).inner_text()

    assert titles == {
        "datasets/D": DATASET,
        "datasets/D/runs/R": "whole answers",
        "datasets/D/items/question/2": f"Item of {DATASET}",
        "datasets/D/compare?runs=R&runs=S": "whole answers and short answers",
        "experiments/results?baseline=R": "whole answers",
    }


def test_an_address_that_names_no_project_leads_to_the_trace(watched: Watched):
    page = watched.page
    page.goto(f"{watched.base_url}/trace/there-is-none")
    expect(page.get_by_role("alert")).to_contain_text("No project of yours has this trace")
    page.goto(f"{watched.base_url}/trace/{SHARED_TRACE_ID}")

    expect(page).to_have_url(f"{watched.base_url}/project/{PROJECT_ID}/traces/{SHARED_TRACE_ID}")
    expect(page.get_by_role("article", name="Trace")).to_be_visible()


def test_an_id_of_digits_stays_the_text_it_is(watched: Watched):
    digits = "1234567890123e10"
    page = watched.open(f"experiments/results?baseline={digits}")
    expect(page.get_by_role("heading", name="No such experiment")).to_be_visible()

    assert page.evaluate("new URL(location.href).searchParams.get('baseline')") == digits
    assert page.url.startswith(f"{watched.base_url}/project/{PROJECT_ID}/experiments/results?")


def test_pages_of_datasets_fit_a_phone(watched: Watched, ids: dict[str, str]):
    page = watched.page
    page.set_viewport_size({"width": 360, "height": 740})
    runs = f"{ids[RUNS[0]]}&c={ids[RUNS[1]]}"
    widths: dict[str, int] = {}
    for path in ("datasets", f"datasets/{ids[DATASET]}/items", "experiments", f"experiments/results?baseline={runs}"):
        watched.open(path).get_by_role("table").first.wait_for()
        widths[path] = page.evaluate("document.documentElement.scrollWidth")

    assert max(widths.values()) <= 360, widths
