"""Runs over datasets, which are experiments: made by a link of an item to a trace, or by the spans of an experiment."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import audit
from elasticdash.shared.postgres.audit import Change
from elasticdash.shared.postgres.models.dataset_runs import DatasetRunItemRow, DatasetRunRow

_ROWS_PER_STATEMENT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFields:
    """A run. `dataset_id` None: over items that are in no dataset."""

    id: str
    name: str
    description: str | None
    details: Any
    dataset_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a run made of an item. Times are those of the observation, or of the link while it was not seen."""

    run_id: str
    item_id: str
    trace_id: str
    observation_id: str | None
    item_version: datetime | None
    start_time: datetime
    end_time: datetime | None

    @property
    def id(self) -> str:
        """The same however often, and by whom, the same is said."""
        return ids.derived_id(self.run_id, self.item_id, self.trace_id, self.observation_id or "")


async def list_page(
    session: AsyncSession, scope: ProjectScope, dataset_id: str, *, offset: int, limit: int
) -> tuple[Sequence[DatasetRunRow], int]:
    """Runs of a dataset, newest first, and how many there are in all."""
    conditions = _of_dataset(scope, dataset_id)
    total = await session.scalar(select(func.count()).select_from(DatasetRunRow).where(*conditions))
    newest_first = (DatasetRunRow.created_at.desc(), DatasetRunRow.id)
    rows = await session.scalars(
        select(DatasetRunRow).where(*conditions).order_by(*newest_first).offset(offset).limit(limit)
    )
    return rows.all(), total or 0


async def list_names(session: AsyncSession, scope: ProjectScope, dataset_ids: Sequence[str]) -> dict[str, list[str]]:
    """Names of runs, newest first, by the datasets they are over; empty for one without any."""
    found: dict[str, list[str]] = {id_: [] for id_ in dataset_ids}
    rows = await session.scalars(
        select(DatasetRunRow)
        .where(DatasetRunRow.project_id == scope.project_id, DatasetRunRow.dataset_id.in_(dataset_ids))
        .order_by(DatasetRunRow.created_at.desc(), DatasetRunRow.id)
    )
    for row in rows:
        found[row.dataset_id or ""].append(row.name)
    return found


async def count_of(session: AsyncSession, scope: ProjectScope, dataset_ids: Sequence[str]) -> dict[str, int]:
    """How many runs there are over these datasets, by dataset; 0 for one without any."""
    rows = await session.execute(
        select(DatasetRunRow.dataset_id, func.count())
        .where(DatasetRunRow.project_id == scope.project_id, DatasetRunRow.dataset_id.in_(dataset_ids))
        .group_by(DatasetRunRow.dataset_id)
    )
    return dict.fromkeys(dataset_ids, 0) | {dataset_id or "": count for dataset_id, count in rows}


async def get_by_id(session: AsyncSession, scope: ProjectScope, run_id: str) -> DatasetRunRow:
    """One run, over a dataset or not. NotFoundError when the project has none with this id."""
    row = await session.get(DatasetRunRow, (scope.project_id, run_id))
    if row is None:
        raise errors.NotFoundError("This run does not exist, was deleted, or has not arrived yet")
    return row


async def get(session: AsyncSession, scope: ProjectScope, dataset_id: str, *names: str) -> DatasetRunRow:
    """The run of a dataset by the first of these names that one has, the newest of that name. NotFoundError: none."""
    for name in names:
        row = await session.scalar(
            select(DatasetRunRow)
            .where(*_of_dataset(scope, dataset_id), DatasetRunRow.name == name)
            .order_by(DatasetRunRow.created_at.desc(), DatasetRunRow.id)
            .limit(1)
        )
        if row is not None:
            return row
    raise errors.NotFoundError("Dataset run not found")


