"""Folds all known events of an entity into its row: any order, repetition or split gives the same row.

Source of the rules: Langfuse v4.16 merge semantics, except that what a sender stated beats what was derived,
`public` stays until it is stated otherwise, and a missing trace id is derived instead of drawn.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypedDict

from elasticdash.shared import ids
from elasticdash.shared.domain import environment, statements, tools
from elasticdash.shared.domain.events import EntityEvent
from elasticdash.shared.domain.observations import Level, Observation, ObservationType
from elasticdash.shared.domain.pricing import Priced, Pricer, PricingInput
from elasticdash.shared.domain.scores import Score, ScoreDataType
from elasticdash.shared.domain.statements import Statements
from elasticdash.shared.domain.traces import Trace
from elasticdash.shared.ids import ObservationId, ProjectId, ScoreId, TraceId

_API_SOURCE = "api"


class _PricedColumns(TypedDict):
    model_id: str | None
    usage: Mapping[str, int]
    cost_usd: Mapping[str, Decimal]
    total_cost_usd: Decimal | None
    pricing_tier_id: str | None
    pricing_tier_name: str | None


class _ToolColumns(TypedDict):
    tool_definitions: Mapping[str, str]
    tool_calls: Sequence[str]
    tool_call_names: Sequence[str]


class _SpanOnlyColumns(TypedDict):
    release: None
    trace_name: None
    user_id: None
    session_id: None
    tags: Sequence[str]
    is_app_root: bool


# Events state these of the trace, or not at all; only spans carry them on the observation.
_NOT_SENT = _SpanOnlyColumns(
    release=None,
    trace_name=None,
    user_id=None,
    session_id=None,
    tags=(),
    is_app_root=False,
)


def fold_trace(project_id: ProjectId, entity_id: TraceId, events: Sequence[EntityEvent]) -> Trace:
    """The trace that its events describe together. Raises ValueError for no events."""
    said = statements.read(events)
    return Trace(
        project_id=project_id,
        id=entity_id,
        timestamp_us=said.first_time_us("timestamp_us"),
        name=said.last_text("name"),
        user_id=said.last_text("user_id"),
        session_id=said.last_text("session_id"),
        release=said.last_text("release"),
        version=said.last_text("version"),
        environment=said.first_text("environment") or environment.DEFAULT,
        is_public=said.kept_flag("is_public"),
        is_bookmarked=said.kept_flag("is_bookmarked"),
        tags=said.tags(),
        input=said.kept_text("input"),
        output=said.kept_text("output"),
        metadata=said.metadata(),
        revision=said.revision,
    )


def fold_observation(
    project_id: ProjectId, entity_id: ObservationId, events: Sequence[EntityEvent], price: Pricer
) -> Observation:
    """The observation that its events describe together, priced. Raises ValueError for no events.

    Its trace is `derived_trace_id` as long as no event names one.
    """
    said = statements.read(events)
    stated = _priced_part(said)
    start_time_us = said.first_time_us("start_time_us")
    end_time_us = said.kept_int("end_time_us")
    trace_id = said.first_text("trace_id")
    return Observation(
        project_id=project_id,
        trace_id=derived_trace_id(project_id, entity_id) if trace_id is None else TraceId(trace_id),
        id=entity_id,
        type=said.kept_text("type") or ObservationType.SPAN,
        parent_observation_id=said.kept_text("parent_observation_id"),
        environment=said.first_text("environment") or environment.DEFAULT,
        name=said.last_text("name") or "",
        start_time_us=start_time_us,
        end_time_us=None if end_time_us is None else max(end_time_us, start_time_us),
        completion_start_time_us=said.kept_int("completion_start_time_us"),
        level=stated.level,
        status_message=said.kept_text("status_message"),
        version=said.kept_text("version"),
        input=stated.input,
        output=stated.output,
        metadata=stated.metadata,
        model=stated.model,
        model_parameters=stated.model_parameters,
        provided_usage=stated.provided_usage,
        provided_cost_usd=stated.provided_cost_usd,
        prompt_name=said.kept_text("prompt_name"),
        prompt_version=said.kept_int("prompt_version"),
        **_priced_columns(price(stated)),
        **_tool_columns(stated),
        **_NOT_SENT,
        source=_API_SOURCE,
        revision=said.revision,
    )


def fold_score(project_id: ProjectId, entity_id: ScoreId, events: Sequence[EntityEvent]) -> Score:
    """The score that its events describe together. Raises ValueError for no events."""
    said = statements.read(events)
    value = said.kept.get("value")
    return Score(
        project_id=project_id,
        id=entity_id,
        timestamp_us=said.first_time_us("timestamp_us"),
        environment=said.first_text("environment") or environment.DEFAULT,
        name=said.last_text("name") or "",
        data_type=said.last_text("data_type") or ScoreDataType.NUMERIC,
        value=float(value) if isinstance(value, int | float) else 0.0,
        string_value=said.last_text("string_value"),
        long_string_value=said.last_text("long_string_value"),
        trace_id=said.first_text("trace_id"),
        observation_id=said.first_text("observation_id"),
        session_id=said.first_text("session_id"),
        dataset_run_id=said.first_text("dataset_run_id"),
        source=said.last_text("source") or "API",
        comment=said.last_text("comment"),
        metadata=said.metadata(),
        author_user_id=said.last_text("author_user_id"),
        config_id=said.last_text("config_id"),
        queue_id=said.last_text("queue_id"),
        execution_trace_id=said.last_text("execution_trace_id"),
        revision=said.revision,
    )


def derived_trace_id(project_id: ProjectId, observation_id: ObservationId) -> TraceId:
    """The trace of an observation whose events name none: always the same one."""
    return TraceId(ids.derived_id("trace", project_id, observation_id))


def _priced_part(said: Statements) -> PricingInput:
    level = said.last_text("level")
    return PricingInput(
        model=said.last_text("model"),
        provided_usage={kind: n for kind, n in said.kept_map("provided_usage").items() if isinstance(n, int)},
        provided_cost_usd={
            kind: Decimal(usd) for kind, usd in said.kept_map("provided_cost_usd").items() if isinstance(usd, str)
        },
        model_parameters=said.kept_text("model_parameters"),
        metadata=said.metadata(),
        input=said.kept_text("input"),
        output=said.kept_text("output"),
        level=level or Level.DEFAULT,
    )


def _priced_columns(priced: Priced) -> _PricedColumns:
    return _PricedColumns(
        model_id=priced.model_id,
        usage=priced.usage,
        cost_usd=priced.cost_usd,
        total_cost_usd=priced.total_cost_usd,
        pricing_tier_id=priced.pricing_tier_id,
        pricing_tier_name=priced.pricing_tier_name,
    )


def _tool_columns(stated: PricingInput) -> _ToolColumns:
    found = tools.extract(stated.input, stated.output)
    return _ToolColumns(tool_definitions=found.definitions, tool_calls=found.calls, tool_call_names=found.call_names)
