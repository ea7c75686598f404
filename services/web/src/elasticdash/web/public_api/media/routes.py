"""`/api/public/media`: files that SDKs take out of traces, announced, sent to a URL of their own, and read again."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request

from elasticdash.shared import errors
from elasticdash.shared.postgres import media
from elasticdash.web.dependencies import AuthenticatedRoute, CurrentProject, CurrentServices, ReadingSession
from elasticdash.web.public_api.media.schemas import (
    MediaResponse,
    PatchMediaRequest,
    PatchMediaResponse,
    UploadUrlRequest,
    UploadUrlResponse,
)

router = APIRouter(prefix="/api/public/media", tags=["Media"], route_class=AuthenticatedRoute)

_OK = 200


@router.post("", operation_id="media_getUploadUrl", status_code=201)
async def get_upload_url(
    body: UploadUrlRequest, project: CurrentProject, services: CurrentServices, request: Request
) -> UploadUrlResponse:
    """The id of a file, and where to send it unless it is here already."""
    max_bytes = services.media.rules.max_content_bytes
    if body.content_length > max_bytes:
        issue = errors.FieldIssue(("contentLength",), f"must be at most {max_bytes}")
        raise errors.InvalidRequestError("Invalid request data", [issue])
    now = datetime.now(UTC)
    async with services.database.writing() as session:
        announced = await media.announce(session, project, body.content(), body.place(), now)
    # Asked of the store after the file belongs somewhere: from then on nobody takes it away.
    if announced.uploaded_at is not None and await services.media.is_there(project, announced):
        return UploadUrlResponse(media_id=announced.id, upload_url=None)
    url = services.media.upload_url(request, project, announced, now)
    return UploadUrlResponse(media_id=announced.id, upload_url=url)


@router.patch("/{media_id}", operation_id="media_patch")
async def patch_media(
    media_id: str, body: PatchMediaRequest, project: CurrentProject, services: CurrentServices
) -> PatchMediaResponse:
    """Note how an upload ended. What the store has counts, whatever the client saw; it can't claim what isn't there."""
    async with services.database.reading() as session:
        known = await media.get(session, project, media_id)
    is_there = await services.media.is_there(project, known)
    claims_success = _OK <= body.upload_http_status < 300
    if claims_success and not is_there:
        raise errors.InvalidRequestError("The file has not arrived, or not all of it")
    status = _OK if is_there else body.upload_http_status
    async with services.database.writing() as session:
        await media.record_upload(session, project, media_id, status, body.uploaded_at, datetime.now(UTC))
    return PatchMediaResponse()


@router.get("/{media_id}", operation_id="media_get")
async def get_media(
    media_id: str, project: CurrentProject, services: CurrentServices, session: ReadingSession, request: Request
) -> MediaResponse:
    """A file that has arrived, with a URL to read it from."""
    found = await media.get_uploaded(session, project, media_id)
    now = datetime.now(UTC)
    download = services.media.download_url(request, project, found, now)
    return MediaResponse(
        media_id=found.id,
        content_type=found.content.content_type,
        content_length=found.content.length_bytes,
        uploaded_at=found.uploaded_at or now,
        url=download.url,
        url_expiry=download.expires_at,
    )
