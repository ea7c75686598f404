"""Table of organizations: who owns projects."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from elasticdash.shared.postgres.models.columns import Row, UtcDateTime


class OrganizationRow(Row):
    """One organization. A deleted one keeps its row for the rows of its deleted projects."""

    __tablename__ = "organizations"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
