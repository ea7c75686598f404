"""Score configs of a project: created and changed over the API, looked up when scores are checked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.domain.score_rules import ScoreCategory, ScoreConfigRule
from elasticdash.shared.domain.scores import ScoreDataType
from elasticdash.shared.postgres import audit, locks
from elasticdash.shared.postgres.audit import Change
from elasticdash.shared.postgres.models.score_configs import ScoreConfigRow

_BOOLEAN_CATEGORIES = (ScoreCategory("True", 1), ScoreCategory("False", 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreConfigFields:
    """What a sender decides about a score config."""

    name: str
    data_type: ScoreDataType
    is_archived: bool = False
    min_value: float | None = None
    max_value: float | None = None
    categories: Sequence[ScoreCategory] | None = None
    description: str | None = None


async def list_page(
    session: AsyncSession, scope: ProjectScope, *, offset: int, limit: int
) -> tuple[Sequence[ScoreConfigRow], int]:
    """Score configs, newest first, and how many there are in all."""
    of_project = ScoreConfigRow.project_id == scope.project_id
    total = await session.scalar(select(func.count()).select_from(ScoreConfigRow).where(of_project))
    newest_first = (ScoreConfigRow.created_at.desc(), ScoreConfigRow.id)
    rows = await session.scalars(
        select(ScoreConfigRow).where(of_project).order_by(*newest_first).offset(offset).limit(limit)
    )
    return rows.all(), total or 0


async def get(session: AsyncSession, scope: ProjectScope, config_id: str) -> ScoreConfigRow:
    """One score config. NotFoundError when the project has none with this id."""
    row = await session.get(ScoreConfigRow, config_id)
    if row is None or row.project_id != scope.project_id:
        raise errors.NotFoundError("Score config not found within authorized project")
    return row


async def find_rules(
    session: AsyncSession, scope: ProjectScope, config_ids: Collection[str]
) -> Mapping[str, ScoreConfigRule]:
    """What scores are checked against, by id; ids the project doesn't have are left out."""
    rows = await session.scalars(
        select(ScoreConfigRow).where(ScoreConfigRow.project_id == scope.project_id, ScoreConfigRow.id.in_(config_ids))
    )
    return {row.id: _rule(row) for row in rows}


async def create(
    session: AsyncSession, scope: ProjectScope, fields: ScoreConfigFields, change: Change
) -> ScoreConfigRow:
    """Store a new score config. InvalidRequestError when its fields don't fit its type."""
    if fields.data_type is ScoreDataType.BOOLEAN:
        if fields.categories is not None:
            raise _broken("categories", "must not be given for BOOLEAN: they are True and False")
        fields = replace(fields, categories=_BOOLEAN_CATEGORIES)
    _check(fields)
    row = ScoreConfigRow(
        id=ids.new_id(), project_id=scope.project_id, created_at=change.at, updated_at=change.at, **_columns(fields)
    )
    session.add(row)
    await session.flush()
    await _record(session, scope, row, change, "create")
    return row


async def update(
    session: AsyncSession, scope: ProjectScope, config_id: str, given: Mapping[str, Any], change: Change
) -> ScoreConfigRow:
    """Change the fields of ScoreConfigFields named in `given`, except the type.

    NotFoundError when the project has none with this id; InvalidRequestError when the result doesn't fit its type.
    """
    await locks.hold(session, "score config", config_id)
    row = await get(session, scope, config_id)
    current = _fields(row)
    if current.data_type is ScoreDataType.BOOLEAN and given.get("categories") is not None:
        raise _broken("categories", "must not be given for BOOLEAN: they are True and False")
    fields = replace(current, **given)
    _check(fields)
    for name, value in _columns(fields).items():
        setattr(row, name, value)
    row.updated_at = change.at
    await session.flush()
    await _record(session, scope, row, change, "update")
    return row


def _check(fields: ScoreConfigFields) -> None:
    is_numeric = fields.data_type is ScoreDataType.NUMERIC
    if not is_numeric and (fields.min_value is not None or fields.max_value is not None):
        raise _broken("minValue", f"bounds are for NUMERIC, not for {fields.data_type}")
    if fields.min_value is not None and fields.max_value is not None and fields.max_value <= fields.min_value:
        raise _broken("maxValue", "must be greater than minValue")
    if fields.data_type not in (ScoreDataType.CATEGORICAL, ScoreDataType.BOOLEAN):
        if fields.categories:
            raise _broken("categories", f"are for CATEGORICAL, not for {fields.data_type}")
        return
    categories = fields.categories or ()
    if not categories:
        raise _broken("categories", "must hold at least one category for CATEGORICAL")
    if len({category.label for category in categories}) < len(categories):
        raise _broken("categories", "labels must differ")
    if len({category.value for category in categories}) < len(categories):
        raise _broken("categories", "values must differ")


def _columns(fields: ScoreConfigFields) -> dict[str, Any]:
    categories = fields.categories
    return {
        "name": fields.name,
        "data_type": fields.data_type.value,
        "is_archived": fields.is_archived,
        "min_value": fields.min_value,
        "max_value": fields.max_value,
        "categories": [{"label": each.label, "value": each.value} for each in categories] if categories else None,
        "description": fields.description,
    }


def _fields(row: ScoreConfigRow) -> ScoreConfigFields:
    rule = _rule(row)
    return ScoreConfigFields(
        name=rule.name,
        data_type=rule.data_type,
        is_archived=rule.is_archived,
        min_value=rule.min_value,
        max_value=rule.max_value,
        categories=rule.categories or None,
        description=row.description,
    )


def _rule(row: ScoreConfigRow) -> ScoreConfigRule:
    return ScoreConfigRule(
        id=row.id,
        name=row.name,
        data_type=ScoreDataType(row.data_type),
        is_archived=row.is_archived,
        min_value=row.min_value,
        max_value=row.max_value,
        categories=tuple(ScoreCategory(each["label"], each["value"]) for each in row.categories or ()),
    )


def _broken(field: str, rule: str) -> errors.InvalidRequestError:
    return errors.InvalidRequestError("Invalid request data", [errors.FieldIssue((field,), rule)])


async def _record(
    session: AsyncSession, scope: ProjectScope, row: ScoreConfigRow, change: Change, action: audit.Action
) -> None:
    await audit.record(
        session, change, action=action, resource_type="scoreConfig", resource_id=row.id, project_id=scope.project_id
    )
