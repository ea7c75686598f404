"""Finds raw objects that were accepted but never processed, and deletes those that are no longer needed."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from elasticdash.shared import ids
from elasticdash.shared.blobs.store import BlobStore
from elasticdash.shared.clickhouse import raw_progress
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.schemas import quarantine

_RAW = "raw/"
_SUFFIX = ".edr"
# An object's folder is named after when its request came: it may be written later, and by another clock.
_SETTLES_AFTER = timedelta(hours=2)
# Within the hours that are not settled, only what is younger than this is looked at more than once an hour.
_LATE = timedelta(minutes=10)
_LOOKS_AGAIN_AFTER = timedelta(hours=1)
_HOUR = timedelta(hours=1)
_KEYS_PER_PAGE = 1000


@dataclass(frozen=True, slots=True)
class SweepLimits:
    """Bounds of one round; what is left over comes first in the next one."""

    max_missing: int = 10_000
    max_deleted: int = 50_000


class Sweeper:
    """Remembers, also across restarts, before which hour everything is processed: a sweep looks at few objects.

    Any number may run; what they remember is true whoever wrote it, so the worst is that work is handed over twice.
    """

    def __init__(
        self,
        blobs: BlobStore,
        clickhouse: ClickHouse,
        now: Callable[[], datetime],
        limits: SweepLimits = SweepLimits(),
    ) -> None:
        self._blobs = blobs
        self._clickhouse = clickhouse
        self._now = now
        self._limits = limits
        self._looked_at_all: datetime | None = None
        self._done_up_to: dict[str, str] = {}
        self._first_project = ""

    async def unprocessed_keys(self) -> list[str]:
        """Keys of raw objects without a completion mark, ascending by project and time, as many as a round may have."""
        now = self._now()
        settled = await raw_progress.fetch_settled_before(self._clickhouse)
        is_full = self._looked_at_all is None or now - self._looked_at_all >= _LOOKS_AGAIN_AFTER
        if is_full:
            self._done_up_to.clear()
        missing: list[str] = []
        for project in await self._projects():
            if len(missing) >= self._limits.max_missing:
                self._first_project = project
                return missing
            missing += await self._missing_of(project, settled, self._limits.max_missing - len(missing))
        self._first_project = ""
        if is_full and len(missing) < self._limits.max_missing:
            self._looked_at_all = now
            await self._settle([_hour_of(key) for key in missing], settled)
        return missing

    async def delete_expired(self, retention: timedelta) -> int:
        """Remove processed raw objects of hours that ended before `now - retention`; returns how many.

        What is in quarantine stays: it may be replayed once the fault is mended.
        """
        ended = self._now() - retention - _HOUR
        deleted = 0
        quarantined = await quarantined_keys(self._blobs)
        for project in await self._projects():
            async for page in self._pages(project, ""):
                old = [key for key in page if _hour_of(key) <= ended]
                done = await raw_progress.fetch_processed(self._clickhouse, old)
                expired = [key for key in old if key in done and key not in quarantined]
                await self._blobs.delete(expired)
                for folder in sorted({_folder_of(key) for key in expired}):
                    await self._blobs.forget_folder(folder)
                deleted += len(expired)
                if len(old) < len(page) or deleted >= self._limits.max_deleted:
                    break
        return deleted

    async def _projects(self) -> Sequence[str]:
        """Folders of projects, beginning where the last round had to stop."""
        folders = await self._blobs.list_folders(_RAW)
        return [*(f for f in folders if f >= self._first_project), *(f for f in folders if f < self._first_project)]

    async def _missing_of(self, project: str, settled: datetime, limit: int) -> list[str]:
        after = max(_hour_folder(project, settled), self._done_up_to.get(project, ""))
        late = ids.new_ulid(int((self._now() - _LATE).timestamp() * 1000))
        missing: list[str] = []
        async for page in self._pages(project, after):
            done = await raw_progress.fetch_processed(self._clickhouse, page)
            for key in page:
                if key not in done:
                    missing.append(key)
                elif not missing and key.rsplit("/", 1)[1] < late:
                    self._done_up_to[project] = key
            if len(missing) >= limit:
                return missing[:limit]
        return missing

    async def _pages(self, project: str, after: str) -> AsyncIterator[list[str]]:
        while page := await self._blobs.list_keys(project, after=after, limit=_KEYS_PER_PAGE):
            yield [key for key in page if key.endswith(_SUFFIX)]
            after = page[-1]

    async def _settle(self, open_hours: Sequence[datetime], before: datetime) -> None:
        this_hour = (self._now() - _SETTLES_AFTER).replace(minute=0, second=0, microsecond=0)
        hour = min([*open_hours, this_hour])
        if hour > before:
            await raw_progress.insert_settled_before(self._clickhouse, hour)


async def quarantined_keys(blobs: BlobStore) -> set[str]:
    """Raw objects of which something was refused, or is to be tried again."""
    folders = (quarantine.FOLDER, quarantine.REPLAY_FOLDER)
    return {quarantine.raw_key_of(key) for folder in folders for key in await blobs.list_keys(folder)}


def _hour_folder(project: str, hour: datetime) -> str:
    """`raw/{project}/{yyyy}/{mm}/{dd}/{HH}/`, below which the objects received in an hour are."""
    return f"{project}{hour:%Y/%m/%d/%H}/"


def _folder_of(key: str) -> str:
    return key.rsplit("/", 1)[0] + "/"


def _hour_of(key: str) -> datetime:
    """The hour a raw object was received in, from its key."""
    year, month, day, hour = key.split("/")[2:6]
    return datetime(int(year), int(month), int(day), int(hour), tzinfo=UTC)
