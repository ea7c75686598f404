"""Brings the tables of the metadata store up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from elasticdash.shared import errors
from elasticdash.shared.postgres.engine import Database

# Every table has to be known before a migration or a comparison looks at the metadata.
from elasticdash.shared.postgres.models import (
    api_keys,
    audit_logs,
    columns,
    model_definitions,
    organization_memberships,
    organizations,
    projects,
    prompts,
    score_configs,
    trace_sessions,
    users,
)

TABLES = (
    organizations.OrganizationRow,
    projects.ProjectRow,
    users.UserRow,
    organization_memberships.OrganizationMembershipRow,
    api_keys.ApiKeyRow,
    score_configs.ScoreConfigRow,
    model_definitions.ModelDefinitionRow,
    prompts.PromptRow,
    trace_sessions.TraceSessionRow,
    audit_logs.AuditLogRow,
)
METADATA = columns.Row.metadata


async def upgrade(database: Database, migrations: Path) -> str:
    """Apply what is missing, in one transaction; returns the revision reached. A current store costs milliseconds.

    `migrations` is the folder with Alembic's `env.py`. ConfigurationError when the store is newer than the folder.
    """
    async with database.writing() as session:
        connection = await session.connection()
        return await connection.run_sync(_upgrade, migrations)


def _upgrade(connection: Connection, migrations: Path) -> str:
    if not (migrations / "env.py").is_file():
        raise errors.ConfigurationError(f"No migrations of the metadata store in {str(migrations)!r}")
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head()
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise errors.ConfigurationError(
            f"The metadata store is at revision {current!r}, which this version does not know: use a newer one"
        )
    if head is None:
        raise errors.ConfigurationError(f"No migrations of the metadata store in {str(migrations)!r}")
    if current != head:
        command.upgrade(config, "head")
    return head
