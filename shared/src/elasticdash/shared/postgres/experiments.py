"""Experiments, which are dataset runs, and their items by the time they ran."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres.models.dataset_runs import DatasetRunItemRow, DatasetRunRow

_COLUMNS: Mapping[str, InstrumentedAttribute[Any]] = {
    "experiment_id": DatasetRunRow.id,
    "experiment_name": DatasetRunRow.name,
    "dataset_id": DatasetRunRow.dataset_id,
    "item_id": DatasetRunItemRow.dataset_item_id,
}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """One column that must be, or must not be, one of some texts; no texts: that must, or must not, be null."""

    column: str
    texts: Sequence[str]
    is_negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentFilter:
    """Which items count: those that started from `since` (inclusive) until `until`, and pass all that narrows."""

    since: datetime
    until: datetime | None = None
    narrowings: Sequence[Narrowing] = field(default_factory=tuple[Narrowing, ...])


class Position(NamedTuple):
    """The last row of a page: the next page begins after it, newest first."""

    at: datetime
    id: str


class Experiment(NamedTuple):
    """A run with what its items in the asked time say: the first start, the last end, and how many they are."""

    run: DatasetRunRow
    start_time: datetime
    end_time: datetime
    item_count: int


class Place(NamedTuple):
    """Where what an experiment made of an item is: a trace, or an observation in it."""

    trace_id: str
    observation_id: str | None


class ExperimentItemRow(NamedTuple):
    """One item with the run it is of."""

    item: DatasetRunItemRow
    run: DatasetRunRow


async def list_after(
    session: AsyncSession, scope: ProjectScope, wanted: ExperimentFilter, position: Position | None, limit: int
) -> Sequence[Experiment]:
    """The `limit` experiments after a position (None: from the newest), the one last active first."""
    last_end = func.max(func.coalesce(DatasetRunItemRow.end_time, DatasetRunItemRow.start_time))
    statement = (
        select(DatasetRunRow, func.min(DatasetRunItemRow.start_time), last_end, func.count())
        .join(DatasetRunItemRow, _is_of_run())
        .where(*_conditions(scope, wanted))
        .group_by(DatasetRunRow.project_id, DatasetRunRow.id)
        .order_by(last_end.desc(), DatasetRunRow.id.desc())
        .limit(limit)
    )
    if position is not None:
        is_after = or_(last_end < position.at, (last_end == position.at) & (DatasetRunRow.id < position.id))
        statement = statement.having(is_after)
    return [Experiment(*row) for row in await session.execute(statement)]


async def list_items_after(
    session: AsyncSession, scope: ProjectScope, wanted: ExperimentFilter, position: Position | None, limit: int
) -> Sequence[ExperimentItemRow]:
    """The `limit` items after a position (None: from the newest), newest first."""
    start, id_ = DatasetRunItemRow.start_time, DatasetRunItemRow.id
    statement = (
        select(DatasetRunItemRow, DatasetRunRow)
        .join(DatasetRunRow, _is_of_run())
        .where(*_conditions(scope, wanted))
        .order_by(start.desc(), id_.desc())
        .limit(limit)
    )
    if position is not None:
        statement = statement.where(or_(start < position.at, (start == position.at) & (id_ < position.id)))
    return [ExperimentItemRow(*row) for row in await session.execute(statement)]


async def places(
    session: AsyncSession, scope: ProjectScope, narrowing: Narrowing | None, limit: int
) -> Sequence[Place]:
    """Where up to `limit` items of experiments are, in no order; None: of all."""
    statement = (
        select(DatasetRunItemRow.trace_id, DatasetRunItemRow.observation_id)
        .join(DatasetRunRow, _is_of_run())
        .where(DatasetRunItemRow.project_id == scope.project_id)
        .limit(limit)
    )
    if narrowing is not None:
        statement = statement.where(_narrowed(narrowing))
    return [Place(*row) for row in await session.execute(statement)]


def _is_of_run() -> ColumnElement[bool]:
    return (DatasetRunItemRow.project_id == DatasetRunRow.project_id) & (
        DatasetRunItemRow.dataset_run_id == DatasetRunRow.id
    )


def _conditions(scope: ProjectScope, wanted: ExperimentFilter) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        DatasetRunItemRow.project_id == scope.project_id,
        DatasetRunItemRow.start_time >= wanted.since,
        *(_narrowed(narrowing) for narrowing in wanted.narrowings),
    ]
    if wanted.until is not None:
        conditions.append(DatasetRunItemRow.start_time < wanted.until)
    return conditions


def _narrowed(narrowing: Narrowing) -> ColumnElement[bool]:
    column = _COLUMNS[narrowing.column]
    if not narrowing.texts:
        return column.is_not(None) if narrowing.is_negated else column.is_(None)
    is_one = column.in_(narrowing.texts)
    # What there is none of is none of these.
    return or_(column.is_(None), ~is_one) if narrowing.is_negated else is_one
