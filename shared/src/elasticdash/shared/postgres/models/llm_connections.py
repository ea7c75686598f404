"""Table of connections to providers of models."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from elasticdash.shared.postgres.models.columns import JSON_VALUE, Row, UtcDateTime


class LlmConnectionRow(Row):
    """One provider of one project. Secret and header values are encrypted with the key that `key_id` names."""

    __tablename__ = "llm_connections"
    __table_args__ = (UniqueConstraint("project_id", "provider"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    provider: Mapped[str]
    adapter: Mapped[str]
    key_id: Mapped[str] = mapped_column(index=True)
    encrypted_secret: Mapped[str]
    encrypted_headers: Mapped[str | None]
    display_secret_key: Mapped[str]
    extra_header_keys: Mapped[list[str]] = mapped_column(JSON_VALUE)
    base_url: Mapped[str | None]
    custom_models: Mapped[list[str]] = mapped_column(JSON_VALUE)
    with_default_models: Mapped[bool]
    config: Mapped[dict[str, Any] | None] = mapped_column(JSON_VALUE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
