"""Finds raw objects that were accepted but never processed, and hands them over again."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from elasticdash.shared.blobs import BlobStore
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement

_RAW = "raw/"
_PROCESSED = """
SELECT DISTINCT batch_key FROM processed_batches WHERE batch_key IN {keys:Array(String)}
"""
_KEYS_PER_QUERY = 1000


async def unprocessed_keys(blobs: BlobStore, clickhouse: ClickHouse) -> list[str]:
    """Keys of raw objects without a completion mark, ascending."""
    keys = await blobs.list_keys(_RAW)
    missing: list[str] = []
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        chunk = keys[start : start + _KEYS_PER_QUERY]
        rows = await clickhouse.fetch_system(SystemStatement("processed_batches", _PROCESSED, {"keys": chunk}))
        done = {str(row["batch_key"]) for row in rows}
        missing += [key for key in chunk if key not in done]
    return missing


async def enqueue_unprocessed(
    blobs: BlobStore, clickhouse: ClickHouse, enqueue: Callable[[str], Awaitable[None]]
) -> int:
    """Hand over every unprocessed raw object; returns how many."""
    keys = await unprocessed_keys(blobs, clickhouse)
    for key in keys:
        await enqueue(key)
    return len(keys)


async def delete_expired(blobs: BlobStore, clickhouse: ClickHouse, retention: timedelta, now: datetime) -> int:
    """Remove processed raw objects received before `now - retention`; returns how many."""
    unprocessed = set(await unprocessed_keys(blobs, clickhouse))
    expired = [
        key
        for key in await blobs.list_keys(_RAW)
        if key not in unprocessed and _hour_of(key) + timedelta(hours=1) <= now - retention
    ]
    for key in expired:
        await blobs.delete(key)
    return len(expired)


def _hour_of(key: str) -> datetime:
    """The hour a raw object was received in: `raw/{project}/{yyyy}/{mm}/{dd}/{HH}/{id}`."""
    year, month, day, hour = key.split("/")[-5:-1]
    return datetime(int(year), int(month), int(day), int(hour), tzinfo=UTC)
