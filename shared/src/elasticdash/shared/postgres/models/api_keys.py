"""Table of API keys."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from elasticdash.shared.postgres.models.columns import Row, UtcDateTime


class ApiKeyRow(Row):
    """One key pair of a project or of an organization.

    `secret_hash` is ours, under the pepper that `pepper_id` names; `fast_hashed_secret_key` came with an import, a
    bcrypt hash where there was no fast one, and gives way to it at the first use.
    """

    __tablename__ = "api_keys"
    __table_args__ = (CheckConstraint("(project_id IS NULL) <> (organization_id IS NULL)", name="ck_api_keys_owner"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str | None]
    public_key: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[str | None]
    pepper_id: Mapped[str | None]
    fast_hashed_secret_key: Mapped[str | None]
    display_secret_key: Mapped[str]
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    project_id: Mapped[str | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), index=True)
