"""Langfuse's Python SDK from 3.x on: runs an experiment over a dataset, and one over items of its own."""

import scenario
from langfuse import Evaluation, Langfuse


def answer(*, item, **_):
    given = item["input"] if isinstance(item, dict) else item.input
    return given["n"] * 2


def right(*, output, expected_output, **_):
    return Evaluation(name="right", value=float(output == expected_output))


def all_right(*, item_results, **_):
    return Evaluation(name="all-right", value=float(len(item_results)))


def main() -> None:
    sent = scenario.load()
    langfuse = Langfuse()
    langfuse.create_dataset(name=sent["dataset"], description="questions", metadata={"team": "search"})
    for item in sent["items"]:
        langfuse.create_dataset_item(
            dataset_name=sent["dataset"],
            id=item["id"],
            input=item["input"],
            expected_output=item["expected"],
            metadata=item["metadata"],
        )
    dataset = langfuse.get_dataset(sent["dataset"])
    dataset.run_experiment(
        name="doubling",
        run_name=sent["run"],
        description="why",
        metadata={"model": "m"},
        task=answer,
        evaluators=[right],
        run_evaluators=[all_right],
    )
    own = [{"input": {"n": 5}, "expected_output": 10}]
    langfuse.run_experiment(name="own", run_name=sent["ownRun"], data=own, task=answer)
    langfuse.flush()
    scenario.report(
        items=[{"id": item.id, "input": item.input, "expected": item.expected_output} for item in dataset.items],
        **read_back(langfuse, sent),
    )
    langfuse.shutdown()


def read_back(langfuse: Langfuse, sent: dict) -> dict:
    found = {}
    if hasattr(langfuse, "get_dataset_run"):
        run = langfuse.get_dataset_run(dataset_name=sent["dataset"], run_name=sent["run"])
        found["run"] = scenario.parsed(run)
        found["runs"] = [one.name for one in langfuse.get_dataset_runs(dataset_name=sent["dataset"]).data]
    if hasattr(langfuse.api, "experiments"):
        found["experiments"] = scenario.until(
            lambda: scenario.parsed(
                langfuse.api.experiments.list(from_start_time=scenario.an_hour_ago(), name=sent["run"])
            )["data"],
            lambda rows: [row["itemCount"] for row in rows] == [2],
        )
        items = langfuse.api.experiments.list_items(
            from_start_time=scenario.an_hour_ago(),
            experiment_name=sent["run"],
            fields="core,dataset,io,metadata,itemMetadata,experimentMetadata,scores",
        )
        found["experimentItems"] = scenario.parsed(items)["data"]
    return found


main()
