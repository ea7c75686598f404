"""Know which key each kept secret is under; create the connections to providers of models."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """What was stored before names no key, which counts as an old one."""
    op.add_column("api_keys", sa.Column("pepper_id", sa.String(), nullable=True))
    op.create_table(
        "llm_connections",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("adapter", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("encrypted_secret", sa.String(), nullable=False),
        sa.Column("encrypted_headers", sa.String(), nullable=True),
        sa.Column("display_secret_key", sa.String(), nullable=False),
        sa.Column("extra_header_keys", _JSON, nullable=False),
        sa.Column("base_url", sa.String(), nullable=True),
        sa.Column("custom_models", _JSON, nullable=False),
        sa.Column("with_default_models", sa.Boolean(), nullable=False),
        sa.Column("config", _JSON, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_llm_connections_project_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_llm_connections"),
        sa.UniqueConstraint("project_id", "provider", name="uq_llm_connections_project_id_provider"),
    )
    op.create_index("ix_llm_connections_key_id", "llm_connections", ["key_id"])
