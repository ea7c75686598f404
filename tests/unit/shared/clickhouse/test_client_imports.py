"""What opening a store and inserting does not import: libraries of tables, for 90 MB that nothing of ours uses."""

import subprocess
import sys
from pathlib import Path

_INSERT = """
import asyncio, sys
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement

async def main(dsn):
    store = ClickHouse(dsn)
    await store.execute(SystemStatement("make", "CREATE TABLE t (a Nullable(String)) ENGINE = MergeTree ORDER BY ()"))
    await store.insert("t", ["a"], [["x", None]])
    rows = await store.fetch_system(SystemStatement("read", "SELECT count(a) AS texts, count() AS rows FROM t"))
    store.close()
    print(rows, [name for name in ("numpy", "pandas", "pyarrow") if name in sys.modules])

asyncio.run(main(sys.argv[1]))
"""


def test_an_insert_imports_no_library_of_tables(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _INSERT, f"chdb://{tmp_path}/engine"], capture_output=True, check=True, timeout=120
    )

    assert done.stdout.decode().strip() == "[{'texts': 1, 'rows': 2}] []"
