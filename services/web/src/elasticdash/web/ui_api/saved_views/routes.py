"""What people of a project saved to look at again."""

from fastapi import APIRouter

from elasticdash.shared.postgres import saved_views
from elasticdash.shared.postgres.saved_views import ViewKind
from elasticdash.web.auth.policies import CurrentUserChange, EditedProject, ViewedProject
from elasticdash.web.dependencies import ReadingSession, WritingSession
from elasticdash.web.ui_api.saved_views.schemas import (
    CreateViewRequest,
    ReplaceViewRequest,
    SavedViewShape,
    SavedViewsShape,
)
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/projects/{project_id}/saved-views", tags=["saved views"], route_class=UiRoute)


@router.get("", operation_id="listSavedViews")
async def list_saved_views(kind: ViewKind, project: ViewedProject, session: ReadingSession) -> SavedViewsShape:
    """All of a kind."""
    found = await saved_views.list_all(session, project, kind)
    return SavedViewsShape(views=[SavedViewShape.model_validate(view) for view in found])


@router.post("", operation_id="createSavedView", status_code=201)
async def create_saved_view(
    body: CreateViewRequest, project: EditedProject, session: WritingSession, change: CurrentUserChange
) -> SavedViewShape:
    """A new view, seen by everybody in the project."""
    view = await saved_views.create(session, project, body.kind, body.name, body.content, change)
    return SavedViewShape.model_validate(view)


@router.put("/{view_id}", operation_id="replaceSavedView")
async def replace_saved_view(
    view_id: str, body: ReplaceViewRequest, project: EditedProject, session: WritingSession, change: CurrentUserChange
) -> SavedViewShape:
    """The view with its new name and content."""
    view = await saved_views.replace(session, project, view_id, body.name, body.content, change)
    return SavedViewShape.model_validate(view)


@router.delete("/{view_id}", operation_id="deleteSavedView", status_code=204)
async def delete_saved_view(
    view_id: str, project: EditedProject, session: WritingSession, change: CurrentUserChange
) -> None:
    """Remove a view for everybody."""
    await saved_views.delete(session, project, view_id, change)
