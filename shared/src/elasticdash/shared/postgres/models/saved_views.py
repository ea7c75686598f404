"""Table of what people saved to look at again."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from elasticdash.shared.postgres.models.columns import JSON_VALUE, Row, UtcDateTime


class SavedViewRow(Row):
    """A list of traces narrowed down, or a chart of the dashboard: `kind` says which, `content` is the page's own."""

    __tablename__ = "saved_views"

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    name: Mapped[str]
    content: Mapped[Any] = mapped_column(JSON_VALUE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
