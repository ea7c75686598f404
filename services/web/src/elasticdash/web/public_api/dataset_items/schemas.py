"""What the API takes and says about items of datasets."""

from typing import Annotated, Any, Literal

import pydantic

from elasticdash.shared.postgres.dataset_items import ItemFields
from elasticdash.shared.postgres.models.datasets import DatasetItemRow
from elasticdash.web.pagination import PageMeta
from elasticdash.web.public_api.dataset_items.media_references import Field
from elasticdash.web.wire import EMPTY_IS_UNSET, StoredJson, Text, Timestamp, WireModel

Status = Literal["ACTIVE", "ARCHIVED"]
ItemId = Annotated[Text, pydantic.Field(max_length=255)]


class CreateDatasetItemRequest(WireModel):
    """An item to be created, or changed when there is one of this id."""

    dataset_name: Text
    id: Annotated[ItemId | None, EMPTY_IS_UNSET] = None
    input: StoredJson = None
    expected_output: StoredJson = None
    metadata: StoredJson = None
    source_trace_id: Annotated[Text | None, EMPTY_IS_UNSET] = None
    source_observation_id: Annotated[Text | None, EMPTY_IS_UNSET] = None
    status: Status | None = None

    def fields(self) -> ItemFields:
        """The same for the store."""
        return ItemFields(
            id=self.id,
            status=self.status,
            input=self.input,
            expected_output=self.expected_output,
            details=self.metadata,
            source_trace_id=self.source_trace_id,
            source_observation_id=self.source_observation_id,
        )


class ReferredMedia(WireModel):
    """A file that has arrived; who has `url` may read it until `urlExpiry`."""

    media_id: str
    content_type: str
    content_length: int
    url: str
    url_expiry: Timestamp


class DatasetItemMediaReference(WireModel):
    """Where an item refers to a file."""

    field: Field
    reference_string: str
    json_path: str
    media: ReferredMedia


class DatasetItemResponse(WireModel):
    """An item as it was from `version` on, with the files it refers to; those that have not arrived are left out."""

    id: str
    status: Status
    input: Any
    expected_output: Any
    metadata: Any
    source_trace_id: str | None
    source_observation_id: str | None
    dataset_id: str
    dataset_name: str
    created_at: Timestamp
    updated_at: Timestamp
    version: Timestamp
    media_references: list[DatasetItemMediaReference]

    @classmethod
    def of(
        cls, row: DatasetItemRow, dataset_name: str, media_references: list[DatasetItemMediaReference]
    ) -> "DatasetItemResponse":
        """The item as the API shows it."""
        return cls(
            id=row.id,
            status=row.status,  # pyright: ignore[reportArgumentType] the store holds what was checked
            input=row.input,
            expected_output=row.expected_output,
            metadata=row.details,
            source_trace_id=row.source_trace_id,
            source_observation_id=row.source_observation_id,
            dataset_id=row.dataset_id,
            dataset_name=dataset_name,
            created_at=row.created_at,
            updated_at=row.valid_from,
            version=row.valid_from,
            media_references=media_references,
        )


class DatasetItemsResponse(WireModel):
    """A page of items."""

    data: list[DatasetItemResponse]
    meta: PageMeta


class DeletedItem(WireModel):
    """The answer to a deletion."""

    message: str = "Dataset item successfully deleted"
