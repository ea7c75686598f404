"""Conditions on JSON columns, for both engines."""

from typing import Any

from sqlalchemy import ColumnElement, Text, cast, exists, func, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from elasticdash.shared.postgres import storable


def list_holds(session: AsyncSession, column: InstrumentedAttribute[list[str]], item: str) -> ColumnElement[bool]:
    """Whether a JSON list of texts holds this one."""
    item = storable.text(item)
    if session.get_bind().dialect.name == "postgresql":
        return type_coerce(column, JSONB).contains([item])
    items: Any = func.json_each(column).table_valued("value")
    return exists(select(1).select_from(items).where(cast(items.c.value, Text) == item))
