"""Which rules can find anything in a span: its keys decide, so it is found once for all spans that have the same."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from elasticdash.shared.otel import (
    experiments,
    input_output,
    metadata,
    model_parameters,
    observation_type,
    scalars,
    usage,
    view,
)
from elasticdash.shared.otel.export import Span
from elasticdash.shared.otel.view import Shape

_REMEMBERED_PLANS = 1024
# Spans with more keys have them numbered: hardly two are alike.
_MAX_REMEMBERED_KEYS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The rules to ask, and for each field whether a span may say it: `may_say_tags` False means that no key does."""

    shape: Shape
    sources: Sequence[input_output.Source]
    type_rules: Sequence[observation_type.Rule]
    left_keys: Sequence[str]
    may_say_name: bool
    may_say_level: bool
    may_say_status_message: bool
    may_say_metadata: bool
    may_say_environment: bool
    may_say_version: bool
    may_say_release: bool
    may_say_trace_name: bool
    may_say_trace_texts: bool
    may_say_user: bool
    may_say_session: bool
    may_say_conversation: bool
    may_say_tags: bool
    may_say_public: bool
    may_say_app_root: bool
    may_say_prompt: bool
    may_say_completion_start: bool
    may_delegate: bool
    may_say_model: bool
    may_say_parameters: bool
    may_say_usage: bool
    may_say_cost: bool
    may_say_experiment: bool


def of(span: Span) -> Plan:
    """The plan for a span."""
    keys, has_events = tuple(span.attributes), bool(span.events)
    return _remembered(keys, has_events) if len(keys) <= _MAX_REMEMBERED_KEYS else _made(keys, has_events)


def _made(sent_keys: tuple[str, ...], has_events: bool) -> Plan:
    shape = view.shape_of(dict.fromkeys(sent_keys), has_events)
    has, families = shape.has_any, shape.families
    return Plan(
        shape=shape,
        sources=input_output.sources(shape),
        type_rules=observation_type.rules(shape),
        left_keys=metadata.left_keys(shape),
        may_say_name=has(scalars.NAMING_KEYS),
        may_say_level=has(scalars.LEVEL_KEYS),
        may_say_status_message=has(scalars.STATUS_MESSAGE_KEYS),
        may_say_metadata=metadata.says_any(shape),
        may_say_environment=has(scalars.ENVIRONMENT_KEYS),
        may_say_version=has(scalars.VERSION_KEYS),
        may_say_release=has(scalars.RELEASE_KEYS),
        may_say_trace_name=has(scalars.TRACE_NAME_KEYS),
        may_say_trace_texts=has(input_output.TRACE_KEYS),
        may_say_user=has(scalars.USER_KEYS),
        may_say_session=has(scalars.SESSION_KEYS),
        may_say_conversation=has(scalars.CONVERSATION_KEYS),
        may_say_tags=has(scalars.TAG_KEYS),
        may_say_public=has(scalars.PUBLIC_KEYS),
        may_say_app_root=has(scalars.APP_ROOT_KEYS),
        may_say_prompt=has(scalars.PROMPT_KEYS),
        may_say_completion_start=has(scalars.COMPLETION_START_KEYS),
        may_delegate=has(scalars.DELEGATION_KEYS),
        may_say_model=has((*scalars.MODEL_KEYS, *scalars.GENKIT_MODEL_KEYS)),
        may_say_parameters=not families.isdisjoint(model_parameters.FAMILIES),
        may_say_usage=not families.isdisjoint(usage.FAMILIES),
        may_say_cost=has(usage.COST_KEYS),
        may_say_experiment=has(experiments.KEYS),
    )


_remembered = functools.lru_cache(_REMEMBERED_PLANS)(_made)
