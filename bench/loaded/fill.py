"""Fills the engine's folder of a stopped embedded Logger.

The first traces go through the worker's own row writers, which takes Python a tenth of a millisecond each; the engine
copies them, block by block, with ids and times of their own.
"""

# ruff: noqa: S608 these statements are made of constants; values travel as parameters

import asyncio
import itertools
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench.loaded import records
from bench.loaded.records import BASE_TRACES, DAYS, OBSERVATIONS_PER_TRACE, Maker, TraceRecords
from elasticdash.shared.clickhouse import merging, write
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.clickhouse.write import Attribution, Stamp
from elasticdash.shared.ids import ProjectId
from elasticdash.worker import hourly_sums

BIG_TRACE_OBSERVATIONS = 10_000
_TRACES_PER_INSERT = 2_000
_DAY_US = 24 * 3600 * 1_000_000
_REWRITTEN_EVERY = 100
_SETTLED_LOOKS = 3
_TIMES = {
    "start_time": "toIntervalMillisecond({us} / 1000)",
    "end_time": "toIntervalMillisecond({us} / 1000)",
    "timestamp": "toIntervalMillisecond({us} / 1000)",
    "start_time_us": "toIntervalMicrosecond({us})",
    "end_time_us": "toIntervalMicrosecond({us})",
    "timestamp_us": "toIntervalMicrosecond({us})",
}
# Tables that are copied, with their columns that hold a trace's id and others that must differ in every copy.
_COPIED: Mapping[str, tuple[str, str]] = {
    "observations": ("trace_id", "id"),
    "traces": ("id", ""),
    "traces_by_time": ("trace_id", ""),
    "scores": ("trace_id", "id"),
}


def fill(folder: Path, project_id: ProjectId, observations: int, text_characters: int) -> float:
    """Store the observations, every hundredth trace twice, one of 10,000; observations per second of it all."""
    return asyncio.run(_fill(folder, project_id, observations, text_characters))


def sum_hours(folder: Path) -> None:
    """What the worker does within minutes: sums of all hours that have none."""
    asyncio.run(_sum_hours(folder))


async def _sum_hours(folder: Path) -> None:
    clickhouse = ClickHouse(f"chdb:///{folder}")
    try:
        while await hourly_sums.make(clickhouse, datetime.now(UTC)):
            pass
    finally:
        clickhouse.close()


async def _fill(folder: Path, project_id: ProjectId, observations: int, text_characters: int) -> float:
    clickhouse = ClickHouse(f"chdb:///{folder}")
    copies = max(observations // OBSERVATIONS_PER_TRACE // BASE_TRACES, 1)
    length_us = DAYS * _DAY_US // copies
    start_us = int(time.time() * 1_000_000) - DAYS * _DAY_US
    maker = Maker(project_id, start_us, length_us // BASE_TRACES, text_characters)
    started = time.perf_counter()
    try:
        for some in _batches(maker.trace(number) for number in range(BASE_TRACES)):
            await _insert(clickhouse, some)
        await _keep_base(clickhouse)
        for copy in range(1, copies):
            await _copy(clickhouse, copy, length_us)
            print(f"\r{(copy + 1) * BASE_TRACES * OBSERVATIONS_PER_TRACE:,} observations", end="", flush=True)
        await _rewrite(clickhouse)
        await _insert(clickhouse, [maker.big_trace(BIG_TRACE_OBSERVATIONS)])
        took = time.perf_counter() - started
        await _settle(clickhouse)
    finally:
        clickhouse.close()
    print()
    return copies * BASE_TRACES * OBSERVATIONS_PER_TRACE / took


def _batches(traces: Iterable[TraceRecords]) -> Iterator[list[TraceRecords]]:
    remaining = iter(traces)
    while some := list(itertools.islice(remaining, _TRACES_PER_INSERT)):
        yield some


async def _insert(clickhouse: ClickHouse, some: list[TraceRecords]) -> None:
    now_ms = int(time.time() * 1000)
    rows = [one for trace in some for one in trace.observations]
    scores = [trace.score for trace in some if trace.score]
    stamp, sender = Stamp(now_ms, now_ms), Attribution()
    await write.insert_observations(clickhouse, rows, [stamp] * len(rows), [sender] * len(rows))
    await write.insert_traces(clickhouse, [trace.trace for trace in some], [stamp] * len(some))
    await write.insert_scores(clickhouse, scores, [stamp] * len(scores), [sender] * len(scores))
    await merging.insert_trace_list_rows(clickhouse, [trace.listed for trace in some])


async def _keep_base(clickhouse: ClickHouse) -> None:
    for table in _COPIED:
        await _execute(clickhouse, f"CREATE TABLE base_{table} ENGINE = Memory AS SELECT * FROM {table}")


async def _copy(clickhouse: ClickHouse, copy: int, length_us: int) -> None:
    for table, (trace_column, own_column) in _COPIED.items():
        described = SystemStatement("bench_columns", f"DESCRIBE TABLE {table}")
        names = {row["name"] for row in await clickhouse.fetch_system(described)}
        replaced = [
            f"{name} + {shift.format(us=copy * length_us)} AS {name}" for name, shift in _TIMES.items() if name in names
        ]
        replaced.append(f"{records.copied(trace_column, copy)} AS {trace_column}")
        if own_column:
            replaced.append(f"substring({records.copied(own_column, copy)}, 1, 16) AS {own_column}")
        columns = ", ".join(sorted(names))
        select = f"SELECT {columns} FROM (SELECT * REPLACE ({', '.join(replaced)}) FROM base_{table})"
        await _execute(clickhouse, f"INSERT INTO {table} ({columns}) {select}")


async def _rewrite(clickhouse: ClickHouse) -> None:
    """A second version of every hundredth trace."""
    for table, (trace_column, _) in _COPIED.items():
        if table != "scores":
            await _execute(
                clickhouse,
                f"INSERT INTO {table} SELECT * REPLACE (revision + 1 AS revision) FROM {table}"
                f" WHERE xxHash32({trace_column}) % {_REWRITTEN_EVERY} = 0",
            )
    for table in _COPIED:
        await _execute(clickhouse, f"DROP TABLE base_{table}")


async def _execute(clickhouse: ClickHouse, sql: str) -> None:
    await clickhouse.execute(SystemStatement("bench_fill", sql))


async def _settle(clickhouse: ClickHouse, most_seconds: float = 300.0) -> None:
    """Wait until no merge is running."""
    running = SystemStatement("bench_merges", "SELECT count() AS merges FROM system.merges")
    deadline, quiet = time.monotonic() + most_seconds, 0
    while quiet < _SETTLED_LOOKS and time.monotonic() < deadline:
        [row] = await clickhouse.fetch_system(running)
        quiet = 0 if row["merges"] else quiet + 1
        await asyncio.sleep(1)
