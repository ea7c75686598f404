"""What experiments made of items, item by item, so that experiments can stand side by side."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres.models.dataset_runs import DatasetRunItemRow


class Extent(NamedTuple):
    """How much an experiment did, and when; times are None for one that did nothing."""

    items: int
    start_time: datetime | None
    end_time: datetime | None


class Place(NamedTuple):
    """The trace an item led to, and the observation in it that is about the item, if one is named."""

    trace_id: str
    observation_id: str | None


async def get_extent(session: AsyncSession, scope: ProjectScope, run_id: str) -> Extent:
    """How many items an experiment worked on, its first start and its last end."""
    last_end = func.max(func.coalesce(DatasetRunItemRow.end_time, DatasetRunItemRow.start_time))
    found = await session.execute(
        select(
            func.count(DatasetRunItemRow.dataset_item_id.distinct()), func.min(DatasetRunItemRow.start_time), last_end
        ).where(*_of_runs(scope, [run_id]))
    )
    return Extent(*found.one())


async def list_places(session: AsyncSession, scope: ProjectScope, run_id: str) -> Sequence[Place]:
    """Where all that an experiment did can be seen, by trace."""
    found = await session.execute(
        select(DatasetRunItemRow.trace_id, DatasetRunItemRow.observation_id)
        .where(*_of_runs(scope, [run_id]))
        .order_by(DatasetRunItemRow.trace_id, DatasetRunItemRow.observation_id)
    )
    return [Place(*row) for row in found]


async def list_item_ids(
    session: AsyncSession, scope: ProjectScope, run_ids: Sequence[str], *, offset: int, limit: int
) -> Sequence[str]:
    """Ids of items that any of these experiments worked on, in the order of their first turn."""
    item_id = DatasetRunItemRow.dataset_item_id
    found = await session.scalars(
        select(item_id)
        .where(*_of_runs(scope, run_ids))
        .group_by(item_id)
        .order_by(func.min(DatasetRunItemRow.start_time), item_id)
        .offset(offset)
        .limit(limit)
    )
    return found.all()


async def list_of_items(
    session: AsyncSession, scope: ProjectScope, run_ids: Sequence[str], item_ids: Sequence[str]
) -> Sequence[DatasetRunItemRow]:
    """All that these experiments made of these items, oldest first."""
    found = await session.scalars(
        select(DatasetRunItemRow)
        .where(*_of_runs(scope, run_ids), DatasetRunItemRow.dataset_item_id.in_(item_ids))
        .order_by(DatasetRunItemRow.start_time, DatasetRunItemRow.id)
    )
    return found.all()


def _of_runs(scope: ProjectScope, run_ids: Sequence[str]) -> Sequence[ColumnElement[bool]]:
    return (DatasetRunItemRow.project_id == scope.project_id, DatasetRunItemRow.dataset_run_id.in_(run_ids))