async def list_items(
    session: AsyncSession, scope: ProjectScope, run_id: str, *, offset: int = 0, limit: int | None = None
) -> tuple[Sequence[DatasetRunItemRow], int]:
    """What a run made of its items, newest first, and how many there are in all."""
    of_run = (DatasetRunItemRow.project_id == scope.project_id, DatasetRunItemRow.dataset_run_id == run_id)
    total = await session.scalar(select(func.count()).select_from(DatasetRunItemRow).where(*of_run))
    newest_first = (DatasetRunItemRow.created_at.desc(), DatasetRunItemRow.id)
    rows = await session.scalars(
        select(DatasetRunItemRow).where(*of_run).order_by(*newest_first).offset(offset).limit(limit)
    )
    return rows.all(), total or 0


async def link(
    session: AsyncSession, scope: ProjectScope, run: RunFields, said: Link, at: datetime
) -> DatasetRunItemRow:
    """Note that a run worked on an item; returns that note. A run that exists stays as it is."""
    await add(session, scope, [run], [said], at)
    return await session.get_one(DatasetRunItemRow, (scope.project_id, said.id))


async def add(
    session: AsyncSession, scope: ProjectScope, runs: Sequence[RunFields], links: Sequence[Link], at: datetime
) -> None:
    """Store the runs that are not there yet, then what they made of items.

    A link that is there already learns what was unknown, and the observation's times.
    """
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    # In one order, so that two writers wait for each other only once; each once, as a statement may say it.
    run_rows = {run.id: _run_columns(scope, run, at) for run in sorted(runs, key=lambda run: run.id)}
    for part in _parts(run_rows):
        await session.execute(dialect.insert(DatasetRunRow).values(part).on_conflict_do_nothing())
    link_rows = {said.id: _link_columns(scope, said, at) for said in sorted(links, key=lambda said: said.id)}
    for part in _parts(link_rows):
        statement = dialect.insert(DatasetRunItemRow).values(part)
        new, stored = statement.excluded, DatasetRunItemRow
        changes: Mapping[str, Any] = {
            "start_time": case((new.end_time.is_not(None), new.start_time), else_=stored.start_time),
            "end_time": func.coalesce(new.end_time, stored.end_time),
            "item_version": func.coalesce(stored.item_version, new.item_version),
        }
        await session.execute(statement.on_conflict_do_update(index_elements=["project_id", "id"], set_=changes))


async def delete_run(session: AsyncSession, scope: ProjectScope, row: DatasetRunRow, change: Change) -> None:
    """Delete a run with what it made of its items; traces and scores stay."""
    await session.delete(row)
    await session.flush()
    await audit.record(
        session,
        change,
        action="delete",
        resource_type="datasetRun",
        resource_id=row.id,
        project_id=scope.project_id,
    )


async def delete_links_of(session: AsyncSession, scope: ProjectScope, item_id: str) -> None:
    """Delete what any run made of an item."""
    await session.execute(
        delete(DatasetRunItemRow).where(
            DatasetRunItemRow.project_id == scope.project_id, DatasetRunItemRow.dataset_item_id == item_id
        )
    )


def _of_dataset(scope: ProjectScope, dataset_id: str) -> Sequence[ColumnElement[bool]]:
    return (DatasetRunRow.project_id == scope.project_id, DatasetRunRow.dataset_id == dataset_id)


def _run_columns(scope: ProjectScope, run: RunFields, at: datetime) -> dict[str, Any]:
    return {
        "project_id": scope.project_id,
        "id": run.id,
        "name": run.name,
        "description": run.description,
        "details": run.details,
        "dataset_id": run.dataset_id,
        "created_at": at,
        "updated_at": at,
    }


def _link_columns(scope: ProjectScope, said: Link, at: datetime) -> dict[str, Any]:
    return {
        "project_id": scope.project_id,
        "id": said.id,
        "dataset_run_id": said.run_id,
        "dataset_item_id": said.item_id,
        "trace_id": said.trace_id,
        "observation_id": said.observation_id,
        "item_version": said.item_version,
        "start_time": said.start_time,
        "end_time": said.end_time,
        "created_at": at,
        "updated_at": at,
    }


def _parts(rows: Mapping[str, dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    """The rows in statements that stay within the engines' number of parameters."""
    values = iter(rows.values())
    while part := list(itertools.islice(values, _ROWS_PER_STATEMENT)):
        yield part
