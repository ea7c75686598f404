"""Where clients send and read files of media: S3 itself, or our own server on behalf of a folder."""

import mimetypes
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request

from elasticdash.shared.blobs import media as media_objects
from elasticdash.shared.blobs.media import MediaObject
from elasticdash.shared.blobs.media_bucket import MediaBucket
from elasticdash.shared.blobs.media_folder import MediaFolder
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.keyrings import SessionKeys
from elasticdash.shared.postgres.media import Media
from elasticdash.web.media import content_urls
from elasticdash.web.media.content_urls import ContentUrl


@dataclass(frozen=True, slots=True)
class MediaRules:
    """How large files may be, how long URLs work, and what clients call our own server (None: as they just did)."""

    max_content_bytes: int = 1_000_000_000
    upload_url_seconds: int = 3600
    download_url_seconds: int = 3600
    public_url: str | None = None


@dataclass(frozen=True, slots=True)
class DownloadUrl:
    """Who has the URL may read the file until it expires."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MediaFiles:
    """The store of files, and URLs to it."""

    store: MediaFolder | MediaBucket
    keys: SessionKeys
    rules: MediaRules = MediaRules()

    async def is_there(self, scope: ProjectScope, media: Media) -> bool:
        """Whether the store has the whole file."""
        return await self.store.size_of(object_of(scope, media).key) == media.content.length_bytes

    def upload_url(self, request: Request, scope: ProjectScope, media: Media, now: datetime) -> str:
        """Where this file, and no other, may be sent with PUT."""
        seconds = self.rules.upload_url_seconds
        if isinstance(self.store, MediaBucket):
            return self.store.upload_url(object_of(scope, media), seconds)
        return self._own_url(request, "PUT", scope, media, now + timedelta(seconds=seconds))

    def download_url(self, request: Request, scope: ProjectScope, media: Media, now: datetime) -> DownloadUrl:
        """Where the file may be read."""
        seconds = self.rules.download_url_seconds
        expires_at = now + timedelta(seconds=seconds)
        if isinstance(self.store, MediaBucket):
            url = self.store.download_url(object_of(scope, media), file_name(media), seconds)
        else:
            url = self._own_url(request, "GET", scope, media, expires_at)
        return DownloadUrl(url, expires_at)

    def page_url(self, scope: ProjectScope, media: Media, now: datetime) -> str:
        """Where a page of ours may read the file: in S3, or at our own server, relative to the page's base."""
        seconds = self.rules.download_url_seconds
        if isinstance(self.store, MediaBucket):
            return self.store.download_url(object_of(scope, media), file_name(media), seconds)
        until = int((now + timedelta(seconds=seconds)).timestamp())
        return content_urls.signed(self.keys, ContentUrl("GET", scope.project_id, media.id, until)).lstrip("/")

    def page_source(self) -> str | None:
        """What the policy of our pages must let them load files from; None: from nowhere but our own server."""
        return self.store.page_source() if isinstance(self.store, MediaBucket) else None

    def _own_url(
        self, request: Request, method: content_urls.Method, scope: ProjectScope, media: Media, expires_at: datetime
    ) -> str:
        base = self.rules.public_url or str(request.base_url)
        wanted = ContentUrl(method, scope.project_id, media.id, int(expires_at.timestamp()))
        return f"{base.rstrip('/')}{content_urls.signed(self.keys, wanted)}"


def object_of(scope: ProjectScope, media: Media) -> MediaObject:
    """The file as its store knows it."""
    content = media.content
    key = media_objects.key_of(scope.project_id, media.id)
    return MediaObject(key, content.content_type, content.length_bytes, content.sha256)


def file_name(media: Media) -> str:
    """What browsers call the file when they save it: only letters, digits, `-`, `_` and a dot."""
    return f"{media.id}{mimetypes.guess_extension(media.content.content_type) or ''}"
