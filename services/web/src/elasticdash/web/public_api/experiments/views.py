"""Experiments and their items as the API shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from elasticdash.shared.clickhouse.rows import ObservationRow, TraceRow
from elasticdash.shared.clickhouse.scores import StoredScore
from elasticdash.shared.otel import experiments, metadata
from elasticdash.shared.postgres.experiments import Experiment, ExperimentItemRow
from elasticdash.shared.postgres.models.datasets import DatasetItemRow
from elasticdash.web.public_api.scores import schemas_v3
from elasticdash.web.public_api.scores.views import score_v3_view
from elasticdash.web.views import json_text
from elasticdash.web.views.json_text import Json
from elasticdash.web.wire import timestamp_text

_DEFAULT_ENVIRONMENT = "default"
_DEFAULT_LEVEL = "DEFAULT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An item of an experiment with what is known of it elsewhere; None for what was not asked or isn't there."""

    row: ExperimentItemRow
    observation: ObservationRow | None
    trace: TraceRow | None
    dataset_item: DatasetItemRow | None
    scores: Sequence[StoredScore]


def experiment_view(
    project_id: str, experiment: Experiment, groups: frozenset[str], scores: Sequence[StoredScore]
) -> dict[str, Json]:
    """An experiment with the groups asked for."""
    run = experiment.run
    view: dict[str, Json] = {
        "id": run.id,
        "name": run.name,
        "description": run.description,
        "startTime": timestamp_text(experiment.start_time),
        "endTime": timestamp_text(experiment.end_time),
        "itemCount": experiment.item_count,
        "datasetId": run.dataset_id,
    }
    if "metadata" in groups:
        view["metadata"] = _as_object(run.details)
    if "scores" in groups:
        view["scores"] = _scores(project_id, scores)
    return view


def item_view(project_id: str, seen: Seen, groups: frozenset[str]) -> dict[str, Json]:
    """An item with the groups asked for. Where only its trace was linked, the trace speaks for it."""
    item, run = seen.row
    said = _said(seen)
    view: dict[str, Json] = {
        "id": item.observation_id or item.id,
        "traceId": item.trace_id,
        "startTime": timestamp_text(item.start_time),
        "endTime": None if item.end_time is None else timestamp_text(item.end_time),
        "level": seen.observation.level if seen.observation else _DEFAULT_LEVEL,
        "environment": said.environment if said else _DEFAULT_ENVIRONMENT,
        "experimentId": run.id,
        "experimentName": run.name,
        "experimentItemId": item.dataset_item_id,
    }
    if "dataset" in groups:
        version = item.item_version or (seen.dataset_item.valid_from if seen.dataset_item else None)
        view["experimentDatasetId"] = run.dataset_id
        view["experimentItemVersion"] = None if version is None else timestamp_text(version)
    attributes = seen.observation.metadata.get(metadata.ATTRIBUTES) if seen.observation else None
    expected_output, item_metadata = experiments.texts_of_item(attributes)
    if "io" in groups:
        view["input"] = json_text.parsed(said.input) if said else None
        view["output"] = json_text.parsed(said.output) if said else None
        view["expectedOutput"] = (
            json_text.parsed(expected_output)
            if expected_output is not None
            else seen.dataset_item.expected_output
            if seen.dataset_item
            else None
        )
    if "metadata" in groups:
        view["metadata"] = json_text.parsed_values(said.metadata) if said else {}
    if "itemMetadata" in groups:
        # Some SDKs send members one by one as texts: the dataset still knows what they were.
        view["experimentItemMetadata"] = _as_object(seen.dataset_item.details) if seen.dataset_item else item_metadata
    if "experimentMetadata" in groups:
        view["experimentMetadata"] = _as_object(run.details)
        view["experimentDescription"] = run.description
    if "scores" in groups:
        view["scores"] = _scores(project_id, seen.scores)
    return view


def _said(seen: Seen) -> ObservationRow | TraceRow | None:
    return seen.trace if seen.row.item.observation_id is None else seen.observation


def _as_object(value: Json) -> Mapping[str, Json] | None:
    """Metadata is an object here; what was sent as something else comes under `metadata`."""
    if value is None:
        return None
    return cast(Mapping[str, Json], value) if isinstance(value, dict) else {"metadata": value}


def _scores(project_id: str, scores: Sequence[StoredScore]) -> Sequence[Json]:
    return [score_v3_view(project_id, score, schemas_v3.GROUPS) for score in scores]
