"""Create datasets with the versions of their items, and the runs over them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"

_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Four tables, empty."""
    _create_datasets()
    _create_dataset_items()
    _create_dataset_runs()
    _create_dataset_run_items()


def _create_datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("details", _JSON, nullable=True),
        sa.Column("input_schema", _JSON, nullable=True),
        sa.Column("expected_output_schema", _JSON, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_datasets_project_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_datasets"),
        sa.UniqueConstraint("project_id", "name", name="uq_datasets_project_id_name"),
    )


def _create_dataset_items() -> None:
    op.create_table(
        "dataset_items",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("valid_from", _TIME, nullable=False),
        sa.Column("valid_until", _TIME, nullable=True),
        sa.Column("dataset_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("input", _JSON, nullable=True),
        sa.Column("expected_output", _JSON, nullable=True),
        sa.Column("details", _JSON, nullable=True),
        sa.Column("source_trace_id", sa.String(), nullable=True),
        sa.Column("source_observation_id", sa.String(), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_dataset_items_project_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name="fk_dataset_items_dataset_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "id", "valid_from", name="pk_dataset_items"),
    )
    op.create_index("ix_dataset_items_dataset_id_created_at", "dataset_items", ["dataset_id", "created_at"])


def _create_dataset_runs() -> None:
    op.create_table(
        "dataset_runs",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("details", _JSON, nullable=True),
        sa.Column("dataset_id", sa.String(), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_dataset_runs_project_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_dataset_runs"),
    )
    op.create_index("ix_dataset_runs_project_id_dataset_id", "dataset_runs", ["project_id", "dataset_id"])


def _create_dataset_run_items() -> None:
    op.create_table(
        "dataset_run_items",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dataset_run_id", sa.String(), nullable=False),
        sa.Column("dataset_item_id", sa.String(), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=False),
        sa.Column("observation_id", sa.String(), nullable=True),
        sa.Column("item_version", _TIME, nullable=True),
        sa.Column("start_time", _TIME, nullable=False),
        sa.Column("end_time", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "dataset_run_id"],
            ["dataset_runs.project_id", "dataset_runs.id"],
            name="fk_dataset_run_items_project_id_dataset_run_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_dataset_run_items"),
    )
    for column in ("dataset_run_id", "start_time", "dataset_item_id"):
        op.create_index(f"ix_dataset_run_items_project_id_{column}", "dataset_run_items", ["project_id", column])
