"""Items of datasets: each change of one is a new version, and every version can be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids, json_schema
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.errors import FieldIssue
from elasticdash.shared.postgres import audit, locks
from elasticdash.shared.postgres.audit import Change
from elasticdash.shared.postgres.models.datasets import DatasetItemRow, DatasetRow

ACTIVE = "ACTIVE"
_CONTENT = ("status", "input", "expected_output", "details", "source_trace_id", "source_observation_id")
_SHORTEST_VERSION = timedelta(milliseconds=1)
_ITEMS_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFields:
    """What a sender says about an item; None leaves what it is, as SDKs send null for what nobody gave."""

    id: str | None = None
    status: str | None = None
    input: Any = None
    expected_output: Any = None
    details: Any = None
    source_trace_id: str | None = None
    source_observation_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which items a list holds. `at` None means as they are now."""

    dataset_id: str | None = None
    source_trace_id: str | None = None
    source_observation_id: str | None = None
    at: datetime | None = None


class NamedItem(NamedTuple):
    """A version of an item with the name of its dataset."""

    row: DatasetItemRow
    dataset_name: str


async def list_page(
    session: AsyncSession, scope: ProjectScope, wanted: ItemFilter, *, offset: int = 0, limit: int | None = None
) -> tuple[Sequence[NamedItem], int]:
    """Active items, newest first, and how many there are in all."""
    conditions = _conditions(scope, wanted)
    total = await session.scalar(select(func.count()).select_from(DatasetItemRow).where(*conditions))
    newest_first = (DatasetItemRow.created_at.desc(), DatasetItemRow.id)
    found = await session.execute(_named().where(*conditions).order_by(*newest_first).offset(offset).limit(limit))
    return [NamedItem(*item) for item in found], total or 0


async def list_ids(session: AsyncSession, scope: ProjectScope, dataset_ids: Sequence[str]) -> dict[str, list[str]]:
    """Ids of active items, newest first, by the datasets they are in; empty for one without any."""
    found: dict[str, list[str]] = {id_: [] for id_ in dataset_ids}
    rows = await session.execute(
        select(DatasetItemRow.dataset_id, DatasetItemRow.id)
        .where(*_conditions(scope, ItemFilter()), DatasetItemRow.dataset_id.in_(dataset_ids))
        .order_by(DatasetItemRow.created_at.desc(), DatasetItemRow.id)
    )
    for dataset_id, item_id in rows:
        found[dataset_id].append(item_id)
    return found


async def count_of(session: AsyncSession, scope: ProjectScope, dataset_ids: Sequence[str]) -> dict[str, int]:
    """How many active items these datasets have now, by dataset; 0 for one without any."""
    rows = await session.execute(
        select(DatasetItemRow.dataset_id, func.count())
        .where(*_conditions(scope, ItemFilter()), DatasetItemRow.dataset_id.in_(dataset_ids))
        .group_by(DatasetItemRow.dataset_id)
    )
    return dict.fromkeys(dataset_ids, 0) | {row[0]: row[1] for row in rows}


async def get(session: AsyncSession, scope: ProjectScope, item_id: str) -> NamedItem:
    """One item as it is now, archived or not. NotFoundError when the project has none with this id."""
    statement = _named().where(*_is_current(scope), DatasetItemRow.id == item_id)
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise errors.NotFoundError("Dataset item not found")
    return NamedItem(*found)


async def find_versions(
    session: AsyncSession, scope: ProjectScope, wanted: Sequence[tuple[str, datetime]]
) -> dict[tuple[str, datetime], DatasetItemRow]:
    """Items as they were at a time each, by what was asked for; what there was not is left out."""
    item_ids = sorted({item_id for item_id, _ in wanted})
    rows = await session.scalars(
        select(DatasetItemRow)
        .where(DatasetItemRow.project_id == scope.project_id, DatasetItemRow.id.in_(item_ids))
        .order_by(DatasetItemRow.valid_from)
    )
    versions: dict[str, list[DatasetItemRow]] = {}
    for row in rows:
        versions.setdefault(row.id, []).append(row)
    return {(item_id, at): row for item_id, at in wanted for row in versions.get(item_id, ()) if _is_valid_at(row, at)}


async def upsert(
    session: AsyncSession, scope: ProjectScope, dataset: DatasetRow, fields: ItemFields, change: Change
) -> DatasetItemRow:
    """The item as it is afterwards. Saying again what it already says makes no version.

    ConflictError when another dataset has the id; InvalidRequestError when the item lacks an input or breaks a
    schema of its dataset.
    """
    item_id = fields.id or ids.new_id()
    await locks.hold(session, "dataset item", scope.project_id, item_id)
    last = await _last_version(session, scope, item_id)
    if last is not None and last.dataset_id != dataset.id:
        raise errors.ConflictError(f"Dataset item {item_id!r} is in another dataset")
    if fields.id is None and fields.input is None:
        raise errors.InvalidRequestError("Dataset item input cannot be null")
    current = last if last is not None and last.valid_until is None else None
    row = _next_version(scope, dataset, item_id, fields, last, change)
    if current is not None and all(getattr(current, column) == getattr(row, column) for column in _CONTENT):
        return current
    issues = [*_issues(dataset, row)]
    if issues:
        raise errors.InvalidRequestError("Dataset item does not fit the schemas of its dataset", issues)
    if current is not None:
        current.valid_until = row.valid_from
    session.add(row)
    await session.flush()
    await _record(session, scope, item_id, "create" if current is None else "update", change)
    return row


