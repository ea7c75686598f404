"""Datasets and their items as the pages show them."""

from collections.abc import Sequence
from typing import Any

from elasticdash.shared.postgres.dataset_items import NamedItem
from elasticdash.shared.postgres.experiments import ExperimentItemRow
from elasticdash.shared.postgres.models.datasets import DatasetItemRow, DatasetRow
from elasticdash.web.ui_api.datasets.schemas import (
    DatasetDetailShape,
    DatasetItemRowShape,
    DatasetItemRunShape,
    DatasetItemShape,
    DatasetShape,
)
from elasticdash.web.views import stored_json

PREVIEW_CHARACTERS = 300


def dataset(row: DatasetRow, items: int, runs: int) -> DatasetShape:
    """A dataset in the list."""
    return DatasetShape(
        id=row.id,
        name=row.name,
        description=row.description,
        items=items,
        runs=runs,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def dataset_detail(row: DatasetRow, items: int, runs: int) -> DatasetDetailShape:
    """One dataset with all that is kept of it."""
    return DatasetDetailShape(
        **dict(dataset(row, items, runs)),
        metadata=row.details,
        input_schema=row.input_schema,
        expected_output_schema=row.expected_output_schema,
    )


def item_row(row: DatasetItemRow) -> DatasetItemRowShape:
    """An item with the start of its texts."""
    return _item(row, PREVIEW_CHARACTERS)


def item_detail(item: NamedItem, made: Sequence[ExperimentItemRow]) -> DatasetItemShape:
    """An item with its whole texts and what runs made of it."""
    row = item.row
    return DatasetItemShape(
        **dict(_item(row, None)),
        dataset_id=row.dataset_id,
        dataset_name=item.dataset_name,
        status=row.status,  # pyright: ignore[reportArgumentType] the store holds what was checked
        metadata=stored_json.text_of(row.details),
        created_at=row.created_at,
        runs=[
            DatasetItemRunShape(
                run_id=run.id,
                run_name=run.name,
                trace_id=link.trace_id,
                observation_id=link.observation_id,
                start_time=link.start_time,
            )
            for link, run in made
        ],
    )


def _item(row: DatasetItemRow, characters: int | None) -> DatasetItemRowShape:
    return DatasetItemRowShape(
        id=row.id,
        input=_start_of(row.input, characters),
        expected_output=_start_of(row.expected_output, characters),
        source_trace_id=row.source_trace_id,
        source_observation_id=row.source_observation_id,
        updated_at=row.valid_from,
    )


def _start_of(value: Any, characters: int | None) -> str | None:
    text = stored_json.text_of(value)
    return None if text is None else text[:characters]
