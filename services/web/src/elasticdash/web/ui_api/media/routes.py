"""Files that traces and items of a project refer to."""

from datetime import UTC, datetime

from fastapi import APIRouter

from elasticdash.shared.postgres import media
from elasticdash.web.auth.policies import ViewedProject
from elasticdash.web.dependencies import CurrentServices, ReadingSession
from elasticdash.web.ui_api.media.schemas import MediaShape
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/projects/{project_id}", tags=["media"], route_class=UiRoute)


@router.get("/media/{media_id}", operation_id="getMedia")
async def get_media(
    media_id: str, project: ViewedProject, services: CurrentServices, session: ReadingSession
) -> MediaShape:
    """One file with an address to read it from; NotFoundError while it has not arrived."""
    found = await media.get_uploaded(session, project, media_id)
    return MediaShape.of(found, services.media.page_url(project, found, datetime.now(UTC)))
