"""Finds raw objects that were accepted but never processed, and deletes those that are no longer needed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from elasticdash.shared import errors
from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.schemas import quarantine

_RAW = "raw/"
_SETTLED = "sweep/settled_before"
# An object's folder is named after when its request came: it may be written later, and by another clock.
_SETTLES_AFTER = timedelta(hours=2)
_HOUR = timedelta(hours=1)
_HOUR_LEVELS = 4
_PROCESSED = """
SELECT DISTINCT batch_key FROM processed_batches WHERE batch_key IN {keys:Array(String)}
"""
_KEYS_PER_QUERY = 1000


@dataclass(frozen=True, slots=True)
class _HourFolder:
    """Raw objects of one project received in one hour."""

    hour: datetime
    prefix: str


class Sweeper:
    """Remembers, also across restarts, before which hour everything is processed: a sweep looks at few objects."""

    def __init__(self, blobs: BlobStore, clickhouse: ClickHouse, now: Callable[[], datetime]) -> None:
        self._blobs = blobs
        self._clickhouse = clickhouse
        self._now = now
        self._settled_before: datetime | None = None

    async def unprocessed_keys(self) -> list[str]:
        """Keys of raw objects without a completion mark, ascending by project and time."""
        settled = await self._read_settled()
        folders = [folder for folder in await self._hour_folders() if folder.hour >= settled]
        missing = [key for folder in folders for key in await self._missing_in(folder)]
        settles = self._now() - _SETTLES_AFTER
        open_hours = [_hour_of(key) for key in missing]
        await self._write_settled(min([*open_hours, settles.replace(minute=0, second=0, microsecond=0)]), settled)
        return missing

    async def delete_expired(self, retention: timedelta) -> int:
        """Remove processed raw objects of hours that ended before `now - retention`; returns how many.

        What is in quarantine stays: it may be replayed once the fault is mended.
        """
        ended = self._now() - retention - _HOUR
        count = 0
        quarantined = await self._quarantined_keys()
        for folder in await self._hour_folders():
            if folder.hour > ended:
                continue
            kept = quarantined.union(await self._missing_in(folder))
            for key in await self._blobs.list_keys(folder.prefix):
                if key not in kept:
                    await self._blobs.delete([key])
                    count += 1
            await self._blobs.forget_folder(folder.prefix)
        return count

    async def _quarantined_keys(self) -> set[str]:
        folders = (quarantine.FOLDER, quarantine.REPLAY_FOLDER)
        return {quarantine.raw_key_of(key) for folder in folders for key in await self._blobs.list_keys(folder)}

    async def _missing_in(self, folder: _HourFolder) -> list[str]:
        keys = await self._blobs.list_keys(folder.prefix)
        missing: list[str] = []
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            chunk = keys[start : start + _KEYS_PER_QUERY]
            found = SystemStatement("processed_batches", _PROCESSED, {"keys": chunk})
            done = {str(row["batch_key"]) for row in await self._clickhouse.fetch_system(found)}
            missing += [key for key in chunk if key not in done]
        return missing

    async def _hour_folders(self) -> Sequence[_HourFolder]:
        """Every `raw/{project}/{yyyy}/{mm}/{dd}/{HH}/` there is."""
        prefixes = await self._blobs.list_folders(_RAW)
        for _ in range(_HOUR_LEVELS):
            prefixes = [below for prefix in prefixes for below in await self._blobs.list_folders(prefix)]
        return [_HourFolder(_hour_of(prefix), prefix) for prefix in prefixes]

    async def _read_settled(self) -> datetime:
        if self._settled_before is None:
            try:
                self._settled_before = datetime.fromisoformat((await self._blobs.get(_SETTLED)).decode())
            except (errors.NotFoundError, ValueError):
                self._settled_before = datetime.min.replace(tzinfo=UTC)
        return self._settled_before

    async def _write_settled(self, hour: datetime, before: datetime) -> None:
        if hour > before:
            await self._blobs.put(_SETTLED, hour.isoformat().encode())
            self._settled_before = hour


def _hour_of(path: str) -> datetime:
    """The hour a raw object was received in, from its key or its folder."""
    year, month, day, hour = path.split("/")[2:6]
    return datetime(int(year), int(month), int(day), int(hour), tzinfo=UTC)
