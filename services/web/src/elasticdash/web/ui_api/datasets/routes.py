"""Datasets to look at: which there are, their items, and what runs made of an item."""

from datetime import UTC, datetime

from fastapi import APIRouter

from elasticdash.shared import errors
from elasticdash.shared.postgres import dataset_items, dataset_runs, datasets, experiments
from elasticdash.shared.postgres.dataset_items import ItemFilter
from elasticdash.shared.postgres.experiments import ExperimentFilter, Narrowing
from elasticdash.web.auth.policies import ViewedProject
from elasticdash.web.dependencies import ReadingSession
from elasticdash.web.ui_api.datasets import schemas, views
from elasticdash.web.ui_api.datasets.schemas import (
    DatasetDetailShape,
    DatasetItemShape,
    DatasetItemsShape,
    DatasetsShape,
)
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/projects/{project_id}", tags=["datasets"], route_class=UiRoute)

_RUNS_OF_ITEM = 50
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@router.get("/datasets", operation_id="listDatasets")
async def list_datasets(
    project: ViewedProject, session: ReadingSession, offset: schemas.Offset = 0, limit: schemas.Limit = 50
) -> DatasetsShape:
    """A page of datasets, newest first."""
    rows, total = await datasets.list_page(session, project, offset=offset, limit=limit)
    dataset_ids = [row.id for row in rows]
    items = await dataset_items.count_of(session, project, dataset_ids)
    runs = await dataset_runs.count_of(session, project, dataset_ids)
    return DatasetsShape(
        datasets=[views.dataset(row, items[row.id], runs[row.id]) for row in rows],
        next=offset + limit if offset + limit < total else None,
    )


@router.get("/datasets/{dataset_id}", operation_id="getDataset")
async def get_dataset(dataset_id: str, project: ViewedProject, session: ReadingSession) -> DatasetDetailShape:
    """One dataset; NotFoundError."""
    row = await datasets.find_by_id(session, project, dataset_id)
    if row is None:
        raise errors.NotFoundError("This dataset does not exist")
    items = await dataset_items.count_of(session, project, [row.id])
    runs = await dataset_runs.count_of(session, project, [row.id])
    return views.dataset_detail(row, items[row.id], runs[row.id])


@router.get("/dataset-items", operation_id="listDatasetItems")
async def list_items(
    dataset_id: schemas.OfDataset,
    project: ViewedProject,
    session: ReadingSession,
    offset: schemas.Offset = 0,
    limit: schemas.Limit = 50,
) -> DatasetItemsShape:
    """A page of the active items of a dataset, newest first; none of one that does not exist."""
    wanted = ItemFilter(dataset_id=dataset_id)
    found, total = await dataset_items.list_page(session, project, wanted, offset=offset, limit=limit)
    return DatasetItemsShape(
        items=[views.item_row(item.row) for item in found],
        next=offset + limit if offset + limit < total else None,
    )


# An id is its sender's own, and may hold slashes.
@router.get("/dataset-items/{item_id:path}", operation_id="getDatasetItem")
async def get_item(item_id: str, project: ViewedProject, session: ReadingSession) -> DatasetItemShape:
    """One item, archived or not, with the newest runs that worked on it; NotFoundError."""
    item = await dataset_items.get(session, project, item_id)
    of_item = ExperimentFilter(since=_EVER, narrowings=[Narrowing("item_id", [item_id])])
    made = await experiments.list_items_after(session, project, of_item, None, _RUNS_OF_ITEM)
    return views.item_detail(item, made)
