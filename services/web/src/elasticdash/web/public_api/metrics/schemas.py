"""What the metrics operations take beside the query language, and what they answer."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.web.pagination import PageMeta
from elasticdash.web.wire import OptionalText, OptionalTimestamp, TextList, WireModel


class MetricsResponse(WireModel):
    """Rows of an answer: dimensions, `time_dimension` and `<aggregation>_<measure>` by name."""

    data: list[dict[str, Any]]


class DailyUsage(WireModel):
    """What one model used on one day; `model` is null for observations without one."""

    model: str | None
    input_usage: int
    output_usage: int
    total_usage: int
    total_cost: float
    count_observations: int
    count_traces: int


class DailyMetrics(WireModel):
    """One day of UTC; cost in USD."""

    date: str
    count_traces: int
    count_observations: int
    total_cost: float
    usage: list[DailyUsage]


class DailyMetricsResponse(WireModel):
    """A page of days, newest first."""

    data: list[DailyMetrics]
    meta: PageMeta


class ListDailyMetricsQuery(WireModel):
    """Query of the daily metrics; empty values mean the parameter was not sent."""

    trace_name: OptionalText = None
    user_id: OptionalText = None
    tags: TextList = Field(default_factory=list[str])
    environment: TextList = Field(default_factory=list[str])
    from_timestamp: OptionalTimestamp = None
    to_timestamp: OptionalTimestamp = None

    def conditions(self, time_column: str) -> list[Condition]:
        """The parameters as conditions on traces or observations, whose time has the given name."""
        texts = {"traceName": self.trace_name, "userId": self.user_id}
        found = [Condition("string", column, "=", text) for column, text in texts.items() if text is not None]
        if self.tags:
            found.append(Condition("arrayOptions", "tags", "all of", self.tags))
        if self.environment:
            found.append(Condition("stringOptions", "environment", "any of", self.environment))
        if self.from_timestamp:
            found.append(Condition("datetime", time_column, ">=", self.from_timestamp))
        if self.to_timestamp:
            found.append(Condition("datetime", time_column, "<", self.to_timestamp))
        return found


DailyMetricsQuery = Annotated[ListDailyMetricsQuery, Query()]
