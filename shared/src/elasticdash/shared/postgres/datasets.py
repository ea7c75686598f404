"""Datasets of a project: created and changed by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids, json_schema
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import audit, locks
from elasticdash.shared.postgres.audit import Change
from elasticdash.shared.postgres.models.datasets import DatasetRow


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFields:
    """What a sender says about a dataset; None leaves what it is, as SDKs send null for what nobody gave."""

    name: str
    description: str | None = None
    details: Any = None
    input_schema: Any = None
    expected_output_schema: Any = None


async def list_page(
    session: AsyncSession, scope: ProjectScope, *, offset: int, limit: int
) -> tuple[Sequence[DatasetRow], int]:
    """Datasets, newest first, and how many there are in all."""
    of_project = DatasetRow.project_id == scope.project_id
    total = await session.scalar(select(func.count()).select_from(DatasetRow).where(of_project))
    newest_first = (DatasetRow.created_at.desc(), DatasetRow.id)
    rows = await session.scalars(
        select(DatasetRow).where(of_project).order_by(*newest_first).offset(offset).limit(limit)
    )
    return rows.all(), total or 0


async def find(session: AsyncSession, scope: ProjectScope, name: str) -> DatasetRow | None:
    """The dataset of this name; None when the project has none."""
    return await session.scalar(
        select(DatasetRow).where(DatasetRow.project_id == scope.project_id, DatasetRow.name == name)
    )


async def get(session: AsyncSession, scope: ProjectScope, *names: str) -> DatasetRow:
    """The dataset of the first of these names that there is one of. NotFoundError when the project has none."""
    for name in names:
        if (row := await find(session, scope, name)) is not None:
            return row
    raise errors.NotFoundError("Dataset not found")


async def find_by_id(session: AsyncSession, scope: ProjectScope, dataset_id: str) -> DatasetRow | None:
    """The dataset of this id; None when the project has none."""
    return await session.scalar(
        select(DatasetRow).where(DatasetRow.project_id == scope.project_id, DatasetRow.id == dataset_id)
    )


async def names_of(session: AsyncSession, scope: ProjectScope, dataset_ids: Sequence[str]) -> dict[str, str]:
    """Names by id; datasets the project does not have are left out."""
    rows = await session.execute(
        select(DatasetRow.id, DatasetRow.name).where(
            DatasetRow.project_id == scope.project_id, DatasetRow.id.in_(dataset_ids)
        )
    )
    return {row.id: row.name for row in rows}


async def upsert(session: AsyncSession, scope: ProjectScope, fields: DatasetFields, change: Change) -> DatasetRow:
    """The dataset of this name as it is afterwards. InvalidRequestError when a schema can't be used.

    Whether items fit a new schema is for `dataset_items.require_fitting` to say.
    """
    given = _given(fields)
    for column, field in (("input_schema", "inputSchema"), ("expected_output_schema", "expectedOutputSchema")):
        if column in given:
            json_schema.require_schema(field, given[column])
    await locks.hold(session, "dataset", scope.project_id, fields.name)
    row = await find(session, scope, fields.name)
    action: audit.Action = "create" if row is None else "update"
    if row is None:
        row = DatasetRow(
            id=ids.new_id(), project_id=scope.project_id, name=fields.name, created_at=change.at, updated_at=change.at
        )
        session.add(row)
    elif all(getattr(row, column) == value for column, value in given.items()):
        return row
    for column, value in given.items():
        setattr(row, column, value)
    row.updated_at = change.at
    await session.flush()
    await audit.record(
        session, change, action=action, resource_type="dataset", resource_id=row.id, project_id=scope.project_id
    )
    return row


def _given(fields: DatasetFields) -> dict[str, Any]:
    columns = ("description", "details", "input_schema", "expected_output_schema")
    return {column: value for column in columns if (value := getattr(fields, column)) is not None}
