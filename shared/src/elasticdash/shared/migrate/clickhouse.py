"""Brings the ClickHouse schema up to date from numbered single-statement files, and says how far it is."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from elasticdash.shared import errors
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.migrate import failures
from elasticdash.shared.migrate.failures import FailureClass, MigrationError
from elasticdash.shared.migrate.status import StoreStatus

_FILE_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
_ENGINE = re.compile(r"\{engine:(\w+)\}")
_IDENTIFIER = re.compile(r"^[A-Za-z_][A-Za-z0-9_-]*$")
# Not schema_migrations: an installation of Langfuse has a table of that name in the same database.
_CREATE_LEDGER = """
CREATE TABLE IF NOT EXISTS {database}.elasticdash_migrations {on_cluster}
(
    name String,
    checksum String,
    started_at DateTime64(3),
    finished_at Nullable(DateTime64(3)),
    written_at DateTime64(3) DEFAULT now64(3)
)
ENGINE = {engine:ReplacingMergeTree}(written_at) ORDER BY (name, finished_at IS NULL)
"""
_HAS_LEDGER = "SELECT count() AS found FROM system.tables WHERE database = {database:String} AND name = {table:String}"
_READ_LEDGER = """
SELECT name, argMax(checksum, written_at) AS checksum FROM {database}.elasticdash_migrations
WHERE finished_at IS NOT NULL GROUP BY name ORDER BY name
"""
_FOREIGN_TABLE = """
SELECT count() AS found FROM system.columns
WHERE database = {database:String} AND table = 'traces' HAVING found > 0 AND countIf(name = 'revision') = 0
"""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where tables live: a database on one node, or on every node of a cluster, replicated."""

    database: str = "default"
    cluster: str | None = None

    def __post_init__(self) -> None:
        for name in (self.database, self.cluster):
            if name is not None and not _IDENTIFIER.match(name):
                raise errors.ConfigurationError(f"{name!r} can't be the name of a ClickHouse database or cluster")

    def render(self, template: str) -> str:
        """The statement of a migration file with its placeholders filled."""
        on_cluster = f"ON CLUSTER `{self.cluster}`" if self.cluster else ""
        statement = template.replace("{database}", f"`{self.database}`").replace("{on_cluster}", on_cluster)
        prefix = "Replicated" if self.cluster else ""
        return _ENGINE.sub(lambda found: prefix + found.group(1), statement)


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its name without the ending, its template, and the hash of that."""

    name: str
    template: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the template: the same for one node and for a cluster."""
        return hashlib.sha256(self.template.encode()).hexdigest()


def migrations(folder: Path) -> Sequence[Migration]:
    """Migrations in their order; ConfigurationError when the folder has none or a name is out of pattern."""
    found = sorted(folder.glob("*.sql"))
    if not found:
        raise errors.ConfigurationError(f"No ClickHouse migrations in {str(folder)!r}")
    wrong = [path.name for path in found if not _FILE_NAME.match(path.name)]
    if wrong:
        raise errors.ConfigurationError(f"Migration file names must look like 0001_name.sql, not {wrong[0]!r}")
    return [Migration(path.stem, path.read_text()) for path in found]


async def status(clickhouse: ClickHouse, folder: Path, placement: Placement) -> StoreStatus:
    """What is applied, what is missing and what this version doesn't know. Changes nothing."""
    known = migrations(folder)
    applied = await _applied(clickhouse, placement)
    names = {migration.name for migration in known}
    return StoreStatus(
        store="clickhouse",
        applied=sorted(applied),
        pending=[migration.name for migration in known if migration.name not in applied],
        unknown=sorted(applied.keys() - names),
        changed=[each.name for each in known if applied.get(each.name, each.checksum) != each.checksum],
    )


async def plan(clickhouse: ClickHouse, folder: Path, placement: Placement) -> Sequence[tuple[str, str]]:
    """(name, statement) of what `migrate` would run, in order."""
    pending = set((await status(clickhouse, folder, placement)).pending)
    return [(each.name, placement.render(each.template)) for each in migrations(folder) if each.name in pending]


async def migrate(
    clickhouse: ClickHouse,
    folder: Path,
    placement: Placement | None = None,
    on_applied: Callable[[str], None] | None = None,
) -> Sequence[str]:
    """Apply what the ledger does not list as finished, in order; returns the names applied.

    Safe to run again after a kill at any point: every statement is idempotent and is listed after it ran.
    MigrationError names the statement that failed.
    """
    where = placement or Placement()
    state = await status(clickhouse, folder, where)
    _check(state)
    if state.is_current:
        return []
    if not state.applied:
        await _refuse_foreign_tables(clickhouse, where)
    await _run(clickhouse, "elasticdash_migrations", where.render(_CREATE_LEDGER))
    applied: list[str] = []
    for migration in migrations(folder):
        if migration.name not in state.pending:
            continue
        started_at = datetime.now(UTC)
        await _record(clickhouse, where, migration, started_at, None)
        await _run(clickhouse, migration.name, where.render(migration.template))
        await _record(clickhouse, where, migration, started_at, datetime.now(UTC))
        applied.append(migration.name)
        if on_applied is not None:
            on_applied(migration.name)
    return applied


def _check(state: StoreStatus) -> None:
    if state.unknown:
        raise failures.newer_schema(state.explained())
    if state.changed:
        raise MigrationError(
            FailureClass.CHANGED_FILE,
            f"Applied ClickHouse migrations have changed since: {', '.join(state.changed)}",
            hint="Restore the files as they were released; put changes into a new migration",
        )


async def _applied(clickhouse: ClickHouse, placement: Placement) -> Mapping[str, str]:
    parameters = {"database": placement.database, "table": "elasticdash_migrations"}
    [found] = await clickhouse.fetch_system(SystemStatement("has_ledger", _HAS_LEDGER, parameters))
    if not found["found"]:
        return {}
    rows = await clickhouse.fetch_system(SystemStatement("read_ledger", placement.render(_READ_LEDGER)))
    return {str(row["name"]): str(row["checksum"]) for row in rows}


async def _refuse_foreign_tables(clickhouse: ClickHouse, placement: Placement) -> None:
    statement = SystemStatement("foreign_tables", _FOREIGN_TABLE, {"database": placement.database})
    if await clickhouse.fetch_system(statement):
        raise MigrationError(
            FailureClass.CONFIGURATION,
            f"The ClickHouse database {placement.database!r} holds the tables of another product",
            hint="Name an empty database in CLICKHOUSE_DB; `elasticdash import v3` copies what Langfuse stored",
        )


async def _run(clickhouse: ClickHouse, name: str, sql: str) -> None:
    try:
        await clickhouse.execute(SystemStatement("migrate", sql))
    except errors.UnavailableError:
        raise
    except errors.ElasticDashError as error:
        raise MigrationError(
            FailureClass.FAILED_STATEMENT,
            f"ClickHouse migration {name} failed: {error.__cause__ or error}",
            statement=sql,
            hint="Nothing after this statement ran. Mend the cause and run the same command again",
        ) from error


async def _record(
    clickhouse: ClickHouse,
    placement: Placement,
    migration: Migration,
    started_at: datetime,
    finished_at: datetime | None,
) -> None:
    await clickhouse.insert(
        f"`{placement.database}`.elasticdash_migrations",
        ["name", "checksum", "started_at", "finished_at"],
        [[migration.name], [migration.checksum], [started_at], [finished_at]],
    )
