"""Table of model definitions: which names a project's prices apply to."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from elasticdash.shared.postgres.models.columns import JSON_VALUE, Row, UtcDateTime


class ModelDefinitionRow(Row):
    """One model of one project. Prices are USD per unit, as decimal text in `pricing_tiers`.

    A tier is `{id, name, isDefault, priority, conditions, prices}` with prices by usage type; exactly one is the
    default.
    """

    __tablename__ = "models"

    # A sender may choose the id, so one project must not find another's taken.
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    model_name: Mapped[str]
    match_pattern: Mapped[str]
    start_date: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unit: Mapped[str | None]
    tokenizer_id: Mapped[str | None]
    tokenizer_config: Mapped[Any] = mapped_column(JSON_VALUE, nullable=True)
    pricing_tiers: Mapped[list[dict[str, Any]]] = mapped_column(JSON_VALUE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