async def delete(session: AsyncSession, scope: ProjectScope, item_id: str, change: Change) -> None:
    """End an item: earlier versions stay readable. NotFoundError when the project has none with this id."""
    await locks.hold(session, "dataset item", scope.project_id, item_id)
    row = (await get(session, scope, item_id)).row
    row.valid_until = max(_millisecond(change.at), row.valid_from + _SHORTEST_VERSION)
    await session.flush()
    await _record(session, scope, item_id, "delete", change)


async def require_fitting(session: AsyncSession, scope: ProjectScope, dataset: DatasetRow) -> None:
    """Nothing when every active item fits the schemas of its dataset; InvalidRequestError about the first else."""
    if dataset.input_schema is None and dataset.expected_output_schema is None:
        return
    conditions = _conditions(scope, ItemFilter(dataset_id=dataset.id))
    after: tuple[datetime, str] | None = None
    while True:
        statement = select(DatasetItemRow).where(*conditions)
        if after is not None:
            statement = statement.where(tuple_(DatasetItemRow.created_at, DatasetItemRow.id) > after)
        in_order = statement.order_by(DatasetItemRow.created_at, DatasetItemRow.id).limit(_ITEMS_AT_ONCE)
        rows = (await session.scalars(in_order)).all()
        if not rows:
            return
        for row in rows:
            issues = [FieldIssue((row.id, *issue.path), issue.message) for issue in _issues(dataset, row)]
            if issues:
                raise errors.InvalidRequestError("Items of the dataset do not fit its new schemas", issues)
        after = (rows[-1].created_at, rows[-1].id)


def _named() -> Select[DatasetItemRow, str]:
    return select(DatasetItemRow, DatasetRow.name).join(DatasetRow, DatasetRow.id == DatasetItemRow.dataset_id)


def _is_current(scope: ProjectScope) -> Sequence[ColumnElement[bool]]:
    return [DatasetItemRow.project_id == scope.project_id, DatasetItemRow.valid_until.is_(None)]


def _conditions(scope: ProjectScope, wanted: ItemFilter) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        DatasetItemRow.project_id == scope.project_id,
        DatasetItemRow.status == ACTIVE,
    ]
    if wanted.at is None:
        conditions.append(DatasetItemRow.valid_until.is_(None))
    else:
        conditions.append(DatasetItemRow.valid_from <= wanted.at)
        conditions.append(or_(DatasetItemRow.valid_until.is_(None), DatasetItemRow.valid_until > wanted.at))
    for column in ("dataset_id", "source_trace_id", "source_observation_id"):
        value = getattr(wanted, column)
        if value is not None:
            conditions.append(getattr(DatasetItemRow, column) == value)
    return conditions


async def _last_version(session: AsyncSession, scope: ProjectScope, item_id: str) -> DatasetItemRow | None:
    return await session.scalar(
        select(DatasetItemRow)
        .where(DatasetItemRow.project_id == scope.project_id, DatasetItemRow.id == item_id)
        .order_by(DatasetItemRow.valid_from.desc())
        .limit(1)
    )


def _next_version(
    scope: ProjectScope,
    dataset: DatasetRow,
    item_id: str,
    fields: ItemFields,
    last: DatasetItemRow | None,
    change: Change,
) -> DatasetItemRow:
    at = _millisecond(change.at)
    current = last if last is not None and last.valid_until is None else None
    if last is not None:
        # Clocks differ: a version never begins before the one it follows has ended.
        at = max(at, last.valid_until or last.valid_from + _SHORTEST_VERSION)
    content = {column: getattr(fields, column) for column in _CONTENT}
    kept = {column: getattr(current, column, None) for column, value in content.items() if value is None}
    content |= kept
    return DatasetItemRow(
        project_id=scope.project_id,
        id=item_id,
        dataset_id=dataset.id,
        valid_from=at,
        created_at=at if current is None else current.created_at,
        **{**content, "status": content["status"] or ACTIVE},
    )


def _issues(dataset: DatasetRow, row: DatasetItemRow) -> Sequence[FieldIssue]:
    issues: list[FieldIssue] = []
    if dataset.input_schema is not None:
        issues += json_schema.issues_of("input", dataset.input_schema, row.input)
    # An item need not expect anything.
    if dataset.expected_output_schema is not None and row.expected_output is not None:
        issues += json_schema.issues_of("expectedOutput", dataset.expected_output_schema, row.expected_output)
    return issues


def _is_valid_at(row: DatasetItemRow, at: datetime) -> bool:
    return row.valid_from <= at and (row.valid_until is None or at < row.valid_until)


def _millisecond(moment: datetime) -> datetime:
    """Cut as answers show it: what a client reads as a version's time is that version's time."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


async def _record(
    session: AsyncSession, scope: ProjectScope, item_id: str, action: audit.Action, change: Change
) -> None:
    await audit.record(
        session, change, action=action, resource_type="datasetItem", resource_id=item_id, project_id=scope.project_id
    )
