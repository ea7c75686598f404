"""Table of comments: what people and programs say about traces, observations, sessions and prompts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from elasticdash.shared.postgres.models.columns import Row, UtcDateTime


class CommentRow(Row):
    """One comment. `trace_id` is the trace it goes with, None for sessions and prompts."""

    __tablename__ = "comments"
    __table_args__ = (
        Index(None, "project_id", "object_type", "object_id"),
        Index(None, "project_id", "trace_id"),
        Index(None, "project_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    object_type: Mapped[str]
    object_id: Mapped[str]
    trace_id: Mapped[str | None]
    content: Mapped[str]
    author_user_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
