"""`/api/public/v2/datasets`, the first generation's `/api/public/datasets`, and the runs over a dataset."""

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import dataset_items, dataset_runs, datasets
from elasticdash.shared.postgres.audit import Change
from elasticdash.shared.postgres.dataset_items import ItemFilter
from elasticdash.shared.postgres.models.datasets import DatasetRow
from elasticdash.web.dependencies import (
    AuthenticatedRoute,
    CurrentChange,
    CurrentProject,
    ReadingSession,
    WritingSession,
)
from elasticdash.web.pagination import RequestedPage, page_meta
from elasticdash.web.public_api.dataset_items.views import CurrentItemViews
from elasticdash.web.public_api.dataset_run_items.schemas import DatasetRunItemResponse
from elasticdash.web.public_api.datasets import schemas
from elasticdash.web.public_api.datasets.names import NamesOfRun, spellings
from elasticdash.web.public_api.datasets.schemas import (
    CreateDatasetRequest,
    DatasetResponse,
    DatasetRunResponse,
    DatasetRunsResponse,
    DatasetRunWithItems,
    DatasetsResponse,
    DatasetsV1Response,
    DatasetV1,
    DeletedRun,
    ListedDatasetV1,
)

router = APIRouter(prefix="/api/public", tags=["Datasets"], route_class=AuthenticatedRoute)


@router.get("/v2/datasets", operation_id="datasets_list")
async def list_datasets(project: CurrentProject, session: ReadingSession, page: RequestedPage) -> DatasetsResponse:
    """Datasets, newest first."""
    rows, total = await datasets.list_page(session, project, offset=page.offset, limit=page.limit)
    data = [DatasetResponse(**schemas.fields_of(row)) for row in rows]
    return DatasetsResponse(data=data, meta=page_meta(page, total))


@router.post("/v2/datasets", operation_id="datasets_create")
async def upsert_dataset(
    project: CurrentProject, session: WritingSession, change: CurrentChange, body: CreateDatasetRequest
) -> DatasetResponse:
    """A new dataset, or the one of this name after the change; what is absent or null stays as it was."""
    return DatasetResponse(**schemas.fields_of(await _upserted(session, project, body, change)))


# A name may hold slashes, sent as they are by old SDKs and escaped by newer ones.
@router.get("/v2/datasets/{dataset_name:path}", operation_id="datasets_get")
async def get_dataset(project: CurrentProject, session: ReadingSession, dataset_name: str) -> DatasetResponse:
    """One dataset."""
    return DatasetResponse(**schemas.fields_of(await datasets.get(session, project, *spellings(dataset_name))))


@router.get("/datasets", operation_id="datasets_list_v1")
async def list_datasets_v1(project: CurrentProject, session: ReadingSession, page: RequestedPage) -> DatasetsV1Response:
    """Datasets with ids of their active items and names of their runs, newest first."""
    rows, total = await datasets.list_page(session, project, offset=page.offset, limit=page.limit)
    dataset_ids = [row.id for row in rows]
    items = await dataset_items.list_ids(session, project, dataset_ids)
    runs = await dataset_runs.list_names(session, project, dataset_ids)
    data = [ListedDatasetV1(**schemas.fields_of(row), items=items[row.id], runs=runs[row.id]) for row in rows]
    return DatasetsV1Response(data=data, meta=page_meta(page, total))


@router.post("/datasets", operation_id="datasets_create_v1")
async def upsert_dataset_v1(
    project: CurrentProject, session: WritingSession, change: CurrentChange, body: CreateDatasetRequest
) -> DatasetV1:
    """The same as of the second generation, with lists that are always empty."""
    return DatasetV1(**schemas.fields_of(await _upserted(session, project, body, change)), items=[], runs=[])


@router.get("/datasets/{dataset_name:path}/runs", operation_id="datasets_getRuns")
async def list_dataset_runs(
    project: CurrentProject, session: ReadingSession, page: RequestedPage, dataset_name: str
) -> DatasetRunsResponse:
    """Runs over a dataset, newest first."""
    dataset = await datasets.get(session, project, *spellings(dataset_name))
    rows, total = await dataset_runs.list_page(session, project, dataset.id, offset=page.offset, limit=page.limit)
    data = [DatasetRunResponse(**schemas.fields_of_run(row, dataset)) for row in rows]
    return DatasetRunsResponse(data=data, meta=page_meta(page, total))


@router.get("/datasets/{dataset_name:path}/runs/{run_name:path}", operation_id="datasets_getRun")
async def get_dataset_run(project: CurrentProject, session: ReadingSession, names: NamesOfRun) -> DatasetRunWithItems:
    """One run with all it made of its items."""
    dataset = await datasets.get(session, project, *spellings(names[0]))
    row = await dataset_runs.get(session, project, dataset.id, *spellings(names[1]))
    items, _ = await dataset_runs.list_items(session, project, row.id)
    shown = [DatasetRunItemResponse.of(item, row.name) for item in items]
    return DatasetRunWithItems(**schemas.fields_of_run(row, dataset), dataset_run_items=shown)


@router.delete("/datasets/{dataset_name:path}/runs/{run_name:path}", operation_id="datasets_deleteRun")
async def delete_dataset_run(
    project: CurrentProject, session: WritingSession, change: CurrentChange, names: NamesOfRun
) -> DeletedRun:
    """Delete a run with what it made of its items; traces and scores stay."""
    dataset = await datasets.get(session, project, *spellings(names[0]))
    row = await dataset_runs.get(session, project, dataset.id, *spellings(names[1]))
    await dataset_runs.delete_run(session, project, row, change)
    return DeletedRun()


@router.get("/datasets/{dataset_name:path}", operation_id="datasets_get_v1")
async def get_dataset_v1(
    project: CurrentProject, session: ReadingSession, views: CurrentItemViews, dataset_name: str
) -> DatasetV1:
    """One dataset with all its active items, and names of its runs."""
    dataset = await datasets.get(session, project, *spellings(dataset_name))
    wanted = ItemFilter(dataset_id=dataset.id)
    found, _ = await dataset_items.list_page(session, project, wanted)
    runs = await dataset_runs.list_names(session, project, [dataset.id])
    items = await views.of(session, [(item.row, dataset.name) for item in found])
    return DatasetV1(**schemas.fields_of(dataset), items=items, runs=runs[dataset.id])


async def _upserted(
    session: AsyncSession, project: ProjectScope, body: CreateDatasetRequest, change: Change
) -> DatasetRow:
    row = await datasets.upsert(session, project, body.fields(), change)
    if body.input_schema is not None or body.expected_output_schema is not None:
        await dataset_items.require_fitting(session, project, row)
    return row
