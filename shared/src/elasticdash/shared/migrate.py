"""Brings the ClickHouse schema up to date from numbered single-statement files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from elasticdash.shared import errors
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement

_FILE_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
_ENGINE = re.compile(r"\{engine:(\w+)\}")
_CREATE_LEDGER = """
CREATE TABLE IF NOT EXISTS {database}.schema_migrations {on_cluster}
(name String, applied_at DateTime64(3) DEFAULT now64(3))
ENGINE = {engine:ReplacingMergeTree} ORDER BY name
"""
_READ_LEDGER = "SELECT DISTINCT name FROM {database}.schema_migrations"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where tables live: one database on one node (embedded, single server)."""

    database: str = "default"

    def render(self, template: str) -> str:
        """The statement of a migration file with its placeholders filled."""
        statement = template.replace("{database}", self.database).replace("{on_cluster}", "")
        return _ENGINE.sub(lambda found: found.group(1), statement)


def files(folder: Path) -> Sequence[Path]:
    """Migration files in their order; ConfigurationError when the folder has none or a name is out of pattern."""
    found = sorted(folder.glob("*.sql"))
    if not found:
        raise errors.ConfigurationError(f"No ClickHouse migrations in {str(folder)!r}")
    wrong = [path.name for path in found if not _FILE_NAME.match(path.name)]
    if wrong:
        raise errors.ConfigurationError(f"Migration file names must look like 0001_name.sql, not {wrong[0]!r}")
    return found


async def migrate_clickhouse(clickhouse: ClickHouse, folder: Path, placement: Placement | None = None) -> Sequence[str]:
    """Apply what the ledger does not list yet, in order; returns the names applied.

    Safe to run again after a kill at any point: every statement is idempotent and is listed after it ran.
    """
    where = placement or Placement()
    await clickhouse.execute(SystemStatement("create_ledger", where.render(_CREATE_LEDGER)))
    listed = await clickhouse.fetch_system(SystemStatement("read_ledger", where.render(_READ_LEDGER)))
    done = {str(row["name"]) for row in listed}
    applied: list[str] = []
    for path in files(folder):
        if path.stem in done:
            continue
        await clickhouse.execute(SystemStatement("migrate", where.render(path.read_text())))
        await clickhouse.insert(f"{where.database}.schema_migrations", ["name"], [[path.stem]])
        applied.append(path.stem)
    return applied
