"""What the API takes and says about annotation queues."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from elasticdash.shared.postgres.annotation_queue_items import ItemStatus, ItemType
from elasticdash.shared.postgres.annotation_queues import QueueFields
from elasticdash.web.pagination import PageMeta
from elasticdash.web.wire import Text, Timestamp, WireModel

Status = Literal["PENDING", "COMPLETED"]


class _StrictModel(WireModel):
    """A body without unknown keys."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class CreateQueueRequest(_StrictModel):
    """A new queue; its items are judged by these score configs."""

    name: Annotated[Text, Field(min_length=1, max_length=255)]
    description: Annotated[Text, Field(max_length=5000)] | None = None
    score_config_ids: Annotated[list[Text], Field(min_length=1, max_length=100)]

    def fields(self) -> QueueFields:
        """The same for the store."""
        return QueueFields(self.name, self.description, self.score_config_ids)


class CreateItemRequest(_StrictModel):
    """Something to judge."""

    object_id: Annotated[Text, Field(min_length=1)]
    object_type: ItemType
    status: ItemStatus | None = None


class UpdateItemRequest(_StrictModel):
    """What changes; null and absent leave a field as it is."""

    status: ItemStatus | None = None


class AssignmentRequest(_StrictModel):
    """Someone who judges what is in a queue."""

    user_id: Annotated[Text, Field(min_length=1)]


class QueueResponse(WireModel):
    """A queue."""

    id: str
    name: str
    description: str | None
    score_config_ids: list[str]
    created_at: Timestamp
    updated_at: Timestamp


class QueuesResponse(WireModel):
    """A page of queues, newest first."""

    data: list[QueueResponse]
    meta: PageMeta


class ItemResponse(WireModel):
    """One thing to judge."""

    id: str
    queue_id: str
    object_id: str
    object_type: Literal["TRACE", "OBSERVATION", "SESSION"]
    status: Status
    completed_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class ItemsResponse(WireModel):
    """A page of items, newest first."""

    data: list[ItemResponse]
    meta: PageMeta


class DeletedItemResponse(WireModel):
    """That the item is gone."""

    success: Literal[True] = True
    message: str = "Annotation queue item deleted successfully"


class AssignmentResponse(WireModel):
    """Who judges what is in which queue."""

    user_id: str
    queue_id: str
    project_id: str


class DeletedAssignmentResponse(WireModel):
    """That they do no longer."""

    success: Literal[True] = True
