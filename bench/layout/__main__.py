"""Measures the ClickHouse layouts that docs/decisions/0001-clickhouse-layout.md chose from.

    PYTHONPATH=. python -m bench.layout --observations 1000000 --scratch <empty folder outside the repository>

Prints one line per figure as it is measured. Needs about 3 kB of disk per observation. The folder is left behind; given
again, it is asked again without being filled again (with the same number of observations, within a day).
"""

import argparse
import time
from pathlib import Path

from bench.layout import questions, rows, tables
from bench.layout.store import Answer, Store


def main() -> None:
    """Fill, then ask: companions and the Backend on the migrated tables, the rest on every wide candidate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--candidates", nargs="*", default=[candidate.name for candidate in tables.WIDE])
    arguments = parser.parse_args()
    base_us = (int(time.time()) - (rows.DAYS + 1) * 86_400) * 1_000_000
    store = Store(str(arguments.scratch), arguments.observations, base_us)
    if store.size("observations")[0] == 0:
        print(f"observations with its view: filled at {store.fill('observations'):,.0f} rows/s", flush=True)
        store.fill_companions()
    store.fill_rollups()
    store.settle()
    for table in ("observations", "observations_by_time", "traces", "traces_by_time", "event_log"):
        _print_size(store, table)
    samples = store.samples(arguments.rounds)
    print(
        "lightweight update: {:.1f} ms, {} mutations, read by {} row".format(
            *store.update_ms(str(samples[0]["trace_id"]))
        )
    )
    for group in (questions.LISTS, questions.METRICS, questions.FLUSH, questions.WIDE):
        _print_answers(store.ask(group, samples, "observations"))
    _print_answers(store.ask(questions.BACKEND, samples[:3], "observations"))
    for candidate in tables.WIDE:
        if candidate.name in arguments.candidates:
            table = f"observations_{candidate.name}"
            store.client.command(tables.wide(candidate, "default"))
            print(f"== {candidate.name}: filled at {store.fill(table, candidate.late_indexes):,.0f} rows/s", flush=True)
            store.settle()
            _print_size(store, table)
            _print_answers(store.ask(questions.WIDE, samples, table))
            print(f"inserts of 10,000 rows: {store.insert_rate(table):,.0f} rows/s", flush=True)
            store.client.command(f"DROP TABLE {table} SYNC")


def _print_size(store: Store, table: str) -> None:
    count, size, parts = store.size(table)
    print(f"{table}: {count:,} rows, {size:,.0f} B each, {parts} parts", flush=True)


def _print_answers(answers: list[Answer]) -> None:
    for answer in answers:
        print(
            f"{answer.name:<40} p50 {answer.p50_ms:8.1f}  max {answer.max_ms:8.1f} ms  {answer.returned} rows",
            flush=True,
        )


if __name__ == "__main__":
    main()
