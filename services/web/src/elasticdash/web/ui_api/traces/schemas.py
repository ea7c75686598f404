"""What the pages about traces ask for and get."""

from enum import StrEnum
from typing import Annotated

from fastapi import Query
from pydantic import Field

from elasticdash.shared.clickhouse.trace_table import Position, Sort
from elasticdash.web import cursors
from elasticdash.web.trace_filter import TraceFilterQuery
from elasticdash.web.wire import OptionalText, WireModel

MAX_ROWS = 200
MAX_DELETED_AT_ONCE = 1000


class TextField(StrEnum):
    """The texts that may be long."""

    INPUT = "input"
    OUTPUT = "output"


class ListTracesQuery(TraceFilterQuery):
    """A page of the table."""

    sort: Sort = Sort.TIME
    order: Annotated[str, Field(pattern="^(asc|desc)$")] = "desc"
    cursor: OptionalText = None
    limit: Annotated[int, Field(ge=1, le=MAX_ROWS)] = 50

    def position(self) -> Position | None:
        """Where the page begins; InvalidRequestError for a cursor that is not one of this sort."""
        return position_of(self.cursor, self.sort) if self.cursor else None


class OverviewQuery(TraceFilterQuery):
    """The same traces in stretches of time."""

    bucket_seconds: Annotated[int, Field(ge=1, le=366 * 86_400)] = 3600


class TraceRowShape(WireModel):
    """A row of the table; previews are the first characters of the texts."""

    id: str
    timestamp: str
    name: str | None
    user_id: str | None
    session_id: str | None
    release: str | None
    version: str | None
    environment: str
    public: bool
    bookmarked: bool
    tags: list[str]
    observation_count: int
    latency_seconds: float | None
    total_cost_usd: float | None
    input_tokens: int
    output_tokens: int
    total_tokens: int
    error_count: int
    warning_count: int
    level: str
    models: list[str]
    input_preview: str | None
    output_preview: str | None


class TracePageShape(WireModel):
    """A page; `next` asks for the one after it, null on the last."""

    rows: list[TraceRowShape]
    next: str | None


class BucketShape(WireModel):
    """A stretch of time with traces."""

    start: str
    traces: int
    errors: int


class OverviewShape(WireModel):
    """What is true of all traces a filter keeps; empty stretches are left out."""

    traces: int
    errors: int
    total_cost_usd: float | None
    total_tokens: int
    p50_seconds: float | None
    p95_seconds: float | None
    buckets: list[BucketShape]


class OptionShape(WireModel):
    """A value that traces have, and how many."""

    value: str
    traces: int


class OptionsShape(WireModel):
    """The most frequent values of a facet."""

    options: list[OptionShape]


class TraceHeadShape(WireModel):
    """A trace without its texts."""

    id: str
    timestamp: str
    name: str | None
    user_id: str | None
    session_id: str | None
    release: str | None
    version: str | None
    environment: str
    public: bool
    bookmarked: bool
    tags: list[str]


class SkeletonShape(WireModel):
    """The observations of a trace by start time, one list per column.

    `parent` is a position in the lists, -1 for none; `name`, `type`, `level` and `model` are positions in
    `words`. Times are µs from `start`; an end of -1 is still to come, a first token of -1 was not told.
    `missing_parents` names parents that are not here by the position of their child.
    """

    start: str
    ids: list[str]
    parent: list[int]
    name: list[int]
    type: list[int]
    level: list[int]
    model: list[int]
    start_us: list[int]
    end_us: list[int]
    first_token_us: list[int]
    input_tokens: list[int]
    output_tokens: list[int]
    total_tokens: list[int]
    cost_usd: list[float | None]
    words: list[str]
    missing_parents: dict[str, str]


class TraceScoreShape(WireModel):
    """A score of the trace, or of one of its observations."""

    id: str
    observation_id: str | None
    name: str
    data_type: str
    value: float | None
    text: str | None
    source: str
    comment: str | None
    config_id: str | None
    timestamp: str


class TraceShape(WireModel):
    """All a trace's page needs before something is selected."""

    trace: TraceHeadShape
    skeleton: SkeletonShape
    scores: list[TraceScoreShape]


class TextShape(WireModel):
    """A stored text, or its beginning; `characters` counts all of it."""

    text: str
    characters: int


class TraceTextsShape(WireModel):
    """Input, output and metadata of a trace; null where there is none."""

    input: TextShape | None
    output: TextShape | None
    metadata: dict[str, TextShape]


class ObservationDetailShape(TraceTextsShape):
    """One observation with all that is kept of it; costs are USD."""

    id: str
    type: str
    name: str | None
    level: str
    status_message: str | None
    environment: str
    version: str | None
    release: str | None
    model: str | None
    model_id: str | None
    model_parameters: str | None
    usage: dict[str, int]
    cost_usd: dict[str, float]
    total_cost_usd: float | None
    pricing_tier_name: str | None
    prompt_name: str | None
    prompt_version: int | None
    start: str
    latency_seconds: float | None
    time_to_first_token_seconds: float | None


class SharedTraceHeadShape(WireModel):
    """What everyone with its link may know of a trace: neither whose it is nor what it belongs to."""

    id: str
    timestamp: str
    name: str | None
    release: str | None
    version: str | None
    environment: str
    tags: list[str]


class SharedTraceShape(WireModel):
    """A trace as everyone with its link may see it, before something is selected."""

    trace: SharedTraceHeadShape
    skeleton: SkeletonShape


class TracePlaceShape(WireModel):
    """The project that has a trace."""

    project_id: str


class ShareTraceRequest(WireModel):
    """Whether everyone with its link may see a trace."""

    public: bool


class DeleteTracesRequest(WireModel):
    """Which traces to delete."""

    trace_ids: Annotated[list[str], Field(min_length=1, max_length=MAX_DELETED_AT_ONCE)]


OfTrace = Annotated[str, Query(alias="traceId")]
TracesQuery = Annotated[ListTracesQuery, Query()]
TracesOverviewQuery = Annotated[OverviewQuery, Query()]


def cursor_of(position: Position) -> str:
    """The opaque text that asks for what comes after a row."""
    return cursors.encode(position.value, position.id)


def position_of(cursor: str, sort: Sort) -> Position:
    """The row a cursor stands for; InvalidRequestError when it is none of this sort."""
    value_type = {Sort.TIME: int, Sort.NAME: str, Sort.LATENCY: float, Sort.COST: float}.get(sort, int)
    return Position(*cursors.decode(cursor, value_type))
