"""Looks whether ClickHouse is there, new enough, permitted, migrated and has room."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

from elasticdash.shared import errors
from elasticdash.shared.clickhouse.client import ClickHouse, Row
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.migrate import clickhouse as migrations
from elasticdash.shared.migrate.clickhouse import Placement
from elasticdash.shared.settings.clickhouse import ClickHouseSettings
from elasticdash.standalone import distributed
from elasticdash.standalone.doctor import findings
from elasticdash.standalone.doctor.examination import Check
from elasticdash.standalone.doctor.findings import Judgement

_MIN_VERSION = (25, 8)
_MAX_QUERY_SECONDS = 5
_CONNECTION_REMEDY = (
    "Check CLICKHOUSE_URL (the HTTP interface), CLICKHOUSE_USER, CLICKHOUSE_PASSWORD, CLICKHOUSE_DB; is the server up?"
)
_GRANT_REMEDY = (
    "GRANT SELECT, INSERT, ALTER, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW on the database CLICKHOUSE_DB"
    " to CLICKHOUSE_USER, and see that it isn't read-only"
)
_SYSTEM_REMEDY = "Let CLICKHOUSE_USER read the system tables"
_PROBE = (
    ("create", "CREATE TABLE {database}.%s {on_cluster} (a UInt8) ENGINE = {engine:MergeTree} ORDER BY a"),
    ("alter", "ALTER TABLE {database}.%s {on_cluster} ADD COLUMN b UInt8"),
    ("insert into", "INSERT INTO {database}.%s (a) VALUES (1)"),
    ("delete from", "DELETE FROM {database}.%s WHERE a = 1"),
)
_DROP = "DROP TABLE IF EXISTS {database}.%s {on_cluster}"


@asynccontextmanager
async def opened(settings: ClickHouseSettings) -> AsyncGenerator[Sequence[Check]]:
    """The checks of ClickHouse, until the block ends."""
    quick = settings.model_copy(update={"pool_size": 1, "max_query_seconds": _MAX_QUERY_SECONDS})
    placement = distributed.clickhouse_placement(settings)
    clickhouse = await asyncio.to_thread(distributed.open_clickhouse, quick)

    async def state() -> Judgement:
        return findings.schema(await migrations.status(clickhouse, settings.migrations_dir / "clickhouse", placement))

    try:
        yield [
            Check("connection", lambda: _connection(clickhouse), _CONNECTION_REMEDY, is_base=True),
            Check("version", lambda: _version(clickhouse), _SYSTEM_REMEDY),
            Check("privileges", lambda: _privileges(clickhouse, placement), _GRANT_REMEDY),
            Check("schema", state, _SYSTEM_REMEDY),
            Check("clock", lambda: _clock(clickhouse), _SYSTEM_REMEDY),
            Check("disk", lambda: _disk(clickhouse), _SYSTEM_REMEDY),
        ]
    finally:
        # It waits for a statement that hangs: the other stores' checks go on meanwhile.
        await asyncio.to_thread(clickhouse.close)


async def _connection(clickhouse: ClickHouse) -> Judgement:
    await _rows(clickhouse, "SELECT 1")
    return findings.ok("answers")


async def _version(clickhouse: ClickHouse) -> Judgement:
    [row] = await _rows(clickhouse, "SELECT version() AS version")
    return findings.version("ClickHouse", str(row["version"]), _MIN_VERSION)


async def _privileges(clickhouse: ClickHouse, placement: Placement) -> Judgement:
    table = f"elasticdash_doctor_{secrets.token_hex(6)}"

    async def run(template: str) -> None:
        await clickhouse.execute(SystemStatement("doctor_probe", placement.render(template % table)))

    done: list[str] = []
    try:
        for what, template in _PROBE:
            done.append(what)
            await run(template)
        done.append("drop")
        await run(_DROP)
    except errors.ElasticDashError as error:
        with suppress(errors.ElasticDashError):
            await run(_DROP)
        message = f"may not {done[-1]} tables of the database {placement.database}: {error}"
        raise errors.StoreMismatchError(message) from error
    return findings.ok(f"may {', '.join(done)} tables of the database {placement.database}")


async def _clock(clickhouse: ClickHouse) -> Judgement:
    asked_at = time.time()
    [row] = await _rows(clickhouse, "SELECT toFloat64(now64(3)) AS now")
    return findings.clock(float(row["now"]), asked_at, time.time())


async def _disk(clickhouse: ClickHouse) -> Judgement:
    disks = await _rows(
        clickhouse,
        "SELECT name, free_space AS free, total_space AS total FROM system.disks"
        " WHERE total_space > 0 ORDER BY free_space / total_space LIMIT 1",
    )
    if not disks:
        return findings.ok("no local disk: its room can't be known")
    remedy = "Add space, or keep traces for less time: a full disk stops every insert"
    return findings.room(f"disk {disks[0]['name']}", float(disks[0]["free"]), float(disks[0]["total"]), remedy)


async def _rows(clickhouse: ClickHouse, query: str) -> list[Row]:
    return await clickhouse.fetch_system(SystemStatement("doctor", query))
