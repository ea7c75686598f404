"""Takes over what a Langfuse v3 Postgres holds: organizations, projects, users, keys and what projects define.

Ids stay, so links, keys and prompt references go on working. What exists here already is left as it is.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import ids
from elasticdash.shared.domain import models, tiers_json
from elasticdash.shared.domain.models import PricingTier
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.models.api_keys import ApiKeyRow
from elasticdash.shared.postgres.models.columns import Row
from elasticdash.shared.postgres.models.model_definitions import ModelDefinitionRow
from elasticdash.shared.postgres.models.organization_memberships import OrganizationMembershipRow
from elasticdash.shared.postgres.models.organizations import OrganizationRow
from elasticdash.shared.postgres.models.projects import ProjectRow
from elasticdash.shared.postgres.models.prompts import PromptRow
from elasticdash.shared.postgres.models.score_configs import ScoreConfigRow
from elasticdash.shared.postgres.models.trace_sessions import TraceSessionRow
from elasticdash.shared.postgres.models.users import UserRow

Found = Mapping[str, Any]

# Those that others refer to come first.
_TABLES: Sequence[type[Row]] = (
    OrganizationRow,
    ProjectRow,
    UserRow,
    OrganizationMembershipRow,
    ApiKeyRow,
    ScoreConfigRow,
    PromptRow,
    TraceSessionRow,
)
_RENAMED = {"users": {"password_hash": "password"}}
# A key that was not used since there are fast hashes has only the slow one.
_INSTEAD = {"fast_hashed_secret_key": "hashed_secret_key"}
_DEFAULTS: Found = {"environment": "default", "commit_message": None, "metadata": {}}
_REQUIRED_LISTS = ("tags", "labels")


async def copy(source: Database, target: Database) -> dict[str, int]:
    """Rows added here, by table."""
    async with source.reading() as reading, target.writing() as writing:
        added = {table.__tablename__: await _copy_table(reading, writing, table) for table in _TABLES}
        added["models"] = await _copy_models(reading, writing)
    return added


async def project_ids(source: Database) -> list[str]:
    """Projects of the source that were not deleted, ascending."""
    async with source.reading() as session:
        found = await _rows(session, "projects")
    return sorted(str(row["id"]) for row in found if row.get("deleted_at") is None)


async def _copy_table(reading: AsyncSession, writing: AsyncSession, table: type[Row]) -> int:
    columns = {column.name: attribute for attribute, column in inspect(table).columns.items()}
    renamed = _RENAMED.get(table.__tablename__, {})
    key = [column.name for column in inspect(table).primary_key]
    present = {tuple(row) for row in await writing.execute(select(*inspect(table).primary_key))}
    added = 0
    for found in await _rows(reading, table.__tablename__):
        row = {column: _value(found, renamed.get(column, column), column) for column in columns}
        if tuple(row[column] for column in key) in present:
            continue
        writing.add(table(**{columns[column]: value for column, value in row.items()}))
        added += 1
    await writing.flush()
    return added


async def _copy_models(reading: AsyncSession, writing: AsyncSession) -> int:
    tiers = await _tiers(reading)
    present = {
        tuple(row) for row in await writing.execute(select(ModelDefinitionRow.project_id, ModelDefinitionRow.id))
    }
    added = 0
    for found in await _rows(reading, "models"):
        # Without a project it is one of Langfuse's own, and this Logger has its own.
        if found["project_id"] is None or (found["project_id"], found["id"]) in present:
            continue
        columns = inspect(ModelDefinitionRow).columns.keys()
        row = {column: _value(found, column, column) for column in columns if column != "pricing_tiers"}
        writing.add(ModelDefinitionRow(**row, pricing_tiers=tiers_json.tiers_json(tiers[found["id"]])))
        added += 1
    await writing.flush()
    return added


async def _tiers(session: AsyncSession) -> Mapping[str, Sequence[PricingTier]]:
    """Price tiers by model id; prices without a tier make the default one."""
    prices: dict[tuple[str, str | None], dict[str, Decimal]] = defaultdict(dict)
    for found in await _rows(session, "prices"):
        prices[found["model_id"], found.get("pricing_tier_id")][found["usage_type"]] = Decimal(found["price"])
    tiers: dict[str, list[PricingTier]] = defaultdict(list)
    for found in await _rows(session, "pricing_tiers"):
        stored: Found = {
            "id": found["id"],
            "name": found["name"],
            "isDefault": found["is_default"],
            "priority": found["priority"],
            "conditions": found["conditions"] or [],
            "prices": {key: str(price) for key, price in prices.pop((found["model_id"], found["id"]), {}).items()},
        }
        tiers[found["model_id"]] += tiers_json.tiers_from_json([stored])
    for (model_id, _), of_model in prices.items():
        if not any(tier.is_default for tier in tiers[model_id]):
            tiers[model_id].append(_default_tier(model_id, of_model))
    return tiers


def _default_tier(model_id: str, prices: Mapping[str, Decimal]) -> PricingTier:
    return PricingTier(
        id=ids.derived_id("pricing_tier", model_id, models.DEFAULT_TIER_NAME),
        name=models.DEFAULT_TIER_NAME,
        is_default=True,
        priority=0,
        conditions=(),
        prices=prices,
    )


async def _rows(session: AsyncSession, table: str) -> Sequence[Found]:
    """All rows of a table; none where this version of the source does not have it."""
    known = await session.scalar(text("SELECT to_regclass(:name)"), {"name": table})
    if known is None:
        return ()
    # The names are ours, from the list above.
    return [dict(row) for row in (await session.execute(text(f'SELECT * FROM "{table}"'))).mappings()]  # noqa: S608


def _value(found: Found, source_column: str, column: str) -> Any:
    value = found.get(source_column, _DEFAULTS.get(column))
    if value is None and column in _INSTEAD:
        return found.get(_INSTEAD[column])
    if value is None:
        return [] if column in _REQUIRED_LISTS else _DEFAULTS.get(column)
    if isinstance(value, datetime) and value.tzinfo is None:
        # Prisma keeps times in UTC, without saying so.
        return value.replace(tzinfo=UTC)
    return value
