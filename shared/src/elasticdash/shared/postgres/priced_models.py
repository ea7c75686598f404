"""The models a project's observations are priced by, for the worker."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared.domain import tiers_json
from elasticdash.shared.domain.models import ModelDefinition
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.postgres.models.model_definitions import ModelDefinitionRow

State = tuple[int, datetime | None]


async def state(session: AsyncSession, scope: ProjectScope) -> State:
    """A value that changes whenever a model of the project is added, changed or removed."""
    found = await session.execute(
        select(func.count(), func.max(ModelDefinitionRow.updated_at)).where(
            ModelDefinitionRow.project_id == scope.project_id
        )
    )
    count, latest = found.tuples().one()
    return count, latest


async def definitions(session: AsyncSession, scope: ProjectScope) -> Sequence[ModelDefinition]:
    """The project's own models, by name."""
    rows = await session.scalars(
        select(ModelDefinitionRow)
        .where(ModelDefinitionRow.project_id == scope.project_id)
        .order_by(ModelDefinitionRow.model_name, ModelDefinitionRow.id)
    )
    return [
        ModelDefinition(
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
        for row in rows
    ]
