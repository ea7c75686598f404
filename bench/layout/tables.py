"""The tables of the migrations, and the alternatives they were chosen from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MIGRATIONS = Path(__file__).parents[2] / "migrations" / "clickhouse"
_ENGINE = re.compile(r"\{engine:(\w+)\}")


@dataclass(frozen=True, slots=True)
class Wide:
    """One way to lay out the wide observations. `key`, `settings` and `indexes` are SQL.

    `late_indexes` names those built by merges instead of inserts.
    """

    name: str
    key: str
    settings: str
    indexes: str
    late_indexes: str = ""


_BY_TRACE = "(project_id, trace_id, id)"
_SMALL = "index_granularity = 512, index_granularity_bytes = 524288"
_BLOCKS = "enable_block_number_column = 1, enable_block_offset_column = 1"
_BLOOMS = (
    "INDEX idx_id id TYPE bloom_filter(0.001) GRANULARITY 1, "
    "INDEX idx_trace_id trace_id TYPE bloom_filter(0.00001) GRANULARITY 64"
)
_COARSE_BLOOMS = _BLOOMS.replace("0.00001) GRANULARITY 64", "0.001) GRANULARITY 1")
_TEXT = (
    "INDEX text_input input TYPE text(tokenizer = 'splitByNonAlpha'), "
    "INDEX text_output output TYPE text(tokenizer = 'splitByNonAlpha')"
)
WIDE = (
    *(
        Wide(f"a_{rows}", _BY_TRACE, f"index_granularity = {rows}, {_BLOCKS}", _BLOOMS)
        for rows in (128, 512, 2048, 8192)
    ),
    Wide("a_coarse_bloom", _BY_TRACE, f"{_SMALL}, {_BLOCKS}", _COARSE_BLOOMS),
    Wide("a", _BY_TRACE, f"{_SMALL}, {_BLOCKS}", _BLOOMS),
    Wide(
        "b_v4",
        "(project_id, toStartOfMinute(start_time), xxHash32(trace_id), id)",
        f"index_granularity_bytes = 67108864, {_BLOCKS}",
        _BLOOMS,
    ),
    Wide("c_v3", "(project_id, type, toDate(start_time), id)", _BLOCKS, _BLOOMS),
    Wide("a_text", _BY_TRACE, f"{_SMALL}, {_BLOCKS}", f"{_BLOOMS}, {_TEXT}"),
    Wide(
        "a_text_late",
        _BY_TRACE,
        f"{_SMALL}, {_BLOCKS}",
        f"{_BLOOMS}, {_TEXT}",
        late_indexes="text_input, text_output",
    ),
)

ROLLUPS = (
    """
    CREATE TABLE IF NOT EXISTS usage_by_hour
    (
        project_id String,
        hour DateTime,
        by_model Array(Tuple(LowCardinality(Nullable(String)), UInt64, Nullable(Decimal(38, 12)), UInt64)),
        version UInt64
    )
    ENGINE = ReplacingMergeTree(version) ORDER BY (project_id, hour)
    """,
    """
    CREATE TABLE IF NOT EXISTS traces_by_hour (project_id String, hour DateTime, trace_count UInt64, version UInt64)
    ENGINE = ReplacingMergeTree(version) ORDER BY (project_id, hour)
    """,
)


def migrations(database: str) -> Iterator[str]:
    """The DDL of every migration for one local database, in order."""
    for file in sorted(MIGRATIONS.glob("*.sql")):
        yield _local(file.read_text(encoding="utf-8"), database)


def wide(candidate: Wide, database: str) -> str:
    """DDL of `observations_<name>`: the migration's columns with the candidate's key, settings and indexes."""
    ddl = _local((MIGRATIONS / "0002_create_observations.sql").read_text(encoding="utf-8"), database)
    columns = ddl[: ddl.index("    INDEX")].replace(".observations ", f".observations_{candidate.name} ")
    return (
        f"{columns} {candidate.indexes}) ENGINE = ReplacingMergeTree(revision, is_deleted) "
        f"PARTITION BY toYYYYMM(start_time) ORDER BY {candidate.key} SETTINGS {candidate.settings}"
    )


def _local(ddl: str, database: str) -> str:
    return _ENGINE.sub(r"\1", ddl).replace("{database}", database).replace("{on_cluster}", "")
