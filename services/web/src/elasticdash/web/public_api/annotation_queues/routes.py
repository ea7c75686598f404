"""`/api/public/annotation-queues`."""

from typing import Annotated

from fastapi import APIRouter, Query

from elasticdash.shared.clickhouse import observations
from elasticdash.shared.postgres import annotation_queue_items, annotation_queues
from elasticdash.shared.postgres.annotation_queue_items import ItemStatus, ItemType, QueuedObject
from elasticdash.web.dependencies import (
    AuthenticatedRoute,
    CurrentChange,
    CurrentProject,
    CurrentServices,
    ReadingSession,
    WritingSession,
)
from elasticdash.web.pagination import RequestedPage, page_meta
from elasticdash.web.public_api.annotation_queues.schemas import (
    AssignmentRequest,
    AssignmentResponse,
    CreateItemRequest,
    CreateQueueRequest,
    DeletedAssignmentResponse,
    DeletedItemResponse,
    ItemResponse,
    ItemsResponse,
    QueueResponse,
    QueuesResponse,
    UpdateItemRequest,
)
from elasticdash.web.wire import EMPTY_IS_UNSET

router = APIRouter(prefix="/api/public/annotation-queues", tags=["AnnotationQueues"], route_class=AuthenticatedRoute)


@router.get("", operation_id="annotationQueues_listQueues")
async def list_queues(project: CurrentProject, session: ReadingSession, page: RequestedPage) -> QueuesResponse:
    """Queues of the project, newest first."""
    rows, total = await annotation_queues.list_page(session, project, offset=page.offset, limit=page.limit)
    return QueuesResponse(data=[QueueResponse.model_validate(row) for row in rows], meta=page_meta(page, total))


@router.post("", operation_id="annotationQueues_createQueue")
async def create_queue(
    body: CreateQueueRequest, project: CurrentProject, session: WritingSession, change: CurrentChange
) -> QueueResponse:
    """A new queue."""
    return QueueResponse.model_validate(await annotation_queues.create(session, project, body.fields(), change))


@router.get("/{queue_id}", operation_id="annotationQueues_getQueue")
async def get_queue(queue_id: str, project: CurrentProject, session: ReadingSession) -> QueueResponse:
    """One queue."""
    return QueueResponse.model_validate(await annotation_queues.get(session, project, queue_id))


@router.get("/{queue_id}/items", operation_id="annotationQueues_listQueueItems")
async def list_items(
    queue_id: str,
    project: CurrentProject,
    session: ReadingSession,
    page: RequestedPage,
    status: Annotated[ItemStatus | None, EMPTY_IS_UNSET, Query()] = None,
) -> ItemsResponse:
    """What is in a queue, newest first."""
    rows, total = await annotation_queue_items.list_page(
        session, project, queue_id, status, offset=page.offset, limit=page.limit
    )
    return ItemsResponse(data=[ItemResponse.model_validate(row) for row in rows], meta=page_meta(page, total))


@router.post("/{queue_id}/items", operation_id="annotationQueues_createQueueItem")
async def create_item(
    queue_id: str, body: CreateItemRequest, project: CurrentProject, services: CurrentServices, change: CurrentChange
) -> ItemResponse:
    """A new item. What it names need not be there yet."""
    trace_id = body.object_id if body.object_type is ItemType.TRACE else None
    if body.object_type is ItemType.OBSERVATION:
        trace_id = await observations.find_trace_id(services.clickhouse, project, body.object_id)
    wanted = QueuedObject(body.object_type, body.object_id, trace_id)
    status = body.status or ItemStatus.PENDING
    async with services.database.writing() as session:
        row = await annotation_queue_items.add(session, project, queue_id, wanted, status, change.at)
    return ItemResponse.model_validate(row)


@router.get("/{queue_id}/items/{item_id}", operation_id="annotationQueues_getQueueItem")
async def get_item(queue_id: str, item_id: str, project: CurrentProject, session: ReadingSession) -> ItemResponse:
    """One item of a queue."""
    return ItemResponse.model_validate(await annotation_queue_items.get(session, project, queue_id, item_id))


@router.patch("/{queue_id}/items/{item_id}", operation_id="annotationQueues_updateQueueItem")
async def update_item(
    queue_id: str,
    item_id: str,
    body: UpdateItemRequest,
    project: CurrentProject,
    session: WritingSession,
    change: CurrentChange,
) -> ItemResponse:
    """The item after the change."""
    row = await annotation_queue_items.get(session, project, queue_id, item_id)
    if body.status is not None:
        row = await annotation_queue_items.set_status(session, project, queue_id, item_id, body.status, change.at)
    return ItemResponse.model_validate(row)


@router.delete("/{queue_id}/items/{item_id}", operation_id="annotationQueues_deleteQueueItem")
async def delete_item(
    queue_id: str, item_id: str, project: CurrentProject, session: WritingSession
) -> DeletedItemResponse:
    """Take an item out of a queue; judgements stay."""
    await annotation_queue_items.remove(session, project, queue_id, item_id)
    return DeletedItemResponse()


@router.post("/{queue_id}/assignments", operation_id="annotationQueues_createQueueAssignment")
async def create_assignment(
    queue_id: str, body: AssignmentRequest, project: CurrentProject, session: WritingSession, change: CurrentChange
) -> AssignmentResponse:
    """Let someone of the project judge what is in a queue; they may already."""
    await annotation_queues.assign(session, project, queue_id, body.user_id, change)
    return AssignmentResponse(user_id=body.user_id, queue_id=queue_id, project_id=project.project_id)


@router.delete("/{queue_id}/assignments", operation_id="annotationQueues_deleteQueueAssignment")
async def delete_assignment(
    queue_id: str, body: AssignmentRequest, project: CurrentProject, session: WritingSession, change: CurrentChange
) -> DeletedAssignmentResponse:
    """Take someone off a queue; no error when they are not on it."""
    await annotation_queues.unassign(session, project, queue_id, body.user_id, change)
    return DeletedAssignmentResponse()
