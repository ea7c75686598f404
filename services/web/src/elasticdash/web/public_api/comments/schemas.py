"""What the API takes and says about comments."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from elasticdash.shared import errors
from elasticdash.shared.postgres.comments import CommentedType, CommentFilter
from elasticdash.web.pagination import PageMeta
from elasticdash.web.wire import EMPTY_IS_UNSET, STORABLE, OptionalText, Text, Timestamp, WireModel

MAX_CHARACTERS = 5000


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


ObjectType = Annotated[CommentedType, BeforeValidator(_upper)]
Content = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_CHARACTERS), STORABLE]


class CreateCommentRequest(WireModel):
    """A comment; `authorUserId` is a member of the organization."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    project_id: str
    object_type: ObjectType
    object_id: Annotated[Text, Field(min_length=1)]
    content: Content
    author_user_id: Text | None = None


class CreateCommentResponse(WireModel):
    """The id of the new comment."""

    id: str


class CommentResponse(WireModel):
    """A comment."""

    id: str
    project_id: str
    created_at: Timestamp
    updated_at: Timestamp
    object_type: Literal["TRACE", "OBSERVATION", "SESSION", "PROMPT"]
    object_id: str
    content: str
    author_user_id: str | None


class CommentsResponse(WireModel):
    """A page of comments, newest first."""

    data: list[CommentResponse]
    meta: PageMeta


def _read(
    object_type: Annotated[ObjectType | None, EMPTY_IS_UNSET, Query(alias="objectType")] = None,
    object_id: Annotated[OptionalText, Query(alias="objectId")] = None,
    author_user_id: Annotated[OptionalText, Query(alias="authorUserId")] = None,
) -> CommentFilter:
    if object_id is not None and object_type is None:
        issue = errors.FieldIssue(("objectType",), "must be given where objectId is")
        raise errors.InvalidRequestError("Invalid request data", [issue])
    return CommentFilter(object_type=object_type, object_id=object_id, author_user_id=author_user_id)


RequestedComments = Annotated[CommentFilter, Depends(_read)]
