"""`/api/public/comments`."""

from fastapi import APIRouter

from elasticdash.shared import errors
from elasticdash.shared.domain.roles import Role
from elasticdash.shared.postgres import comments, users
from elasticdash.web import commented_objects
from elasticdash.web.dependencies import (
    AuthenticatedRoute,
    CurrentChange,
    CurrentProject,
    CurrentServices,
    ReadingSession,
)
from elasticdash.web.pagination import RequestedPage, page_meta
from elasticdash.web.public_api.comments.schemas import (
    CommentResponse,
    CommentsResponse,
    CreateCommentRequest,
    CreateCommentResponse,
    RequestedComments,
)

router = APIRouter(prefix="/api/public/comments", tags=["Comments"], route_class=AuthenticatedRoute)


@router.post("", operation_id="comments_create")
async def create_comment(
    body: CreateCommentRequest, project: CurrentProject, services: CurrentServices, change: CurrentChange
) -> CreateCommentResponse:
    """A new comment on something that is there, by a member of the organization or by nobody in particular."""
    if body.project_id != project.project_id:
        issue = errors.FieldIssue(("projectId",), "must be the project of the API key")
        raise errors.InvalidRequestError("Invalid request data", [issue])
    author = body.author_user_id
    # Looked up before anything is locked for writing: the engine may take its time.
    async with services.database.reading() as session:
        if author is not None and await users.role_in_project(session, author, project) is Role.NONE:
            raise errors.NotFoundError("No such user in the organization of the project")
        about = await commented_objects.get(session, services.clickhouse, project, body.object_type, body.object_id)
    async with services.database.writing() as session:
        row = await comments.create(session, project, about, body.content, author, change)
    return CreateCommentResponse(id=row.id)


@router.get("", operation_id="comments_get")
async def list_comments(
    project: CurrentProject, session: ReadingSession, wanted: RequestedComments, page: RequestedPage
) -> CommentsResponse:
    """Comments of the project, or on one thing, or by one author; newest first."""
    rows, total = await comments.list_page(session, project, wanted, offset=page.offset, limit=page.limit)
    return CommentsResponse(data=[CommentResponse.model_validate(row) for row in rows], meta=page_meta(page, total))


@router.get("/{comment_id}", operation_id="comments_get-by-id")
async def get_comment(comment_id: str, project: CurrentProject, session: ReadingSession) -> CommentResponse:
    """One comment."""
    return CommentResponse.model_validate(await comments.get(session, project, comment_id))
