"""Files of one trace for everyone who has its link, and no other files of its project."""

from datetime import UTC, datetime

from fastapi import APIRouter

from elasticdash.shared.postgres import media
from elasticdash.web.auth.policies import ViewedSharedTrace
from elasticdash.web.dependencies import CurrentServices, ReadingSession
from elasticdash.web.ui_api.media.schemas import MediaShape
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/shared/{project_id}", tags=["shared traces"], route_class=UiRoute)


@router.get("/media/{media_id}", operation_id="getSharedMedia")
async def get_media(
    media_id: str, shared: ViewedSharedTrace, services: CurrentServices, session: ReadingSession
) -> MediaShape:
    """One file that belongs to the trace; NotFoundError for all others, and while it has not arrived."""
    await media.require_of_trace(session, shared.scope, shared.trace_id, media_id)
    found = await media.get_uploaded(session, shared.scope, media_id)
    return MediaShape.of(found, services.media.page_url(shared.scope, found, datetime.now(UTC)))
