"""Table of who changed what and when."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from elasticdash.shared.postgres.models.columns import Row, UtcDateTime


class AuditLogRow(Row):
    """One change. It refers to nothing, so that it outlives what it tells about."""

    __tablename__ = "audit_logs"
    __table_args__ = (Index(None, "project_id", "created_at"), Index(None, "organization_id", "created_at"))

    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    project_id: Mapped[str | None]
    organization_id: Mapped[str | None]
    actor_type: Mapped[str]
    actor_id: Mapped[str]
    action: Mapped[str]
    resource_type: Mapped[str]
    resource_id: Mapped[str]
