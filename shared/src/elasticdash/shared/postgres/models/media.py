"""Tables of media: files by their content, and where in traces and dataset items they belong."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from elasticdash.shared.postgres.models.columns import Row, UtcDateTime


class MediaRow(Row):
    """One file of a project. `id` comes from `sha256`, which is in base64; `uploaded_at` is None until it is there.

    `upload_status` is the HTTP status the client reported of its upload, None before that. `unlinked_at` is a hint:
    since when the file seems to belong to nothing.
    """

    __tablename__ = "media"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    content_type: Mapped[str]
    length_bytes: Mapped[int] = mapped_column(BigInteger)
    uploaded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    upload_status: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    unlinked_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


class MediaLinkRow(Row):
    """One place a file belongs to: a field of a trace, of one of its observations, or of a dataset item."""

    __tablename__ = "media_links"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "media_id"], ["media.project_id", "media.id"], ondelete="CASCADE"),
        Index(None, "project_id", "media_id"),
        Index(None, "project_id", "trace_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str]
    media_id: Mapped[str]
    trace_id: Mapped[str | None]
    observation_id: Mapped[str | None]
    dataset_id: Mapped[str | None]
    dataset_item_id: Mapped[str | None]
    field: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
