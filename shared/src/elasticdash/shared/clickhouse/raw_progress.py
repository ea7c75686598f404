"""Which raw objects are processed, and before which hour all of them are."""

from collections.abc import Sequence
from datetime import UTC, datetime

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement

_EPOCH = datetime.fromtimestamp(0, UTC)
_KEYS_PER_QUERY = 1000
_PROCESSED = "SELECT DISTINCT batch_key FROM processed_batches WHERE batch_key IN {keys:Array(String)}"
_SETTLED = "SELECT toUnixTimestamp(max(settled_before)) AS settled_before FROM swept_hours"


async def fetch_processed(clickhouse: ClickHouse, keys: Sequence[str]) -> set[str]:
    """Those of the keys whose objects are processed."""
    found: set[str] = set()
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        chunk = keys[start : start + _KEYS_PER_QUERY]
        rows = await clickhouse.fetch_system(SystemStatement("processed_batches", _PROCESSED, {"keys": chunk}))
        found.update(str(row["batch_key"]) for row in rows)
    return found


async def fetch_settled_before(clickhouse: ClickHouse) -> datetime:
    """The hour before which every raw object is processed; the epoch when nothing is known."""
    [row] = await clickhouse.fetch_system(SystemStatement("settled_before", _SETTLED))
    return datetime.fromtimestamp(int(row["settled_before"]), UTC) if row["settled_before"] else _EPOCH


async def insert_settled_before(clickhouse: ClickHouse, hour: datetime) -> None:
    """Remember that every raw object of earlier hours is processed."""
    await clickhouse.insert("swept_hours", ["settled_before"], [[hour]])
