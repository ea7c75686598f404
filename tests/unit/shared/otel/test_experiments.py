"""Items of experiments are told by their roots alone; what can't be looked up is none."""

import json
from typing import Any

import pytest

from elasticdash.shared.domain import experiments as domain_experiments
from elasticdash.shared.otel import experiments
from support.otlp import SPAN_ID, observe

ROOT = {
    "langfuse.experiment.id": "e",
    "langfuse.experiment.name": "nightly",
    "langfuse.experiment.item.id": "i",
    "langfuse.experiment.item.root_observation_id": SPAN_ID,
}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"langfuse.experiment.id": ""}, id="no experiment"),
        pytest.param({"langfuse.experiment.item.id": ""}, id="no item"),
        pytest.param({"langfuse.experiment.item.root_observation_id": "b" * 16}, id="below the root"),
        pytest.param({"langfuse.experiment.id": "e" * 256}, id="long id"),
        pytest.param({"langfuse.experiment.item.id": "i" * 256}, id="long id of an item"),
        pytest.param({"langfuse.experiment.dataset.id": "d" * 256}, id="long id of a dataset"),
    ],
)
def test_other_span_is_no_item(changes: dict[str, Any]):
    assert observe({**ROOT, **changes}).experiment_item is None


def test_root_tells_of_its_experiment():
    item = observe(
        {
            **ROOT,
            "langfuse.experiment.description": "why",
            "langfuse.experiment.metadata": '{"k": [1]}',
            "langfuse.experiment.dataset.id": "d",
            "langfuse.experiment.item.version": "2026-01-31T12:00:00.5Z",
        }
    ).experiment_item

    assert item is not None
    assert (item.experiment_id, item.experiment_name, item.item_id, item.dataset_id) == ("e", "nightly", "i", "d")
    assert (item.description, json.loads(item.metadata or "")) == ("why", {"k": [1]})
    assert item.item_version_us == 1_769_860_800_500_000


@pytest.mark.parametrize(
    ("attributes", "metadata"),
    [
        ({}, None),
        ({"langfuse.experiment.metadata": "text"}, {"metadata": "text"}),
        ({"langfuse.experiment.metadata": "{}"}, None),
        ({"langfuse.experiment.metadata.a": "1", "langfuse.experiment.metadata.b": "x"}, {"a": 1, "b": "x"}),
    ],
)
def test_metadata_comes_whole_or_by_member(attributes: dict[str, Any], metadata: Any):
    item = observe({**ROOT, **attributes}).experiment_item

    assert item is not None
    assert (item.metadata and json.loads(item.metadata)) == metadata


@pytest.mark.parametrize("version", ["yesterday", "", "2026-13-01"])
def test_version_that_is_no_time_is_dropped(version: str):
    item = observe({**ROOT, "langfuse.experiment.item.version": version}).experiment_item

    assert item is not None
    assert item.item_version_us is None


def test_expected_output_and_metadata_of_an_item_are_found_among_what_is_stored():
    stored = observe(
        {
            **ROOT,
            "langfuse.experiment.item.expected_output": "[1]",
            "langfuse.experiment.item.metadata": '{"part": "1"}',
        }
    ).metadata["attributes"]

    assert experiments.texts_of_item(stored) == ("[1]", {"part": "1"})
    assert experiments.texts_of_item(None) == (None, None)


def test_id_of_a_run_is_what_sdks_compute():
    # Computed as Langfuse 5.0.4 for Python does it.
    assert domain_experiments.run_id("p", "d", "é/r") == "f3c0986fda1a9cb5"
