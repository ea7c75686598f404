"""Brings the tables of the metadata store up to date."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateSchema

from elasticdash.shared import errors
from elasticdash.shared.postgres.engine import Database

# Every table has to be known before a migration or a comparison looks at the metadata.
from elasticdash.shared.postgres.models import (
    annotation_queues,
    api_keys,
    audit_logs,
    columns,
    comments,
    dataset_runs,
    datasets,
    llm_connections,
    media,
    model_definitions,
    organization_memberships,
    organizations,
    projects,
    prompts,
    saved_views,
    score_configs,
    sign_in_failures,
    trace_sessions,
    user_identities,
    user_sessions,
    users,
)

TABLES = (
    organizations.OrganizationRow,
    projects.ProjectRow,
    users.UserRow,
    user_identities.UserIdentityRow,
    organization_memberships.OrganizationMembershipRow,
    api_keys.ApiKeyRow,
    score_configs.ScoreConfigRow,
    model_definitions.ModelDefinitionRow,
    prompts.PromptRow,
    trace_sessions.TraceSessionRow,
    audit_logs.AuditLogRow,
    user_sessions.UserSessionRow,
    sign_in_failures.SignInFailureRow,
    llm_connections.LlmConnectionRow,
    saved_views.SavedViewRow,
    datasets.DatasetRow,
    datasets.DatasetItemRow,
    dataset_runs.DatasetRunRow,
    dataset_runs.DatasetRunItemRow,
    media.MediaRow,
    media.MediaLinkRow,
    comments.CommentRow,
    annotation_queues.AnnotationQueueRow,
    annotation_queues.AnnotationQueueItemRow,
    annotation_queues.AnnotationQueueAssignmentRow,
)
METADATA = columns.Row.metadata


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Revisions in their order. `unknown` are of a newer version than the folder's."""

    applied: Sequence[str]
    pending: Sequence[str]
    unknown: Sequence[str] = ()


async def state(database: Database, migrations: Path) -> SchemaState:
    """How far the store is. Changes nothing; ConfigurationError when the folder has no migrations."""
    scripts = ScriptDirectory.from_config(_config(migrations))
    known = [script.revision for script in scripts.walk_revisions()][::-1]
    if not known:
        raise _no_migrations(migrations)
    async with database.reading() as session:
        connection = await session.connection()
        current = await connection.run_sync(_current_revision)
    if current is None:
        return SchemaState([], known)
    if current not in known:
        return SchemaState([], [], [current])
    position = known.index(current) + 1
    return SchemaState(known[:position], known[position:])


async def upgrade(database: Database, migrations: Path) -> str:
    """Apply what is missing, in one transaction; returns the revision reached. A current store costs milliseconds.

    `migrations` is the folder with Alembic's `env.py`. ConfigurationError when the store is newer than the folder.
    """
    found = await state(database, migrations)
    if found.unknown:
        raise errors.ConfigurationError(
            f"The metadata store is at revision {found.unknown[-1]!r}, unknown to this version: use a newer one"
        )
    if not found.pending:
        return found.applied[-1]
    async with database.writing() as session:
        connection = await session.connection()
        if database.schema is not None:
            await session.execute(CreateSchema(database.schema, if_not_exists=True))
        await connection.run_sync(_upgrade, migrations)
    return found.pending[-1]


def _upgrade(connection: Connection, migrations: Path) -> None:
    config = _config(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _current_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(migrations: Path) -> Config:
    if not (migrations / "env.py").is_file():
        raise _no_migrations(migrations)
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config


def _no_migrations(migrations: Path) -> errors.ConfigurationError:
    return errors.ConfigurationError(f"No migrations of the metadata store in {str(migrations)!r}")
