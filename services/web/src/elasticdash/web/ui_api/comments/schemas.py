"""What people say about traces, observations, sessions and prompts, as pages send and get it."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Query
from pydantic import Field, StringConstraints

from elasticdash.shared.postgres.comments import CommentedType, CommentFilter
from elasticdash.shared.postgres.models.comments import CommentRow
from elasticdash.web.wire import STORABLE, Text, Timestamp, WireModel

_MAX_CHARACTERS = 5000
_MAX_ROWS = 100
_MAX_OFFSET = 1_000_000

ObjectId = Annotated[Text, Field(min_length=1)]


class ListCommentsQuery(WireModel):
    """A page of what is said about one thing; about a trace, with what is said about its observations."""

    object_type: CommentedType
    object_id: ObjectId
    offset: Annotated[int, Field(ge=0, le=_MAX_OFFSET)] = 0
    limit: Annotated[int, Field(ge=1, le=_MAX_ROWS)] = 20

    def wanted(self) -> CommentFilter:
        """The same for the store."""
        if self.object_type is CommentedType.TRACE:
            return CommentFilter(trace_id=self.object_id)
        return CommentFilter(object_type=self.object_type, object_id=self.object_id)


class CreateCommentRequest(WireModel):
    """What to say about something."""

    object_type: CommentedType
    object_id: ObjectId
    content: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=_MAX_CHARACTERS), STORABLE
    ]


class CommentShape(WireModel):
    """A comment; `author` is the address of who wrote it, null for an application and for who is gone."""

    id: str
    object_type: CommentedType
    object_id: str
    content: str
    author: str | None
    is_by_application: bool
    is_mine: bool
    created_at: Timestamp

    @classmethod
    def of(cls, row: CommentRow, emails: Mapping[str, str], reader_id: str) -> "CommentShape":
        """The comment as someone who reads it sees it."""
        return cls(
            id=row.id,
            object_type=CommentedType(row.object_type),
            object_id=row.object_id,
            content=row.content,
            author=emails.get(row.author_user_id or ""),
            is_by_application=row.author_user_id is None,
            is_mine=row.author_user_id == reader_id,
            created_at=row.created_at,
        )


class CommentPageShape(WireModel):
    """A page of comments, newest first, and how many there are; `next` is the offset of what comes after."""

    comments: list[CommentShape]
    total: int
    next: int | None


CommentsQuery = Annotated[ListCommentsQuery, Query()]
