"""Media in an S3 bucket: files go from and to clients with signed URLs, never through our own server."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from elasticdash.shared import errors
from elasticdash.shared.blobs import media, s3_client
from elasticdash.shared.blobs.media import MediaObject
from elasticdash.shared.blobs.s3 import S3BlobStore
from elasticdash.shared.blobs.s3_client import S3Config

# SDKs send no checksum there. Source: section 7.7 of the API contract research.
_WITHOUT_CHECKSUMS = "storage.googleapis.com"
_ANY = MediaObject(media.key_of("project", "media"), "image/png", 1, "")
# The project and the file.
_SEGMENTS_BELOW_FOLDER = 2


class MediaBucket(S3BlobStore):
    """Files of a bucket. `external_endpoint` is what clients call the server, where that differs."""

    def __init__(self, config: S3Config, external_endpoint: str | None = None) -> None:
        super().__init__(config)
        endpoint = external_endpoint or config.endpoint
        self._signer = s3_client.open_client(replace(config, endpoint=endpoint))
        self._signs_checksums = urlsplit(endpoint or "").hostname != _WITHOUT_CHECKSUMS

    async def size_of(self, key: str) -> int | None:
        """The size in bytes; None when there is no such file."""
        what = "The file could not be looked for"
        try:
            found = await self._call(what, lambda: self._client.head_object(**self._object(key)), self._deadline())
        except errors.NotFoundError:
            return None
        return int(found["ContentLength"])

    def upload_url(self, wanted: MediaObject, expires_seconds: int) -> str:
        """Where exactly this file may be sent with PUT: its type, length and SHA-256 are part of the signature."""
        request: dict[str, Any] = {
            **self._object(wanted.key),
            "ContentType": wanted.content_type,
            "ContentLength": wanted.length_bytes,
        }
        if self._signs_checksums:
            request["ChecksumSHA256"] = wanted.sha256
        return self._signer.generate_presigned_url("put_object", Params=request, ExpiresIn=expires_seconds)

    def download_url(self, wanted: MediaObject, file_name: str, expires_seconds: int) -> str:
        """Where the file may be read; browsers save it instead of showing it as a page."""
        request = {
            **self._object(wanted.key),
            "ResponseContentType": wanted.content_type,
            "ResponseContentDisposition": f'attachment; filename="{file_name}"',
        }
        return self._signer.generate_presigned_url("get_object", Params=request, ExpiresIn=expires_seconds)

    def page_source(self) -> str | None:
        """Where all files are, as a content security policy names it; None while nothing can be signed."""
        try:
            url = urlsplit(self.download_url(_ANY, "", 1))
        except s3_client.S3_ERRORS:
            return None
        folder = url.path.rsplit("/", _SEGMENTS_BELOW_FOLDER)[0]
        return f"{url.scheme}://{url.netloc}{folder}/"
