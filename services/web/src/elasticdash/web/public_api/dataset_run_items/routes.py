"""`/api/public/dataset-run-items`: how SDKs up to generation 4 say which trace a run made of an item."""

from typing import Annotated

from fastapi import APIRouter, Query

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import observations
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain import experiments
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import dataset_items, dataset_runs, datasets
from elasticdash.shared.postgres.dataset_runs import Link, RunFields
from elasticdash.web.dependencies import (
    AuthenticatedRoute,
    CurrentChange,
    CurrentClickHouse,
    CurrentProject,
    ReadingSession,
    WritingSession,
)
from elasticdash.web.pagination import RequestedPage, page_meta
from elasticdash.web.public_api.dataset_run_items.schemas import (
    CreateDatasetRunItemRequest,
    DatasetRunItemResponse,
    DatasetRunItemsResponse,
)
from elasticdash.web.public_api.datasets.names import spellings

router = APIRouter(prefix="/api/public/dataset-run-items", tags=["DatasetRunItems"], route_class=AuthenticatedRoute)


@router.post("", operation_id="datasetRunItems_create")
async def create_dataset_run_item(
    project: CurrentProject,
    session: WritingSession,
    clickhouse: CurrentClickHouse,
    change: CurrentChange,
    body: CreateDatasetRunItemRequest,
) -> DatasetRunItemResponse:
    """Note what a run made of an item; the run is created by its first item, and then stays as it is."""
    item = await dataset_items.get(session, project, body.dataset_item_id)
    trace_id = body.trace_id or await _trace_of(clickhouse, project, body.observation_id)
    run = RunFields(
        id=experiments.run_id(project.project_id, item.row.dataset_id, body.run_name),
        name=body.run_name,
        description=body.run_description,
        details=body.metadata,
        dataset_id=item.row.dataset_id,
    )
    at = body.created_at or change.at
    said = Link(
        run_id=run.id,
        item_id=item.row.id,
        trace_id=trace_id,
        observation_id=body.observation_id,
        item_version=body.dataset_version,
        start_time=at,
        end_time=None,
    )
    row = await dataset_runs.link(session, project, run, said, at)
    return DatasetRunItemResponse.of(row, run.name)


@router.get("", operation_id="datasetRunItems_list")
async def list_dataset_run_items(
    project: CurrentProject,
    session: ReadingSession,
    page: RequestedPage,
    dataset_id: Annotated[str, Query(alias="datasetId")],
    run_name: Annotated[str, Query(alias="runName")],
) -> DatasetRunItemsResponse:
    """What a run made of its items, newest first."""
    if await datasets.find_by_id(session, project, dataset_id) is None:
        raise errors.NotFoundError("Dataset not found")
    run = await dataset_runs.get(session, project, dataset_id, *spellings(run_name))
    rows, total = await dataset_runs.list_items(session, project, run.id, offset=page.offset, limit=page.limit)
    data = [DatasetRunItemResponse.of(row, run.name) for row in rows]
    return DatasetRunItemsResponse(data=data, meta=page_meta(page, total))


async def _trace_of(clickhouse: ClickHouse, project: ProjectScope, observation_id: str | None) -> str:
    """The trace of an observation: old SDKs name nothing else."""
    if observation_id is None:
        raise errors.InvalidRequestError("traceId or observationId must be given")
    row = await observations.find(clickhouse, project, observation_id)
    if row is None:
        raise errors.NotFoundError("Observation not found")
    return row.trace_id
