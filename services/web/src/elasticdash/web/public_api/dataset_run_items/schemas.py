"""What the API takes and says about items of dataset runs."""

from typing import Annotated

from pydantic import ConfigDict, Field

from elasticdash.shared.postgres.models.dataset_runs import DatasetRunItemRow
from elasticdash.web.pagination import PageMeta
from elasticdash.web.wire import EMPTY_IS_UNSET, SentTimestamp, StoredJson, Text, Timestamp, WireModel


class CreateDatasetRunItemRequest(WireModel):
    """What a run made of an item; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")

    run_name: Annotated[Text, Field(min_length=1)]
    run_description: Text | None = None
    metadata: StoredJson = None
    dataset_item_id: Text
    observation_id: Annotated[Text | None, EMPTY_IS_UNSET] = None
    trace_id: Annotated[Text | None, EMPTY_IS_UNSET] = None
    dataset_version: SentTimestamp | None = None
    created_at: SentTimestamp | None = None


class DatasetRunItemResponse(WireModel):
    """What a run made of an item."""

    id: str
    dataset_run_id: str
    dataset_run_name: str
    dataset_item_id: str
    trace_id: str
    observation_id: str | None
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, row: DatasetRunItemRow, run_name: str) -> "DatasetRunItemResponse":
        """The same as the API shows it."""
        return cls(
            id=row.id,
            dataset_run_id=row.dataset_run_id,
            dataset_run_name=run_name,
            dataset_item_id=row.dataset_item_id,
            trace_id=row.trace_id,
            observation_id=row.observation_id,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


class DatasetRunItemsResponse(WireModel):
    """A page of what a run made of its items."""

    data: list[DatasetRunItemResponse]
    meta: PageMeta
