"""Experiments: the id that a run of a dataset has everywhere, and what a span says about the item it worked on."""

import hashlib
import json

from elasticdash.shared.domain.record import record


@record(kw_only=True)
class ExperimentItem:
    """One item of an experiment, as the root span of that item says. `metadata` is JSON text of the experiment's."""

    experiment_id: str
    experiment_name: str
    description: str | None
    metadata: str | None
    dataset_id: str | None
    item_id: str
    item_version_us: int | None


def run_id(project_id: str, dataset_id: str, run_name: str) -> str:
    """16 hexadecimal digits, the same for every run of this name: SDKs of generation 5 compute it themselves.

    Source: section 7.5 of the API contract research.
    """
    text = json.dumps(
        ["langfuse-experiment-v1", project_id, dataset_id, run_name], ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
