"""The real SDKs run experiments over datasets: items, runs and experiments are read back as they were sent."""

from dataclasses import dataclass
from typing import Any

import pytest

from support import sdk_run
from support.golden import at
from support.server import PROJECT_ID, RunningServer, get_json, read_until

pytestmark = pytest.mark.slow

SCRIPTS = {
    "langfuse_python_2": "experiment_python_2",
    "langfuse_python_3": "experiment_python",
    "langfuse_python_4": "experiment_python",
    "langfuse_python_5": "experiment_python",
    "langfuse_js_3": "experiment_js_3",
    "langfuse_js_4": "experiment_js",
    "langfuse_js_5": "experiment_js",
}
# They only say which trace was made of an item: without a dataset there is no experiment.
LINKING = {"langfuse_python_2", "langfuse_js_3"}
ALL_FIELDS = "core,dataset,io,metadata,itemMetadata,experimentMetadata,scores"


@dataclass(frozen=True, slots=True)
class Ran:
    """One SDK's experiment: what it sent, what it read itself, and the server to ask."""

    sdk: str
    sent: dict[str, Any]
    read: dict[str, Any]
    server: RunningServer

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        with self.server.client() as client:
            return get_json(client, path, **params)


@pytest.fixture(scope="module", params=list(SCRIPTS))
def ran(request: pytest.FixtureRequest, server: RunningServer) -> Ran:
    sdk: str = request.param
    sent = {
        # A folder and a space, which generations escape differently.
        "dataset": f"questions/of {sdk}",
        "run": f"first run of {sdk}",
        "ownRun": f"own items of {sdk}",
        "items": [
            {"id": f"{sdk}-{n}", "input": {"n": n}, "expected": n * 2, "metadata": {"part": str(n)}} for n in (1, 2)
        ],
    }
    run = sdk_run.run_python if "python" in sdk else sdk_run.run_node
    return Ran(sdk, sent, run(sdk, SCRIPTS[sdk], sent, server), server)


def items_of(ran: Ran) -> list[dict[str, Any]]:
    """The experiment's items over REST, in the order of what was sent, once both are there with their scores."""
    with ran.server.client() as client:
        rows = read_until(
            lambda: get_json(
                client, "/experiment-items", fromStartTime=at(-3600), experimentName=ran.sent["run"], fields=ALL_FIELDS
            )["data"],
            lambda rows: len(rows) == 2 and all(row["scores"] and row["output"] for row in rows),
        )
    return sorted(rows, key=lambda row: row["experimentItemId"])


def test_items_are_read_back(ran: Ran) -> None:
    sent = [{key: item[key] for key in ("id", "input", "expected")} for item in ran.sent["items"]]

    assert sorted(ran.read["items"], key=lambda item: item["id"]) == sent


def test_run_is_read_back(ran: Ran) -> None:
    rest = ran.get("/v2/datasets")["data"]
    dataset = next(row for row in rest if row["name"] == ran.sent["dataset"])
    for run in [run for run in (ran.read.get("run"),) if run]:
        assert (run["name"], run["description"], run["metadata"]) == (ran.sent["run"], "why", {"model": "m"})
        assert (run["datasetId"], run["datasetName"]) == (dataset["id"], ran.sent["dataset"])
        assert sorted(item["datasetItemId"] for item in run["datasetRunItems"]) == [
            item["id"] for item in ran.sent["items"]
        ]
    assert ran.read.get("runs", [ran.sent["run"]]) == [ran.sent["run"]]
    assert (dataset["description"], dataset["metadata"]) == ("questions", {"team": "search"})


def test_experiment_is_listed_once_whoever_told_of_it(ran: Ran) -> None:
    items = items_of(ran)
    dataset = ran.get("/dataset-items", limit=100)["data"]
    dataset_id = next(row["datasetId"] for row in dataset if row["id"] == ran.sent["items"][0]["id"])

    listed = ran.get("/experiments", fromStartTime=at(-3600), name=ran.sent["run"], fields="metadata,scores")

    [experiment] = listed["data"]
    assert (experiment["datasetId"], experiment["itemCount"]) == (dataset_id, 2)
    assert (experiment["description"], experiment["metadata"]) == ("why", {"model": "m"})
    assert {item["experimentId"] for item in items} == {experiment["id"]}
    assert experiment["startTime"] <= experiment["endTime"]
    named = [score["name"] for score in experiment["scores"]]
    assert named == ([] if ran.sdk in LINKING else ["all-right"])
    assert [row["itemCount"] for row in ran.read.get("experiments", [experiment])] == [2]


def test_experiment_items_say_what_was_made_of_which_item(ran: Ran) -> None:
    items = items_of(ran)

    assert [item["experimentItemId"] for item in items] == [item["id"] for item in ran.sent["items"]]
    assert [item["input"] for item in items] == [item["input"] for item in ran.sent["items"]]
    assert [item["expectedOutput"] for item in items] == [item["expected"] for item in ran.sent["items"]]
    assert [item["output"] for item in items] == [2, 4]
    assert [item["experimentItemMetadata"] for item in items] == [item["metadata"] for item in ran.sent["items"]]
    assert {score["name"] for item in items for score in item["scores"]} == {"right"}
    for item in items:
        observation = ran.get(f"/observations/{item['id']}")
        assert (observation["traceId"], observation["projectId"]) == (item["traceId"], PROJECT_ID)
    seen = ran.read.get("experimentItems", items)
    assert sorted(row["id"] for row in seen) == sorted(row["id"] for row in items)


def test_experiment_over_items_of_its_own_has_no_dataset(ran: Ran) -> None:
    if ran.sdk in LINKING:
        listed = ran.get("/experiments", fromStartTime=at(-3600), name=ran.sent["ownRun"])
        assert listed["data"] == []
        return
    with ran.server.client() as client:
        [item] = read_until(
            lambda: get_json(
                client,
                "/experiment-items",
                fromStartTime=at(-3600),
                experimentName=ran.sent["ownRun"],
                fields="dataset,io",
            )["data"],
            lambda rows: len(rows) == 1 and rows[0]["output"] is not None,
        )

    assert (item["input"], item["output"], item["expectedOutput"]) == ({"n": 5}, 10, 10)
    assert item["experimentDatasetId"] is None
