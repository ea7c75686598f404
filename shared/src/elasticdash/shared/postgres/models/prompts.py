"""Table of prompts: one row for each version."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from elasticdash.shared.postgres.models.columns import JSON_VALUE, Row, UtcDateTime


class PromptRow(Row):
    """One version of one prompt. A label is on one version at most; tags are the same on all versions."""

    __tablename__ = "prompts"
    __table_args__ = (UniqueConstraint("project_id", "name", "version"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]
    version: Mapped[int]
    type: Mapped[str]
    prompt: Mapped[Any] = mapped_column(JSON_VALUE)
    config: Mapped[Any] = mapped_column(JSON_VALUE, nullable=True)
    tags: Mapped[list[str]] = mapped_column(JSON_VALUE)
    labels: Mapped[list[str]] = mapped_column(JSON_VALUE)
    commit_message: Mapped[str | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
