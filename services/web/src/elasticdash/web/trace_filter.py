"""Which traces a page of the UI is about: of a time range, of a filter as the public API takes it, with a text."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import Field

from elasticdash.shared.clickhouse import filter_columns, filter_conditions, filters, trace_table
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.web.views.json_text import us_of_time
from elasticdash.web.wire import OptionalText, OptionalTimestamp, WireModel

_MAX_SEARCH_CHARACTERS = 500


class TraceFilterQuery(WireModel):
    """Nothing given keeps all traces."""

    from_timestamp: OptionalTimestamp = None
    to_timestamp: OptionalTimestamp = None
    filter: OptionalText = None
    search: Annotated[OptionalText, Field(max_length=_MAX_SEARCH_CHARACTERS)] = None

    def predicates(self) -> Sequence[Predicate]:
        """All of it as conditions on the narrow rows; InvalidRequestError for a filter no column takes."""
        times: list[Condition] = []
        if self.from_timestamp:
            times.append(Condition("datetime", "timestamp", ">=", self.from_timestamp))
        if self.to_timestamp:
            times.append(Condition("datetime", "timestamp", "<", self.to_timestamp))
        found = filters.compile_all(filter_columns.TRACES, times, filter_conditions.parse(self.filter))
        if self.search is None:
            return found
        from_us = us_of_time(self.from_timestamp) if self.from_timestamp else None
        return [*found, trace_table.search(self.search, from_us)]


TracesFilter = Annotated[TraceFilterQuery, Query()]
