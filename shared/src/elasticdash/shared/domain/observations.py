"""An observation: one step of a trace, as it is stored."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum

from elasticdash.shared.domain.experiments import ExperimentItem
from elasticdash.shared.domain.record import record
from elasticdash.shared.ids import ObservationId, ProjectId, TraceId


class ObservationType(StrEnum):
    """Closed set of the Langfuse API."""

    SPAN = "SPAN"
    GENERATION = "GENERATION"
    EVENT = "EVENT"
    AGENT = "AGENT"
    TOOL = "TOOL"
    CHAIN = "CHAIN"
    RETRIEVER = "RETRIEVER"
    EVALUATOR = "EVALUATOR"
    EMBEDDING = "EMBEDDING"
    GUARDRAIL = "GUARDRAIL"


class Level(StrEnum):
    """Severity, closed set of the Langfuse API."""

    DEBUG = "DEBUG"
    DEFAULT = "DEFAULT"
    WARNING = "WARNING"
    ERROR = "ERROR"


@record(kw_only=True)
class Observation:
    """One observation, complete.

    Times are microseconds since the epoch, UTC. `input` and `output` are texts exactly as sent
    (JSON text for structured values), None for nothing. `metadata` values are texts (JSON text for
    anything that was not a string). Usage counts are units, costs are USD.
    `provided_*` is what the sender stated; `usage`, `cost` and `total_cost_usd` are final after pricing.
    `experiment_item` is what the root of an item says; it is kept beside the observation, not in it.
    `revision` orders the versions of one observation: the highest wins, equal means equal content.
    """

    project_id: ProjectId
    trace_id: TraceId
    id: ObservationId
    type: str
    parent_observation_id: str | None
    environment: str
    name: str
    start_time_us: int
    end_time_us: int | None
    completion_start_time_us: int | None
    level: str
    status_message: str | None
    version: str | None
    release: str | None
    input: str | None
    output: str | None
    metadata: Mapping[str, str]
    model: str | None
    model_parameters: str | None
    provided_usage: Mapping[str, int]
    provided_cost_usd: Mapping[str, Decimal]
    prompt_name: str | None
    prompt_version: int | None
    prompt_id: str | None = None
    usage: Mapping[str, int]
    cost_usd: Mapping[str, Decimal]
    total_cost_usd: Decimal | None = None
    model_id: str | None = None
    pricing_tier_id: str | None = None
    pricing_tier_name: str | None = None
    tool_definitions: Mapping[str, str]
    tool_calls: Sequence[str]
    tool_call_names: Sequence[str]
    trace_name: str | None
    user_id: str | None
    session_id: str | None
    tags: Sequence[str]
    is_app_root: bool
    source: str
    experiment_item: ExperimentItem | None = None
    revision: int
