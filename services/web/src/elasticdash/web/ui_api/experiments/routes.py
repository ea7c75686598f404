"""Experiments to look at: which there are, what one says as a whole, and several side by side, item by item."""

from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared.clickhouse import experiment_results as traced
from elasticdash.shared.clickhouse import scores
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import dataset_runs, datasets, experiment_results, experiments
from elasticdash.shared.postgres.experiments import ExperimentFilter, Narrowing, Position
from elasticdash.web.auth.policies import ViewedProject
from elasticdash.web.dependencies import CurrentClickHouse, ReadingSession
from elasticdash.web.ui_api.experiments import figures, results, schemas, views
from elasticdash.web.ui_api.experiments.schemas import (
    ExperimentPageShape,
    ExperimentsQuery,
    ExperimentSummaryShape,
    ResultPageShape,
    ResultsQuery,
)
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/projects/{project_id}", tags=["experiments"], route_class=UiRoute)

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_SCORES_SHOWN = 20


@router.get("/experiments", operation_id="listExperiments")
async def list_experiments(
    query: ExperimentsQuery, project: ViewedProject, session: ReadingSession, clickhouse: CurrentClickHouse
) -> ExperimentPageShape:
    """A page of experiments with the scores they themselves were given, the one last active first."""
    of_dataset = [] if query.dataset_id is None else [Narrowing("dataset_id", [query.dataset_id])]
    wanted = ExperimentFilter(since=_EVER, narrowings=of_dataset)
    found = await experiments.list_after(session, project, wanted, query.position(), query.limit + 1)
    shown = found[: query.limit]
    names = await _names(session, project, {row.run.dataset_id for row in shown})
    judged = await scores.fetch_of_runs(clickhouse, project, [row.run.id for row in shown], _SCORES_SHOWN)
    last = Position(shown[-1].end_time, shown[-1].run.id) if len(found) > len(shown) else None
    return ExperimentPageShape(
        experiments=[views.experiment_row(row, names, judged.get(row.run.id, ())) for row in shown],
        next=schemas.cursor_after(last) if last else None,
    )


# The id is its sender's own, and may hold slashes.
@router.get("/experiments/{run_id:path}", operation_id="getExperiment")
async def get_experiment(
    run_id: str, project: ViewedProject, session: ReadingSession, clickhouse: CurrentClickHouse
) -> ExperimentSummaryShape:
    """One experiment and what all its traces say together; NotFoundError."""
    run = await dataset_runs.get_by_id(session, project, run_id)
    names = await _names(session, project, {run.dataset_id})
    extent = await experiment_results.get_extent(session, project, run.id)
    places = await experiment_results.list_places(session, project, run.id)
    totals = await traced.fetch_totals(clickhouse, project, sorted({place.trace_id for place in places}))
    said = await figures.fetch(clickhouse, project, places)
    judged = await scores.fetch_of_runs(clickhouse, project, [run.id], _SCORES_SHOWN)
    return views.summary(run, names, extent, list(totals.values()), said, judged.get(run.id, ()))


@router.get("/experiment-results", operation_id="listExperimentResults")
async def list_results(
    query: ResultsQuery, project: ViewedProject, session: ReadingSession, clickhouse: CurrentClickHouse
) -> ResultPageShape:
    """A page of the items that any of these experiments worked on; what the project does not have adds nothing."""
    item_ids = await experiment_results.list_item_ids(
        session, project, query.run_ids, offset=query.offset, limit=query.limit + 1
    )
    shown = item_ids[: query.limit]
    items = await results.fetch(session, clickhouse, project, query.run_ids, shown)
    return ResultPageShape(items=items, next=query.offset + query.limit if len(item_ids) > len(shown) else None)


async def _names(session: AsyncSession, project: ProjectScope, dataset_ids: set[str | None]) -> Mapping[str, str]:
    """Names by id of those of these datasets that exist."""
    return await datasets.names_of(session, project, sorted(id_ for id_ in dataset_ids if id_ is not None))
