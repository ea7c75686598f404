"""What the trace operations take: query parameters and bodies, checked where they enter."""

import base64
from collections.abc import Sequence
from typing import Annotated

import msgspec
from fastapi import Query
from pydantic import Field

from elasticdash.shared import errors
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.web import pagination
from elasticdash.web.pagination import Page
from elasticdash.web.views.shapes import CursorPageMeta, ListedTraceShape
from elasticdash.web.wire import EMPTY_IS_UNSET, OptionalText, OptionalTimestamp, TextList, WireModel

GROUPS = frozenset({"core", "io", "scores", "observations", "metrics"})
MAX_LIMIT_WITHOUT_TEXT = 1000
MAX_DELETED_AT_ONCE = 1000
_MAX_PAGE = 10**9


class ListTracesQuery(WireModel):
    """Query of the trace list; empty values mean the parameter was not sent."""

    page: Annotated[Annotated[int, Field(ge=1, le=_MAX_PAGE)] | None, EMPTY_IS_UNSET] = None
    limit: Annotated[Annotated[int, Field(ge=1)] | None, EMPTY_IS_UNSET] = None
    cursor: OptionalText = None
    user_id: OptionalText = None
    name: OptionalText = None
    session_id: OptionalText = None
    version: OptionalText = None
    release: OptionalText = None
    tags: TextList = Field(default_factory=list[str])
    environment: TextList = Field(default_factory=list[str])
    from_timestamp: OptionalTimestamp = None
    to_timestamp: OptionalTimestamp = None
    order_by: OptionalText = None
    fields_: Annotated[OptionalText, Field(alias="fields")] = None
    filter: OptionalText = None

    def conditions(self) -> Sequence[Condition]:
        """The plain parameters as filter conditions."""
        texts = {
            "userId": self.user_id,
            "name": self.name,
            "sessionId": self.session_id,
            "version": self.version,
            "release": self.release,
        }
        found = [Condition("string", column, "=", text) for column, text in texts.items() if text is not None]
        if self.tags:
            found.append(Condition("arrayOptions", "tags", "all of", self.tags))
        if self.environment:
            found.append(Condition("stringOptions", "environment", "any of", self.environment))
        if self.from_timestamp:
            found.append(Condition("datetime", "timestamp", ">=", self.from_timestamp))
        if self.to_timestamp:
            found.append(Condition("datetime", "timestamp", "<", self.to_timestamp))
        return found

    def groups(self) -> frozenset[str]:
        """The field groups asked for; all when none, or none that exists, is named."""
        return parse_groups(self.fields_)

    def requested_page(self) -> Page:
        """Which rows, by cursor or page; InvalidRequestError when the limit is too high for what is asked.

        Rows without texts are small, so more of them may be asked for at once.
        """
        highest = pagination.MAX_LIMIT if "io" in self.groups() else MAX_LIMIT_WITHOUT_TEXT
        limit = self.limit or pagination.DEFAULT_LIMIT
        if limit > highest:
            message = f"must be at most {highest} ({MAX_LIMIT_WITHOUT_TEXT} when fields leaves out io)"
            raise errors.InvalidRequestError("Invalid request data", [errors.FieldIssue(("limit",), message)])
        return Page(_page_of_cursor(self.cursor) if self.cursor else self.page or 1, limit)


class TracesResponse(WireModel):
    """A page of traces."""

    data: list[ListedTraceShape]
    meta: CursorPageMeta


class DeletedResponse(WireModel):
    """What was done."""

    message: str


class DeleteTracesRequest(WireModel):
    """Which traces to delete."""

    trace_ids: Annotated[list[str], Field(min_length=1, max_length=MAX_DELETED_AT_ONCE)]


TracesQuery = Annotated[ListTracesQuery, Query()]


def parse_groups(fields: str | None) -> frozenset[str]:
    """The known groups of a comma list; all groups when there is none."""
    named = GROUPS.intersection((fields or "").split(","))
    return named or GROUPS


def cursor_of_page(page: int) -> str:
    """The opaque text that asks for a page."""
    return base64.urlsafe_b64encode(msgspec.json.encode({"page": page})).decode()


class _Cursor(msgspec.Struct):
    page: Annotated[int, msgspec.Meta(ge=1, le=_MAX_PAGE)]


def _page_of_cursor(cursor: str) -> int:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor.encode()), type=_Cursor).page
    except ValueError as error:
        raise errors.InvalidRequestError("Invalid cursor format") from error
