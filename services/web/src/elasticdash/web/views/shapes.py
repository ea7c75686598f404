"""The answers of the views as the OpenAPI document describes them; they are written by msgspec, not through these."""

from typing import Any

from elasticdash.web.pagination import PageMeta
from elasticdash.web.wire import Timestamp, WireModel

Numbers = dict[str, float]


class TraceShape(WireModel):
    """A trace; `input`, `output` and metadata values are JSON where the stored text is."""

    id: str
    project_id: str
    external_id: None
    timestamp: Timestamp
    created_at: Timestamp
    updated_at: Timestamp
    name: str | None
    user_id: str | None
    session_id: str | None
    release: str | None
    version: str | None
    environment: str
    public: bool
    bookmarked: bool
    tags: list[str]
    input: Any
    output: Any
    metadata: dict[str, Any]
    html_path: str


class TraceTotalsShape(TraceShape):
    """A trace with its totals; -1 where metrics were not asked for."""

    latency: float
    total_cost: float


class ListedTraceShape(TraceTotalsShape):
    """A trace in a list, with the ids of what belongs to it."""

    observations: list[str]
    scores: list[str]


class UsageShape(WireModel):
    """Units of one observation, summed over the kinds of input and of output."""

    unit: str
    input: int
    output: int
    total: int


class ObservationShape(WireModel):
    """A whole observation; durations are seconds, costs and prices USD."""

    id: str
    trace_id: str | None
    project_id: str
    type: str
    parent_observation_id: str | None
    environment: str
    name: str | None
    start_time: Timestamp
    end_time: Timestamp | None
    completion_start_time: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp
    level: str
    status_message: str | None
    version: str | None
    input: Any
    output: Any
    metadata: dict[str, Any]
    model: str | None
    model_id: str | None
    model_parameters: Any
    usage_details: dict[str, int]
    cost_details: Numbers
    usage: UsageShape
    unit: str
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    input_price: float | None
    output_price: float | None
    total_price: float | None
    calculated_input_cost: float | None
    calculated_output_cost: float | None
    calculated_total_cost: float | None
    usage_pricing_tier_id: str | None
    usage_pricing_tier_name: str | None
    prompt_id: str | None
    prompt_name: str | None
    prompt_version: int | None
    latency: float | None
    time_to_first_token: float | None


class ScoreShape(WireModel):
    """A score of a trace; `value` is absent for texts, `stringValue` for plain numbers."""

    id: str
    project_id: str
    trace_id: str
    observation_id: str | None
    session_id: None
    dataset_run_id: None
    name: str
    data_type: str
    value: float | None = None
    string_value: str | None = None
    source: str
    timestamp: Timestamp
    created_at: Timestamp
    updated_at: Timestamp
    environment: str
    author_user_id: str | None
    comment: str | None
    metadata: dict[str, Any]
    config_id: str | None
    queue_id: str | None


class WholeTraceShape(TraceTotalsShape):
    """A trace with all that belongs to it."""

    observations: list[ObservationShape]
    scores: list[ScoreShape]


class CursorPageMeta(PageMeta):
    """Where a page is in its list; `next` is a cursor, absent on the last page."""

    next: str | None = None
