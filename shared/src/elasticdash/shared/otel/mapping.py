"""Turns a decoded export into observations and statements about their traces."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from elasticdash.shared.domain import environment, pricing, revision, tools
from elasticdash.shared.domain.events import EntityEvent
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.record import record
from elasticdash.shared.ids import ObservationId, ProjectId, TraceId
from elasticdash.shared.otel import (
    experiments,
    input_output,
    metadata,
    model_parameters,
    observation_type,
    scalars,
    trace_statements,
    usage,
    view,
)
from elasticdash.shared.otel import plan as plans
from elasticdash.shared.otel.export import Export, Origin, Span
from elasticdash.shared.otel.plan import Plan
from elasticdash.shared.otel.trace_statements import SpanFacts, TraceStatements
from elasticdash.shared.otel.view import OriginView, SpanView

_SOURCE = "otel"
_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class MappingContext:
    """What a request adds to its export. The SDK is as its headers name it; the time is in microseconds."""

    project_id: ProjectId
    sdk_name: str
    sdk_version: str
    received_time_us: int


@dataclass(frozen=True, slots=True)
class MappedExport:
    """One observation for each span, in order, and what they say about their traces."""

    observations: list[Observation]
    trace_events: list[EntityEvent]


def map_export(export: Export, context: MappingContext, price: pricing.Pricer) -> MappedExport:
    """What the spans mean. Deterministic: the same export, context and prices give the same records."""
    origins: dict[int, OriginView] = {}
    statements = TraceStatements()
    observations: list[Observation] = []
    for span in export.spans:
        origin = origins.get(id(span.origin))
        if origin is None:
            origin = origins[id(span.origin)] = _origin_view(span.origin, context)
        plan = plans.of(span)
        seen = SpanView(span, plan.shape.own_vocabulary(span.attributes), plan.shape.families, origin)
        facts = _facts(seen, plan, context)
        attributes = metadata.attributes_text(seen, plan.left_keys)
        statements.add(facts, attributes)
        observations.append(_observation(facts, plan, attributes, context, price))
    return MappedExport(observations, statements.events())


def _origin_view(origin: Origin, context: MappingContext) -> OriginView:
    return metadata.origin_view(origin, context.sdk_name, context.sdk_version)


def _facts(seen: SpanView, plan: Plan, context: MappingContext) -> SpanFacts:
    attributes, origin = seen.attributes, seen.origin
    found_input, found_output = input_output.of(seen, plan.sources)
    trace_input, trace_output = input_output.of_trace(seen) if plan.may_say_trace_texts else (None, None)
    first = view.first_text
    start_us = _start_us(seen.span, context)
    return SpanFacts(
        seen,
        start_us,
        seen.span.end_ns // 1000 or start_us,
        observation_type.of(seen, plan.type_rules),
        scalars.level(seen),
        _root_rank(seen, plan),
        found_input,
        found_output,
        scalars.stated_environment(seen) if plan.may_say_environment else (origin.environment, False),
        (first(attributes, scalars.VERSION_KEYS) if plan.may_say_version else None, origin.version),
        (first(attributes, scalars.RELEASE_KEYS) if plan.may_say_release else None, origin.release),
        first(attributes, scalars.TRACE_NAME_KEYS) if plan.may_say_trace_name else None,
        first(attributes, scalars.USER_KEYS) if plan.may_say_user else None,
        first(attributes, scalars.SESSION_KEYS) if plan.may_say_session else None,
        first(attributes, scalars.CONVERSATION_KEYS) if plan.may_say_conversation else None,
        scalars.tags(seen) if plan.may_say_tags else (),
        scalars.is_public(seen) if plan.may_say_public else None,
        metadata.of_trace(seen) if plan.may_say_metadata else {},
        trace_input,
        trace_output,
    )


@record()
class _ModelCall:
    """What the span says about a call of a model, and what that costs."""

    model: str | None
    parameters: str | None
    usage: Mapping[str, int]
    cost_usd: Mapping[str, Decimal]
    priced: pricing.Priced


def _model_call(facts: SpanFacts, plan: Plan, found_metadata: Mapping[str, str], price: pricing.Pricer) -> _ModelCall:
    seen = facts.seen
    counts = not (plan.may_delegate and scalars.is_delegating(seen))
    model = scalars.model(seen) if counts and plan.may_say_model else None
    parameters = model_parameters.of(seen) if plan.may_say_parameters else None
    stated_usage = usage.counts(seen) if counts and plan.may_say_usage else dict[str, int]()
    stated_cost = usage.cost_usd(seen) if counts and plan.may_say_cost else dict[str, Decimal]()
    if not (model or stated_usage or stated_cost):
        return _ModelCall(model, parameters, stated_usage, stated_cost, pricing.NOTHING)
    asked = pricing.PricingInput(
        model=model,
        provided_usage=stated_usage,
        provided_cost_usd=stated_cost,
        model_parameters=parameters,
        metadata=found_metadata,
        input=facts.input,
        output=facts.output,
        level=facts.level,
    )
    return _ModelCall(model, parameters, stated_usage, stated_cost, price(asked))


def _observation(
    facts: SpanFacts, plan: Plan, attributes: str, context: MappingContext, price: pricing.Pricer
) -> Observation:
    seen, span = facts.seen, facts.seen.span
    found_metadata = _metadata(seen, plan, attributes)
    call = _model_call(facts, plan, found_metadata, price)
    prompt_name, prompt_version = _prompt(facts, plan)
    found_tools = tools.extract(facts.input, facts.output)
    return Observation(
        project_id=context.project_id,
        trace_id=TraceId(span.trace_id),
        id=ObservationId(span.id),
        type=facts.type,
        parent_observation_id=span.parent_id,
        environment=facts.environment[0] or environment.DEFAULT,
        name=scalars.name(seen) if plan.may_say_name else span.name,
        start_time_us=facts.start_us,
        end_time_us=facts.end_us,
        completion_start_time_us=_completion_start_us(facts, plan),
        level=facts.level,
        status_message=_status_message(seen, plan),
        version=facts.version[0] or facts.version[1],
        release=facts.release[0] or facts.release[1],
        input=facts.input,
        output=facts.output,
        metadata=found_metadata,
        model=call.model,
        model_parameters=call.parameters,
        provided_usage=call.usage,
        provided_cost_usd=call.cost_usd,
        prompt_name=prompt_name,
        prompt_version=prompt_version,
        usage=call.priced.usage,
        cost_usd=call.priced.cost_usd,
        total_cost_usd=call.priced.total_cost_usd,
        model_id=call.priced.model_id,
        pricing_tier_id=call.priced.pricing_tier_id,
        pricing_tier_name=call.priced.pricing_tier_name,
        tool_definitions=found_tools.definitions,
        tool_calls=found_tools.calls,
        tool_call_names=found_tools.call_names,
        trace_name=facts.trace_name,
        user_id=facts.user_id,
        session_id=facts.session_id or facts.conversation_id,
        tags=facts.tags,
        is_app_root=plan.may_say_app_root and scalars.is_app_root(seen),
        source=_SOURCE,
        experiment_item=experiments.item_of(seen) if plan.may_say_experiment else None,
        revision=revision.span_revision(facts.end_us, _checksum(facts)),
    )


def _metadata(seen: SpanView, plan: Plan, attributes: str) -> Mapping[str, str]:
    said = metadata.said_of_observation(seen) if plan.may_say_metadata else {}
    return metadata.of_observation(seen, said, attributes)


def _prompt(facts: SpanFacts, plan: Plan) -> tuple[str | None, int | None]:
    names_prompt = facts.type == "GENERATION" and plan.may_say_prompt
    return scalars.prompt(facts.seen) if names_prompt else (None, None)


def _completion_start_us(facts: SpanFacts, plan: Plan) -> int | None:
    return scalars.completion_start_us(facts.seen, facts.start_us) if plan.may_say_completion_start else None


def _checksum(facts: SpanFacts) -> int:
    """Over all that the span says, and what its origin says."""
    span = facts.seen.span
    events = [(event.name, event.time_ns, event.attributes) for event in span.events] if span.events else ()
    content = (
        span.parent_id,
        span.name,
        span.start_ns,
        span.end_ns,
        span.attributes,
        events,
        span.status_code,
        span.status_message,
    )
    return zlib.crc32(_encode(content), facts.seen.origin.checksum)


def _root_rank(seen: SpanView, plan: Plan) -> int:
    if seen.span.parent_id is None:
        return trace_statements.RANK_TRUE_ROOT
    if plan.may_say_app_root and scalars.is_local_root(seen):
        return trace_statements.RANK_LOCAL_ROOT
    return trace_statements.RANK_OTHER


def _start_us(span: Span, context: MappingContext) -> int:
    """A missing time is the other one; without both it is when the export came."""
    return (span.start_ns or span.end_ns) // 1000 or context.received_time_us


def _status_message(seen: SpanView, plan: Plan) -> str | None:
    own = view.first_text(seen.attributes, scalars.STATUS_MESSAGE_KEYS) if plan.may_say_status_message else None
    stated = own or seen.span.status_message
    if stated or not seen.span.events:
        return stated or None
    return metadata.exception(seen).get("exception.message") or None
