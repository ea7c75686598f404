"""The models a project's observations are priced by: defined over the API, read by the worker."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors
from elasticdash.shared.domain import tiers_json
from elasticdash.shared.domain.models import ModelDefinition
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres import audit, locks
from elasticdash.shared.postgres.audit import Change
from elasticdash.shared.postgres.models.model_definitions import ModelDefinitionRow

State = tuple[int, datetime | None]


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A project's own definition, and since when it exists."""

    definition: ModelDefinition
    created_at: datetime


async def state(session: AsyncSession, scope: ProjectScope) -> State:
    """A value that changes whenever a model of the project is added, changed or removed."""
    found = await session.execute(
        select(func.count(), func.max(ModelDefinitionRow.updated_at)).where(
            ModelDefinitionRow.project_id == scope.project_id
        )
    )
    count, latest = found.one()
    return count, latest


async def definitions(session: AsyncSession, scope: ProjectScope) -> Sequence[ModelDefinition]:
    """The project's own models, by name."""
    return [stored.definition for stored in await list_stored(session, scope)]


async def list_stored(session: AsyncSession, scope: ProjectScope) -> Sequence[StoredModel]:
    """The project's own models with their age, by name."""
    rows = await session.scalars(
        select(ModelDefinitionRow)
        .where(ModelDefinitionRow.project_id == scope.project_id)
        .order_by(ModelDefinitionRow.model_name, ModelDefinitionRow.id)
    )
    return [_stored(row) for row in rows]


async def find(session: AsyncSession, scope: ProjectScope, model_id: str) -> StoredModel | None:
    """One of the project's own models."""
    row = await session.get(ModelDefinitionRow, (scope.project_id, model_id))
    return _stored(row) if row else None


async def save(session: AsyncSession, scope: ProjectScope, definition: ModelDefinition, change: Change) -> StoredModel:
    """Store a valid definition, in the place of the one with its id if there is one.

    InvalidRequestError when another one has the same name, start date and unit.
    """
    await locks.hold(session, "models", scope.project_id)
    await _check_unique(session, scope, definition)
    row = await session.get(ModelDefinitionRow, (scope.project_id, definition.id))
    is_new = row is None
    if row is None:
        row = ModelDefinitionRow(id=definition.id, project_id=scope.project_id, created_at=change.at)
        session.add(row)
    for name, value in _columns(definition).items():
        setattr(row, name, value)
    row.updated_at = change.at
    await session.flush()
    await _record(session, scope, definition.id, change, "create" if is_new else "update")
    return _stored(row)


async def delete(session: AsyncSession, scope: ProjectScope, model_id: str, change: Change) -> None:
    """Remove one of the project's own models. NotFoundError when it has none with this id."""
    row = await session.get(ModelDefinitionRow, (scope.project_id, model_id))
    if row is None:
        raise errors.NotFoundError("No model with this id found")
    await session.delete(row)
    await session.flush()
    await _record(session, scope, model_id, change, "delete")


async def _check_unique(session: AsyncSession, scope: ProjectScope, definition: ModelDefinition) -> None:
    same = select(ModelDefinitionRow.id).where(
        ModelDefinitionRow.project_id == scope.project_id,
        ModelDefinitionRow.id != definition.id,
        ModelDefinitionRow.model_name == definition.name,
        ModelDefinitionRow.start_date.is_not_distinct_from(definition.start_date),
        ModelDefinitionRow.unit.is_not_distinct_from(definition.unit),
    )
    if await session.scalar(same.limit(1)) is not None:
        issue = errors.FieldIssue(("modelName",), "a model with this name, start date and unit exists")
        raise errors.InvalidRequestError("Invalid model definition", [issue])


def _columns(definition: ModelDefinition) -> dict[str, Any]:
    return {
        "model_name": definition.name,
        "match_pattern": definition.match_pattern,
        "start_date": definition.start_date,
        "unit": definition.unit,
        "tokenizer_id": definition.tokenizer_id,
        "tokenizer_config": dict(definition.tokenizer_config),
        "pricing_tiers": tiers_json.tiers_json(definition.tiers),
    }


def _stored(row: ModelDefinitionRow) -> StoredModel:
    definition = ModelDefinition(
        id=row.id,
        project_id=row.project_id,
        name=row.model_name,
        match_pattern=row.match_pattern,
        tiers=tiers_json.tiers_from_json(row.pricing_tiers),
        start_date=row.start_date,
        unit=row.unit,
        tokenizer_id=row.tokenizer_id,
        tokenizer_config=row.tokenizer_config or {},
    )
    return StoredModel(definition, row.created_at)


async def _record(
    session: AsyncSession, scope: ProjectScope, model_id: str, change: Change, action: audit.Action
) -> None:
    await audit.record(
        session, change, action=action, resource_type="model", resource_id=model_id, project_id=scope.project_id
    )
