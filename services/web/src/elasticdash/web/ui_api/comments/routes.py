"""What people say about traces, observations, sessions and prompts."""

from fastapi import APIRouter, Request

from elasticdash.shared import errors
from elasticdash.shared.postgres import comments, users
from elasticdash.web import commented_objects
from elasticdash.web.auth import policies
from elasticdash.web.auth.policies import CurrentUserChange, EditedProject, ViewedProject
from elasticdash.web.dependencies import CurrentServices, ReadingSession, WritingSession
from elasticdash.web.ui_api.comments.schemas import (
    CommentPageShape,
    CommentShape,
    CommentsQuery,
    CreateCommentRequest,
)
from elasticdash.web.ui_route import UiRoute

router = APIRouter(prefix="/projects/{project_id}/comments", tags=["comments"], route_class=UiRoute)


@router.get("", operation_id="listComments")
async def list_comments(
    query: CommentsQuery, project: ViewedProject, session: ReadingSession, request: Request
) -> CommentPageShape:
    """A page of comments, newest first; none about what does not exist."""
    reader = await policies.find_user(request)
    rows, total = await comments.list_page(session, project, query.wanted(), offset=query.offset, limit=query.limit)
    emails = await users.emails_of(session, {row.author_user_id for row in rows if row.author_user_id is not None})
    after = query.offset + query.limit
    return CommentPageShape(
        comments=[CommentShape.of(row, emails, reader.id if reader else "") for row in rows],
        total=total,
        next=after if after < total else None,
    )


@router.post("", operation_id="createComment", status_code=204)
async def create_comment(
    body: CreateCommentRequest, project: EditedProject, services: CurrentServices, change: CurrentUserChange
) -> None:
    """A new comment by who is signed in; NotFoundError when there is nothing to comment on."""
    # Looked up before anything is locked for writing: the engine may take its time.
    async with services.database.reading() as session:
        about = await commented_objects.get(session, services.clickhouse, project, body.object_type, body.object_id)
    async with services.database.writing() as session:
        await comments.create(session, project, about, body.content, change.actor.id, change)


@router.delete("/{comment_id}", operation_id="deleteComment", status_code=204)
async def delete_comment(
    comment_id: str, project: EditedProject, session: WritingSession, change: CurrentUserChange
) -> None:
    """Take back what one said oneself; NotFoundError, AccessDeniedError for what somebody else said."""
    row = await comments.get(session, project, comment_id)
    if row.author_user_id != change.actor.id:
        raise errors.AccessDeniedError("Only who wrote a comment may delete it")
    await comments.delete_one(session, project, row, change)
