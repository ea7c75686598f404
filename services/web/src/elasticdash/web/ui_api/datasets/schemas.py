"""What the pages about datasets get."""

from typing import Annotated, Any, Literal

from fastapi import Query

from elasticdash.web.wire import Timestamp, WireModel

MAX_PAGE = 100


class DatasetShape(WireModel):
    """A dataset in the list, with how many active items and how many runs it has."""

    id: str
    name: str
    description: str | None
    items: int
    runs: int
    created_at: Timestamp
    updated_at: Timestamp


class DatasetsShape(WireModel):
    """A page of datasets; `next` is the offset of what comes after, null at the end."""

    datasets: list[DatasetShape]
    next: int | None


class DatasetDetailShape(DatasetShape):
    """One dataset; schemas are JSON Schemas its items fit, null where there is none."""

    metadata: Any
    input_schema: Any
    expected_output_schema: Any


class DatasetItemRowShape(WireModel):
    """An item in the list: the start of its texts, null for what it does not have."""

    id: str
    input: str | None
    expected_output: str | None
    source_trace_id: str | None
    source_observation_id: str | None
    updated_at: Timestamp


class DatasetItemsShape(WireModel):
    """A page of active items, newest first; `next` is the offset of what comes after, null at the end."""

    items: list[DatasetItemRowShape]
    next: int | None


class DatasetItemRunShape(WireModel):
    """What a run made of the item."""

    run_id: str
    run_name: str
    trace_id: str
    observation_id: str | None
    start_time: Timestamp


class DatasetItemShape(DatasetItemRowShape):
    """One item as it is now with its whole texts, and the newest runs that worked on it."""

    dataset_id: str
    dataset_name: str
    status: Literal["ACTIVE", "ARCHIVED"]
    metadata: str | None
    created_at: Timestamp
    runs: list[DatasetItemRunShape]


OfDataset = Annotated[str, Query(alias="datasetId", min_length=1)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
