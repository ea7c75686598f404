"""An embedded engine filled with the bench's rows, and the clock that asks it."""

# ruff: noqa: S608 these statements are made of constants; values travel as parameters

import random
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from bench.layout import corpus, rows, tables
from bench.layout.questions import USAGE_OF_HOURS, Question

# Or a filter that matched nothing once would be answered from memory ever after.
_HONEST = {"use_query_condition_cache": 0}
_BLOCK = 100_000
_REWRITTEN_EVERY = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """Latency of one question in milliseconds, and how many rows came back."""

    name: str
    p50_ms: float
    max_ms: float
    returned: int


class Store:
    """A chDB folder with the migrated tables."""

    def __init__(self, folder: str, total: int, base_us: int) -> None:
        self._folder, self._total, self._base_us = folder, total, base_us
        self.client: Client = clickhouse_connect.get_client(dsn=f"chdb://{folder}")
        for ddl in tables.migrations("default"):
            self.client.command(ddl)
        self.client.command("CREATE TABLE IF NOT EXISTS corpus (text String) ENGINE = Memory")
        self.client.insert("corpus", [[corpus.text()]], column_names=["text"])
        described = self.client.query(f"DESCRIBE ({rows.observations(0, 1, total, base_us)})")
        self._columns = ", ".join(row[0] for row in described.result_rows)

    def fill(self, table: str, late_indexes: str = "") -> float:
        """Insert all observations, 1 % twice, a trace of 10,000, then 1,000 new traces; rows per second of all."""
        self.client.command(f"SET exclude_materialize_skip_indexes_on_insert = '{late_indexes}'")
        started = time.perf_counter()
        for first in range(0, self._total, _BLOCK):
            self._insert(table, rows.observations(first, min(first + _BLOCK, self._total), self._total, self._base_us))
        rate = self._total / (time.perf_counter() - started)
        for first in range(0, self._total, _REWRITTEN_EVERY * 1000):
            self._insert(table, rows.observations(first, first + 1000, self._total, self._base_us, revision=2))
        big = rows.observations(self._total, self._total + 10_000, self._total, self._base_us - 86_400_000_000)
        self._insert(table, f"SELECT * REPLACE('big' AS trace_id, 'p0' AS project_id) FROM ({big})")
        self._insert(table, f"SELECT * REPLACE('p0' AS project_id) FROM ({self._fresh()})")
        return rate

    def fill_companions(self) -> None:
        """Traces, their statements and their list rows, out of the observations."""
        for table, select in (
            ("traces", rows.traces()),
            ("event_log", rows.trace_events()),
            ("traces_by_time", rows.trace_list_rows("observations_by_time FINAL")),
            ("traces_by_time", rows.trace_list_rows("observations_by_time FINAL WHERE revision = 2")),
        ):
            columns = ", ".join(row[0] for row in self.client.query(f"DESCRIBE ({select})").result_rows)
            self.client.command(f"INSERT INTO {table} ({columns}) {select}")

    def fill_rollups(self) -> None:
        """Hourly sums of everything, and plain columns beside the maps of the companion."""
        for ddl in tables.ROLLUPS:
            self.client.command(ddl)
        self.client.command(f"INSERT INTO usage_by_hour {USAGE_OF_HOURS.format(since='0')}")
        self.client.command(
            "INSERT INTO traces_by_hour SELECT project_id, toStartOfHour(timestamp_us), count(), 1 "
            "FROM traces_by_time FINAL GROUP BY 1, 2"
        )
        self.client.command(
            "ALTER TABLE observations_by_time ADD COLUMN IF NOT EXISTS total_tokens UInt64 "
            "DEFAULT usage_details['total']"
        )
        self.client.command(
            "ALTER TABLE observations_by_time MATERIALIZE COLUMN total_tokens SETTINGS mutations_sync = 1"
        )

    def update_ms(self, trace_id: str) -> tuple[float, int, int]:
        """One lightweight ALTER UPDATE as the Backend sends it: milliseconds, mutations left, rows that read it."""
        started = time.perf_counter()
        self.client.command(
            "ALTER TABLE traces UPDATE metadata = mapUpdate(metadata, map('feature_id', '7')) "
            f"WHERE id = '{trace_id}' SETTINGS alter_update_mode = 'lightweight', mutations_sync = 1"
        )
        took = (time.perf_counter() - started) * 1000
        mutations = self.client.query("SELECT count() FROM system.mutations WHERE table = 'traces'").first_row[0]
        read = self.client.query("SELECT count() FROM traces FINAL WHERE metadata['feature_id'] = '7'").first_row[0]
        return took, int(mutations), int(read)

    def insert_rate(self, table: str, inserts: int = 10) -> float:
        """Rows per second of inserts of 10,000 rows that are ready in memory."""
        self.client.command("DROP TABLE IF EXISTS ready")
        self.client.command(
            f"CREATE TABLE ready ENGINE = Memory AS {rows.observations(0, 10_000, self._total, self._base_us)}"
        )
        started = time.perf_counter()
        for _ in range(inserts):
            self._insert(table, "SELECT * FROM ready")
        return inserts * 10_000 / (time.perf_counter() - started)

    def settle(self, most_seconds: float = 120) -> None:
        """Wait until no merge is running."""
        deadline, quiet = time.monotonic() + most_seconds, 0
        while quiet < 3 and time.monotonic() < deadline:
            quiet = 0 if self.client.query("SELECT count() FROM system.merges").first_row[0] else quiet + 1
            time.sleep(1)

    def size(self, table: str) -> tuple[int, float, int]:
        """Rows, bytes per row on disk, parts."""
        found = self.client.query(
            "SELECT sum(rows), sum(bytes_on_disk) / sum(rows), count() FROM system.parts "
            "WHERE active AND database = 'default' AND table = {table:String}",
            {"table": table},
        )
        count, size, parts = found.first_row
        return int(count), float(size), int(parts)

    def samples(self, count: int) -> list[Mapping[str, object]]:
        """Parameters for `count` rounds, drawn evenly from all rows of the largest project."""
        rng = random.Random(corpus.SEED)
        found = self.client.query(
            "SELECT trace_id, id FROM observations_by_time WHERE project_id = 'p0' AND trace_id != 'big' "
            "ORDER BY xxHash32(id) LIMIT 20000"
        ).result_rows
        fresh = self.client.query(f"SELECT DISTINCT trace_id FROM ({self._fresh()})").result_rows
        made: list[Mapping[str, object]] = []
        for _ in range(count):
            keys = rng.sample(found, 1000)
            ids = [trace_id for trace_id, _ in keys]
            made.append(
                {
                    "project_id": "p0",
                    "trace_id": ids[0],
                    "observation_id": keys[1][1],
                    "page_keys": keys[:50],
                    "fresh_ids": [trace_id for (trace_id,) in fresh],
                    "trace_ids": ids,
                    "entity_ids": ids,
                    "kind": "trace",
                    "except_batches": [],
                }
            )
        return made

    def ask(self, questions: Sequence[Question], samples: Sequence[Mapping[str, object]], wide: str) -> list[Answer]:
        """Latency of every question, once per sample after one unmeasured round."""
        answers: list[Answer] = []
        for question in questions:
            sql = question.sql.replace("{wide}", wide)
            took: list[float] = []
            returned = 0
            for sample in (samples[0], *samples):
                used = {name: value for name, value in sample.items() if f"{{{name}:" in sql}
                started = time.perf_counter()
                returned = len(
                    self.client.query(sql, parameters=used, settings={**_HONEST, **question.settings}).result_rows
                )
                took.append((time.perf_counter() - started) * 1000)
            answers.append(Answer(question.name, statistics.median(took[1:]), max(took[1:]), returned))
        return answers

    def _fresh(self) -> str:
        first = self._total + 20_000
        return rows.observations(first, first + 10_000, self._total, self._base_us - 86_400_000_000)

    def _insert(self, table: str, select: str) -> None:
        self.client.command(f"INSERT INTO {table} ({self._columns}) {select}")
