"""What the pages of sessions, users and environments ask for and get."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from elasticdash.shared.clickhouse.trace_groups import GroupPage, GroupSort, TraceGroup
from elasticdash.web.trace_filter import TraceFilterQuery
from elasticdash.web.views import json_text
from elasticdash.web.views.observation_view import number
from elasticdash.web.wire import WireModel

_MAX_ROWS = 200
_MAX_OFFSET = 100_000


class ListTraceGroupsQuery(TraceFilterQuery):
    """A page of groups of the traces a filter keeps."""

    sort: GroupSort = GroupSort.LAST
    order: Annotated[str, Field(pattern="^(asc|desc)$")] = "desc"
    offset: Annotated[int, Field(ge=0, le=_MAX_OFFSET)] = 0
    limit: Annotated[int, Field(ge=1, le=_MAX_ROWS)] = 50

    def page(self) -> GroupPage:
        """The page, and one group more, which tells whether another follows."""
        return GroupPage(self.sort, self.order == "desc", self.limit + 1, self.offset)


class TraceGroupShape(WireModel):
    """One group: `key` is the session, user or environment; `users` are some of those in it."""

    key: str
    first: str
    last: str
    traces: int
    errors: int
    observations: int
    total_cost_usd: float | None
    total_tokens: int
    users: list[str]
    sessions: int

    @classmethod
    def of(cls, group: TraceGroup) -> "TraceGroupShape":
        """The group as the pages show it."""
        return cls(
            key=group.key,
            first=json_text.precise_time_of_us(group.first_us),
            last=json_text.precise_time_of_us(group.last_us),
            traces=group.traces,
            errors=group.errors,
            observations=group.observations,
            total_cost_usd=number(group.total_cost_usd),
            total_tokens=group.total_tokens,
            users=list(group.users),
            sessions=group.sessions,
        )


class TraceGroupsShape(WireModel):
    """A page of groups; `next` is the offset of the one after it, null on the last."""

    groups: list[TraceGroupShape]
    next: int | None


TraceGroupsQuery = Annotated[ListTraceGroupsQuery, Query()]
