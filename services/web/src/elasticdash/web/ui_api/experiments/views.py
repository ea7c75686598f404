"""Experiments as the pages show them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from elasticdash.shared.clickhouse.experiment_results import Totals
from elasticdash.shared.clickhouse.scores import StoredScore
from elasticdash.shared.postgres.experiment_results import Extent
from elasticdash.shared.postgres.experiments import Experiment
from elasticdash.shared.postgres.models.dataset_runs import DatasetRunRow
from elasticdash.web.ui_api.experiments.schemas import (
    ExperimentRowShape,
    ExperimentSummaryShape,
    GivenScoreShape,
    ScoreFigureShape,
)
from elasticdash.web.views.observation_view import number

_NUMBERS = ("NUMERIC", "BOOLEAN")


def experiment_row(
    experiment: Experiment, names: Mapping[str, str], judged: Sequence[StoredScore]
) -> ExperimentRowShape:
    """An experiment in the list; `names` are those of datasets by id."""
    run = experiment.run
    return ExperimentRowShape(
        id=run.id,
        name=run.name,
        description=run.description,
        dataset_id=run.dataset_id,
        dataset_name=names.get(run.dataset_id or ""),
        items=experiment.item_count,
        start_time=experiment.start_time,
        end_time=experiment.end_time,
        scores=[given_score(score) for score in judged],
    )


def summary(
    run: DatasetRunRow,
    names: Mapping[str, str],
    extent: Extent,
    totals: Sequence[Totals],
    said: list[ScoreFigureShape],
    judged: Sequence[StoredScore],
) -> ExperimentSummaryShape:
    """One experiment with what its traces say together."""
    latencies = [each.latency_seconds for each in totals if each.latency_seconds is not None]
    costs = [each.total_cost_usd for each in totals if each.total_cost_usd is not None]
    return ExperimentSummaryShape(
        id=run.id,
        name=run.name,
        description=run.description,
        metadata=run.details,
        dataset_id=run.dataset_id,
        dataset_name=names.get(run.dataset_id or ""),
        items=extent.items,
        start_time=extent.start_time,
        end_time=extent.end_time,
        errors=sum(each.errors > 0 for each in totals),
        average_latency_seconds=sum(latencies) / len(latencies) if latencies else None,
        total_cost_usd=number(sum(costs, Decimal())) if costs else None,
        total_tokens=sum(each.total_tokens for each in totals),
        figures=said,
        scores=[given_score(score) for score in judged],
    )


def given_score(score: StoredScore) -> GivenScoreShape:
    """A score as a number, or as a text."""
    return GivenScoreShape(
        name=score.name,
        value=score.value if score.data_type in _NUMBERS else None,
        text=score.string_value or score.long_string_value or None,
    )
