"""Table of projects: the border no read crosses."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from elasticdash.shared.postgres.models.columns import JSON_VALUE, Row, UtcDateTime


class ProjectRow(Row):
    """One project. A deleted one keeps its row, so that late events find out."""

    __tablename__ = "projects"

    id: Mapped[str] = mapped_column(primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    retention_days: Mapped[int | None]
    # SQLAlchemy keeps the attribute name `metadata` for itself.
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSON_VALUE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
