"""Tables of dataset runs, which are experiments, and of what each run made of which item."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from elasticdash.shared.postgres.models.columns import JSON_VALUE, Row, UtcDateTime


class DatasetRunRow(Row):
    """One run: over a dataset, or over items that only its spans know, then without `dataset_id`."""

    __tablename__ = "dataset_runs"
    __table_args__ = (Index("ix_dataset_runs_project_id_dataset_id", "project_id", "dataset_id"),)

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str | None]
    details: Mapped[Any] = mapped_column(JSON_VALUE, nullable=True)
    # Spans may name any dataset: no foreign key.
    dataset_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DatasetRunItemRow(Row):
    """The trace, or the observation in it, that a run made of an item.

    Times are those of the observation where it was seen, else that of the link; `item_version` is a time too.
    """

    __tablename__ = "dataset_run_items"
    __table_args__ = (
        ForeignKeyConstraint(
            ["project_id", "dataset_run_id"], ["dataset_runs.project_id", "dataset_runs.id"], ondelete="CASCADE"
        ),
        Index("ix_dataset_run_items_project_id_dataset_run_id", "project_id", "dataset_run_id"),
        Index("ix_dataset_run_items_project_id_start_time", "project_id", "start_time"),
        Index("ix_dataset_run_items_project_id_dataset_item_id", "project_id", "dataset_item_id"),
    )

    project_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    dataset_run_id: Mapped[str]
    dataset_item_id: Mapped[str]
    trace_id: Mapped[str]
    observation_id: Mapped[str | None]
    item_version: Mapped[datetime | None] = mapped_column(UtcDateTime)
    start_time: Mapped[datetime] = mapped_column(UtcDateTime)
    end_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
