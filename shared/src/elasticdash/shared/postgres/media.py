"""Media of a project: which files were announced, which have arrived, and what they belong to.

A file that belongs to nothing any more is as good as gone: nobody reads it, and the worker takes it away.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from elasticdash.shared import errors, ids
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import locks
from elasticdash.shared.postgres.models.media import MediaLinkRow, MediaRow

_UPLOADED = (200, 201)
_ID_CHARACTERS = 22
_PER_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class MediaContent:
    """What a file is. `sha256` is its digest in base64."""

    content_type: str
    length_bytes: int
    sha256: str

    @property
    def media_id(self) -> str:
        """The id SDKs compute too: the start of the digest, safe in URLs."""
        return self.sha256[:_ID_CHARACTERS].replace("+", "-").replace("/", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaPlace:
    """What a file belongs to: a trace, an observation in it, or an item of a dataset; `field` is which part of it."""

    field: str
    trace_id: str | None = None
    observation_id: str | None = None
    dataset_id: str | None = None
    dataset_item_id: str | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """One file of a project; `uploaded_at` is None while it has not arrived."""

    id: str
    content: MediaContent
    uploaded_at: datetime | None


async def announce(
    session: AsyncSession, scope: ProjectScope, content: MediaContent, place: MediaPlace, now: datetime
) -> Media:
    """Note that a file belongs somewhere; it may have arrived long ago.

    InvalidRequestError when the file is known and is another one, or has another size.
    """
    media_id = content.media_id
    await locks.hold(session, "media", scope.project_id, media_id)
    row = await session.get(MediaRow, (scope.project_id, media_id))
    if row is None:
        row = MediaRow(project_id=scope.project_id, id=media_id, sha256=content.sha256, created_at=now)
        session.add(row)
    elif row.sha256 != content.sha256:
        raise errors.InvalidRequestError("Another file begins with the same digest")
    elif row.uploaded_at is not None and row.length_bytes != content.length_bytes:
        raise errors.InvalidRequestError("contentLength is not the size of the file with this digest")
    row.content_type, row.length_bytes = content.content_type, content.length_bytes
    row.updated_at, row.unlinked_at = now, None
    await session.flush()
    await _link(session, scope, media_id, place, now)
    return _media_of(row)


async def record_upload(
    session: AsyncSession, scope: ProjectScope, media_id: str, status: int, uploaded_at: datetime, now: datetime
) -> None:
    """Note how the upload of a file ended, and when. NotFoundError when the project has no such file."""
    row = await _row(session, scope, media_id)
    row.upload_status, row.updated_at = status, now
    row.uploaded_at = uploaded_at if status in _UPLOADED else None


async def get(session: AsyncSession, scope: ProjectScope, media_id: str) -> Media:
    """One file, arrived or not. NotFoundError when the project has none with this id, or none that is in use."""
    return _media_of(await _row(session, scope, media_id))


async def get_uploaded(session: AsyncSession, scope: ProjectScope, media_id: str) -> Media:
    """One file that has arrived; NotFoundError says what is the matter with others."""
    row = await _row(session, scope, media_id)
    if row.upload_status is None:
        raise errors.NotFoundError("Media not yet uploaded")
    if row.uploaded_at is None:
        raise errors.NotFoundError(f"Media upload failed with status {row.upload_status}")
    return _media_of(row)


async def require_of_trace(session: AsyncSession, scope: ProjectScope, trace_id: str, media_id: str) -> None:
    """Nothing when a file belongs to a trace or one of its observations; NotFoundError else."""
    is_of_it = (MediaLinkRow.trace_id == trace_id) & (MediaLinkRow.media_id == media_id)
    link = select(MediaLinkRow.id).where(MediaLinkRow.project_id == scope.project_id, is_of_it).limit(1)
    if await session.scalar(link) is None:
        raise errors.NotFoundError("Media asset not found")


async def find_uploaded(session: AsyncSession, scope: ProjectScope, media_ids: Collection[str]) -> dict[str, Media]:
    """Those of these files that have arrived and are in use, by id."""
    wanted, found = sorted(media_ids), dict[str, Media]()
    for start in range(0, len(wanted), _PER_STATEMENT):
        rows = await session.scalars(
            select(MediaRow).where(
                MediaRow.project_id == scope.project_id,
                MediaRow.id.in_(wanted[start : start + _PER_STATEMENT]),
                MediaRow.uploaded_at.is_not(None),
                _IS_LINKED,
            )
        )
        found |= {row.id: _media_of(row) for row in rows}
    return found


async def unlink_traces(session: AsyncSession, scope: ProjectScope, trace_ids: Sequence[str], now: datetime) -> None:
    """Take files from traces and their observations."""
    for start in range(0, len(trace_ids), _PER_STATEMENT):
        await _unlink(session, scope, MediaLinkRow.trace_id.in_(trace_ids[start : start + _PER_STATEMENT]), now)


async def unlink_before(session: AsyncSession, scope: ProjectScope, before: datetime, now: datetime) -> None:
    """Take files from traces that got them before a time."""
    is_old = MediaLinkRow.trace_id.is_not(None) & (MediaLinkRow.created_at < before)
    await _unlink(session, scope, is_old, now)


async def delete_all(session: AsyncSession, scope: ProjectScope) -> None:
    """Forget every file of a project."""
    await session.execute(delete(MediaRow).where(MediaRow.project_id == scope.project_id))


async def take_unlinked(session: AsyncSession, before: datetime, limit: int) -> Sequence[tuple[ProjectScope, str]]:
    """(project, media id) of files of any project that belong to nothing since before a time.

    They are forgotten when the transaction ends; until then nobody can announce them again.
    """
    found = await session.execute(
        select(MediaRow.project_id, MediaRow.id)
        .where(MediaRow.unlinked_at < before)
        .order_by(MediaRow.unlinked_at)
        .limit(limit)
    )
    taken: list[tuple[ProjectScope, str]] = []
    for project_id, media_id in sorted((project_id, media_id) for project_id, media_id in found):
        await locks.hold(session, "media", project_id, media_id)
        is_it = (MediaRow.project_id == project_id) & (MediaRow.id == media_id)
        gone = await session.execute(
            delete(MediaRow).where(is_it, MediaRow.unlinked_at < before, ~_IS_LINKED).returning(MediaRow.id)
        )
        if gone.first() is not None:
            taken.append((ProjectScope(ProjectId(project_id)), media_id))
        else:
            await session.execute(update(MediaRow).where(is_it).values(unlinked_at=None))
    return taken


_IS_LINKED = (
    exists().where(MediaLinkRow.project_id == MediaRow.project_id, MediaLinkRow.media_id == MediaRow.id)
).correlate(MediaRow)


async def _unlink(session: AsyncSession, scope: ProjectScope, is_meant: ColumnElement[bool], now: datetime) -> None:
    links = delete(MediaLinkRow).where(MediaLinkRow.project_id == scope.project_id, is_meant)
    of_links = (await session.scalars(links.returning(MediaLinkRow.media_id))).all()
    media_ids = sorted(set(of_links))
    for start in range(0, len(media_ids), _PER_STATEMENT):
        some = MediaRow.id.in_(media_ids[start : start + _PER_STATEMENT])
        in_project = MediaRow.project_id == scope.project_id
        await session.execute(update(MediaRow).where(in_project, some, ~_IS_LINKED).values(unlinked_at=now))


async def _link(session: AsyncSession, scope: ProjectScope, media_id: str, place: MediaPlace, now: datetime) -> None:
    owner = (place.trace_id, place.observation_id, place.dataset_id, place.dataset_item_id)
    link_id = ids.derived_id(scope.project_id, media_id, place.field, *(part or "" for part in owner))
    if await session.get(MediaLinkRow, link_id) is None:
        session.add(
            MediaLinkRow(
                id=link_id,
                project_id=scope.project_id,
                media_id=media_id,
                trace_id=place.trace_id,
                observation_id=place.observation_id,
                dataset_id=place.dataset_id,
                dataset_item_id=place.dataset_item_id,
                field=place.field,
                created_at=now,
            )
        )


async def _row(session: AsyncSession, scope: ProjectScope, media_id: str) -> MediaRow:
    row = await session.scalar(
        select(MediaRow).where(
            MediaRow.project_id == scope.project_id,
            MediaRow.id == media_id,
            _IS_LINKED,
        )
    )
    if row is None:
        raise errors.NotFoundError("Media asset not found")
    return row


def _media_of(row: MediaRow) -> Media:
    return Media(row.id, MediaContent(row.content_type, row.length_bytes, row.sha256), row.uploaded_at)
