"""Table of score configs: the shape a project agreed on for a score."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from elasticdash.shared.postgres.models.columns import JSON_VALUE, Row, UtcDateTime


class ScoreConfigRow(Row):
    """One score config. `categories` is `[{"label": str, "value": number}]` for CATEGORICAL and BOOLEAN."""

    __tablename__ = "score_configs"

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    data_type: Mapped[str]
    is_archived: Mapped[bool]
    min_value: Mapped[float | None]
    max_value: Mapped[float | None]
    categories: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON_VALUE)
    description: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
