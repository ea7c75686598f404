"""`/api/public/media/{id}/content`: files themselves, where no S3 keeps them; the URL's signature is the key."""

import os
from datetime import UTC, datetime
from pathlib import Path

import anyio
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute

from elasticdash.shared import errors
from elasticdash.shared.blobs.media_folder import MediaFolder
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import media
from elasticdash.shared.postgres.media import Media
from elasticdash.web import error_responses
from elasticdash.web.media import content_urls, files
from elasticdash.web.request_context import HotRoute
from elasticdash.web.services import Services, services_of

# Files are hostile: a page or an SVG must neither run here nor be taken for anything but itself.
_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, max-age=300",
}


async def receive_or_send(request: Request) -> Response:
    """PUT: 200 once the file is durable. GET: the file, or the asked part of it."""
    try:
        return await (_receive(request) if request.method == "PUT" else _send(request))
    except errors.ElasticDashError as error:
        return error_responses.response_for(error)


async def _receive(request: Request) -> Response:
    services, folder = services_of(request.app), _folder_of(request)
    scope = _allowed(request, "PUT")
    wanted = await _find(services, scope, request.path_params["media_id"])
    _check_headers(request, wanted)
    services.gate.pressure.check()
    await folder.receive(files.object_of(scope, wanted), request.stream())
    now = datetime.now(UTC)
    async with services.database.writing() as session:
        await media.record_upload(session, scope, wanted.id, 200, now, now)
    return Response(status_code=200)


async def _send(request: Request) -> Response:
    services, folder = services_of(request.app), _folder_of(request)
    scope = _allowed(request, "GET")
    async with services.database.reading() as session:
        wanted = await media.get_uploaded(session, scope, request.path_params["media_id"])
    path = folder.path_of(files.object_of(scope, wanted).key)
    return FileResponse(
        path,
        headers=_HEADERS,
        media_type=wanted.content.content_type,
        filename=files.file_name(wanted),
        stat_result=await anyio.to_thread.run_sync(_stat, path),
    )


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except FileNotFoundError as error:
        raise errors.NotFoundError("Media asset not found") from error


def _folder_of(request: Request) -> MediaFolder:
    store = services_of(request.app).media.store
    if not isinstance(store, MediaFolder):
        raise errors.NotFoundError("Files are read from and sent to the object store itself")
    return store


def _allowed(request: Request, method: content_urls.Method) -> ProjectScope:
    keys = services_of(request.app).media.keys
    allowed = content_urls.opened(keys, method, request.path_params["media_id"], request.query_params)
    return ProjectScope(ProjectId(allowed.project_id))


async def _find(services: Services, scope: ProjectScope, media_id: str) -> Media:
    async with services.database.reading() as session:
        return await media.get(session, scope, media_id)


def _check_headers(request: Request, wanted: Media) -> None:
    """Refuse before the body what can't be the announced file."""
    content = wanted.content
    if request.headers.get("content-type", content.content_type) != content.content_type:
        raise errors.InvalidRequestError(f"The file was announced as {content.content_type}")
    if request.headers.get("content-length", str(content.length_bytes)) != str(content.length_bytes):
        raise errors.InvalidRequestError(f"The file was announced with {content.length_bytes} bytes")


ROUTES: list[BaseRoute] = [
    HotRoute(content_urls.PATH, receive_or_send, methods=["GET", "PUT"], include_in_schema=False)
]
