"""What the session operations take: query parameters, checked where they enter."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from elasticdash.shared.clickhouse.sessions import SessionFilter
from elasticdash.web.pagination import PageMeta
from elasticdash.web.views import json_text
from elasticdash.web.views.shapes import TraceShape
from elasticdash.web.wire import OptionalTimestamp, TextList, Timestamp, WireModel


class SessionShape(WireModel):
    """A session."""

    id: str
    created_at: Timestamp
    project_id: str
    environment: str


class SessionWithTracesShape(SessionShape):
    """A session with its traces."""

    traces: list[TraceShape]


class SessionsResponse(WireModel):
    """A page of sessions."""

    data: list[SessionShape]
    meta: PageMeta


class ListSessionsQuery(WireModel):
    """Query of the session list; empty values mean the parameter was not sent."""

    from_timestamp: OptionalTimestamp = None
    to_timestamp: OptionalTimestamp = None
    environment: TextList = Field(default_factory=list[str])

    def session_filter(self) -> SessionFilter:
        """Which sessions are asked for."""
        return SessionFilter(
            None if self.from_timestamp is None else json_text.us_of_time(self.from_timestamp),
            None if self.to_timestamp is None else json_text.us_of_time(self.to_timestamp),
            self.environment,
        )


SessionsQuery = Annotated[ListSessionsQuery, Query()]
