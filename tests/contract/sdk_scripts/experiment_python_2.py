"""Langfuse's Python SDK 2.x: links the items of a dataset to traces, and reads the run back."""

import scenario
from langfuse import Langfuse


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
    for item in dataset.items:
        trace = langfuse.trace(name="answer", input=item.input)
        span = trace.span(name="think", input=item.input)
        span.end(output=item.input["n"] * 2)
        trace.update(output=item.input["n"] * 2)
        item.link(span, sent["run"], run_description="why", run_metadata={"model": "m"})
        trace.score(name="right", value=1)
    langfuse.flush()
    run = langfuse.get_dataset_run(dataset_name=sent["dataset"], dataset_run_name=sent["run"])
    scenario.report(
        items=[{"id": item.id, "input": item.input, "expected": item.expected_output} for item in dataset.items],
        run=scenario.parsed(run),
        runs=[one.name for one in langfuse.get_dataset_runs(sent["dataset"]).data],
    )
    langfuse.shutdown()


main()
