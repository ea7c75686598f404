"""Tables of datasets and their items: one row for each version of an item."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from elasticdash.shared.postgres.models.columns import JSON_VALUE, Row, UtcDateTime


class DatasetRow(Row):
    """A named collection of items. Schemas, where there are some, are JSON Schemas that items fit."""

    __tablename__ = "datasets"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]
    description: Mapped[str | None]
    details: Mapped[Any] = mapped_column(JSON_VALUE, nullable=True)
    input_schema: Mapped[Any] = mapped_column(JSON_VALUE, nullable=True)
    expected_output_schema: Mapped[Any] = mapped_column(JSON_VALUE, nullable=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DatasetItemRow(Row):
    """An item as it was from `valid_from` until `valid_until`, None for now. Times are whole milliseconds."""

    __tablename__ = "dataset_items"
    __table_args__ = (Index("ix_dataset_items_dataset_id_created_at", "dataset_id", "created_at"),)

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dataset_id: Mapped[str] = mapped_column(ForeignKey("datasets.id", ondelete="CASCADE"))
    status: Mapped[str]
    input: Mapped[Any] = mapped_column(JSON_VALUE, nullable=True)
    expected_output: Mapped[Any] = mapped_column(JSON_VALUE, nullable=True)
    details: Mapped[Any] = mapped_column(JSON_VALUE, nullable=True)
    source_trace_id: Mapped[str | None]
    source_observation_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
