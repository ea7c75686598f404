"""Runs the migrations of the metadata store on the connection `shared.postgres.schema` hands over."""

from alembic import context

from elasticdash.shared.postgres import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.METADATA,
    # SQLite changes a table by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
