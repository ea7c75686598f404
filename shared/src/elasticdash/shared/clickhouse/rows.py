"""What reads return: one named tuple per result, beside the columns that fill it.

Times named `_ms` are milliseconds and times named `_us` microseconds since the epoch, UTC. `input`, `output`
and metadata values are the stored texts; they are None, None and {} where a query did not ask for them.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple


class TraceRow(NamedTuple):
    """The newest version of one trace."""

    id: str
    timestamp_ms: int
    name: str | None
    user_id: str | None
    session_id: str | None
    release: str | None
    version: str | None
    environment: str
    public: bool
    bookmarked: bool
    tags: Sequence[str]
    created_ms: int
    updated_ms: int
    input: str | None
    output: str | None
    metadata: Mapping[str, str]


class TraceTotalsRow(NamedTuple):
    """What the trace list knows of one trace without reading its observations."""

    trace_id: str
    latency_seconds: float | None
    total_cost_usd: Decimal | None


class ObservationRow(NamedTuple):
    """The newest version of one observation."""

    id: str
    trace_id: str
    type: str
    parent_observation_id: str | None
    environment: str
    name: str
    level: str
    status_message: str | None
    version: str | None
    release: str | None
    start_us: int
    end_us: int | None
    completion_start_us: int | None
    created_ms: int
    updated_ms: int
    model: str | None
    model_id: str | None
    model_parameters: str | None
    usage: Mapping[str, int]
    cost_usd: Mapping[str, Decimal]
    total_cost_usd: Decimal | None
    prompt_id: str | None
    prompt_name: str | None
    prompt_version: int | None
    pricing_tier_id: str | None
    pricing_tier_name: str | None
    trace_name: str | None
    user_id: str | None
    session_id: str | None
    tags: Sequence[str]
    is_app_root: bool
    input: str | None
    output: str | None
    metadata: Mapping[str, str]


class ScoreRow(NamedTuple):
    """The newest version of one score of a trace or of one of its observations."""

    id: str
    trace_id: str
    observation_id: str | None
    timestamp_ms: int
    name: str
    data_type: str
    value: float
    string_value: str | None
    long_string_value: str
    source: str
    comment: str | None
    metadata: Mapping[str, str]
    environment: str
    author_user_id: str | None
    config_id: str | None
    queue_id: str | None
    created_ms: int
    updated_ms: int


class ObservationKey(NamedTuple):
    """Where one observation lies, in the order of a list."""

    trace_id: str
    id: str
    start_us: int


class SessionRow(NamedTuple):
    """One session: its earliest trace says when and where it began."""

    id: str
    created_ms: int
    environment: str


# One expression per field, in the order of the tuple. Aliases differ from the columns they are made of, so that
# WHERE and ORDER BY of the same statement always mean the stored columns.
_TRACE_CORE = """
    id,
    toUnixTimestamp64Milli(timestamp),
    nullIf(name, ''),
    user_id,
    session_id,
    release,
    version,
    environment,
    public,
    bookmarked,
    tags,
    toUnixTimestamp64Milli(created_at),
    toUnixTimestamp64Milli(updated_at)"""
TRACE_WITH_TEXT = _TRACE_CORE + ",\n    input, output, metadata"
TRACE_WITHOUT_TEXT = _TRACE_CORE + ",\n    NULL, NULL, map()"

_OBSERVATION_CORE = """
    id,
    trace_id,
    type,
    parent_observation_id,
    environment,
    name,
    level,
    status_message,
    version,
    release,
    toUnixTimestamp64Micro(start_time_us),
    toUnixTimestamp64Micro(end_time_us),
    toUnixTimestamp64Micro(completion_start_time_us),
    toUnixTimestamp64Milli(created_at),
    toUnixTimestamp64Milli(updated_at),
    provided_model_name,
    internal_model_id,
    model_parameters,
    usage_details,
    cost_details,
    total_cost,
    prompt_id,
    prompt_name,
    prompt_version,
    usage_pricing_tier_id,
    usage_pricing_tier_name,
    trace_name,
    user_id,
    session_id,
    tags,
    is_app_root"""
OBSERVATION_WITH_TEXT = _OBSERVATION_CORE + ",\n    input, output, metadata"
OBSERVATION_WITH_METADATA = _OBSERVATION_CORE + ",\n    NULL, NULL, metadata"
OBSERVATION_WITHOUT_TEXT = _OBSERVATION_CORE + ",\n    NULL, NULL, map()"

SCORE = """
    id,
    ifNull(trace_id, ''),
    observation_id,
    toUnixTimestamp64Milli(timestamp),
    name,
    data_type,
    value,
    string_value,
    long_string_value,
    source,
    comment,
    metadata,
    environment,
    author_user_id,
    config_id,
    queue_id,
    toUnixTimestamp64Milli(created_at),
    toUnixTimestamp64Milli(updated_at)"""
