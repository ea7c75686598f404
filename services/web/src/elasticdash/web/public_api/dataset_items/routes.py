"""`/api/public/dataset-items`."""

from typing import Annotated

from fastapi import APIRouter, Query

from elasticdash.shared import errors
from elasticdash.shared.postgres import dataset_items, dataset_runs, datasets
from elasticdash.shared.postgres.dataset_items import ItemFilter
from elasticdash.web.dependencies import (
    AuthenticatedRoute,
    CurrentChange,
    CurrentProject,
    ReadingSession,
    WritingSession,
)
from elasticdash.web.pagination import RequestedPage, page_meta
from elasticdash.web.public_api.dataset_items.schemas import (
    CreateDatasetItemRequest,
    DatasetItemResponse,
    DatasetItemsResponse,
    DeletedItem,
)
from elasticdash.web.public_api.dataset_items.views import CurrentItemViews
from elasticdash.web.public_api.datasets.names import spellings
from elasticdash.web.wire import OptionalText, OptionalTimestamp

router = APIRouter(prefix="/api/public/dataset-items", tags=["DatasetItems"], route_class=AuthenticatedRoute)


@router.post("", operation_id="datasetItems_create")
async def upsert_dataset_item(
    project: CurrentProject,
    session: WritingSession,
    change: CurrentChange,
    views: CurrentItemViews,
    body: CreateDatasetItemRequest,
) -> DatasetItemResponse:
    """A new item, or a new version of the one with this id; what is absent or null stays as it was."""
    dataset = await datasets.get(session, project, body.dataset_name)
    row = await dataset_items.upsert(session, project, dataset, body.fields(), change)
    (shown,) = await views.of(session, [(row, dataset.name)])
    return shown


@router.get("", operation_id="datasetItems_list")
async def list_dataset_items(
    project: CurrentProject,
    session: ReadingSession,
    page: RequestedPage,
    views: CurrentItemViews,
    dataset_name: Annotated[OptionalText, Query(alias="datasetName")] = None,
    source_trace_id: Annotated[OptionalText, Query(alias="sourceTraceId")] = None,
    source_observation_id: Annotated[OptionalText, Query(alias="sourceObservationId")] = None,
    version: OptionalTimestamp = None,
) -> DatasetItemsResponse:
    """Active items, newest first: as they are, or with `version` as they were at that time."""
    if version is not None and dataset_name is None:
        raise errors.InvalidRequestError("version needs a datasetName")
    dataset = await datasets.get(session, project, *spellings(dataset_name)) if dataset_name is not None else None
    wanted = ItemFilter(
        dataset_id=dataset.id if dataset else None,
        source_trace_id=source_trace_id,
        source_observation_id=source_observation_id,
        at=version,
    )
    items, total = await dataset_items.list_page(session, project, wanted, offset=page.offset, limit=page.limit)
    data = await views.of(session, [(item.row, item.dataset_name) for item in items])
    return DatasetItemsResponse(data=data, meta=page_meta(page, total))


# An id is its sender's own, and may hold slashes.
@router.get("/{item_id:path}", operation_id="datasetItems_get")
async def get_dataset_item(
    project: CurrentProject, session: ReadingSession, views: CurrentItemViews, item_id: str
) -> DatasetItemResponse:
    """One item, archived or not."""
    item = await dataset_items.get(session, project, item_id)
    (shown,) = await views.of(session, [(item.row, item.dataset_name)])
    return shown


@router.delete("/{item_id:path}", operation_id="datasetItems_delete")
async def delete_dataset_item(
    project: CurrentProject, session: WritingSession, change: CurrentChange, item_id: str
) -> DeletedItem:
    """Delete an item, and what runs made of it."""
    await dataset_items.delete(session, project, item_id, change)
    await dataset_runs.delete_links_of(session, project, item_id)
    return DeletedItem()
