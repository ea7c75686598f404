"""What the API takes and says about datasets and their runs."""

from typing import Any

from elasticdash.shared.postgres.datasets import DatasetFields
from elasticdash.shared.postgres.models.dataset_runs import DatasetRunRow
from elasticdash.shared.postgres.models.datasets import DatasetRow
from elasticdash.web.pagination import PageMeta
from elasticdash.web.public_api.dataset_items.schemas import DatasetItemResponse
from elasticdash.web.public_api.dataset_run_items.schemas import DatasetRunItemResponse
from elasticdash.web.public_api.datasets.names import DatasetName
from elasticdash.web.wire import StoredJson, Text, Timestamp, WireModel


class CreateDatasetRequest(WireModel):
    """A dataset to be created, or changed when there is one of this name."""

    name: DatasetName
    description: Text | None = None
    metadata: StoredJson = None
    input_schema: StoredJson = None
    expected_output_schema: StoredJson = None

    def fields(self) -> DatasetFields:
        """The same for the store."""
        return DatasetFields(
            name=self.name,
            description=self.description,
            details=self.metadata,
            input_schema=self.input_schema,
            expected_output_schema=self.expected_output_schema,
        )


class DatasetResponse(WireModel):
    """A dataset."""

    id: str
    project_id: str
    name: str
    description: str | None
    metadata: Any
    input_schema: Any
    expected_output_schema: Any
    created_at: Timestamp
    updated_at: Timestamp


class DatasetsResponse(WireModel):
    """A page of datasets."""

    data: list[DatasetResponse]
    meta: PageMeta


class ListedDatasetV1(DatasetResponse):
    """A dataset of the first generation with ids of its items and names of its runs."""

    items: list[str]
    runs: list[str]


class DatasetsV1Response(WireModel):
    """A page of datasets of the first generation."""

    data: list[ListedDatasetV1]
    meta: PageMeta


class DatasetV1(DatasetResponse):
    """A dataset of the first generation with its items, and names of its runs."""

    items: list[DatasetItemResponse]
    runs: list[str]


class DatasetRunResponse(WireModel):
    """A run over a dataset."""

    id: str
    name: str
    description: str | None
    metadata: Any
    dataset_id: str
    dataset_name: str
    created_at: Timestamp
    updated_at: Timestamp


class DatasetRunsResponse(WireModel):
    """A page of runs."""

    data: list[DatasetRunResponse]
    meta: PageMeta


class DatasetRunWithItems(DatasetRunResponse):
    """A run with what it made of its items."""

    dataset_run_items: list[DatasetRunItemResponse]


class DeletedRun(WireModel):
    """The answer to a deletion."""

    message: str = "Dataset run successfully deleted"


def fields_of(row: DatasetRow) -> dict[str, Any]:
    """What every shape of a dataset has."""
    return {
        "id": row.id,
        "project_id": row.project_id,
        "name": row.name,
        "description": row.description,
        "metadata": row.details,
        "input_schema": row.input_schema,
        "expected_output_schema": row.expected_output_schema,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def fields_of_run(row: DatasetRunRow, dataset: DatasetRow) -> dict[str, Any]:
    """What every shape of a run has."""
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "metadata": row.details,
        "dataset_id": dataset.id,
        "dataset_name": dataset.name,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }
