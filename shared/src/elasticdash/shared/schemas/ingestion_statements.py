"""Turns the body of a batch event into what it says, column by column."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct

from elasticdash.shared import errors
from elasticdash.shared.domain import environment, usage_parsing
from elasticdash.shared.domain.json_value import JsonValue
from elasticdash.shared.domain.score_rules import ScoreStatement
from elasticdash.shared.domain.scores import ScoreDataType
from elasticdash.shared.schemas import ingestion_bodies as bodies
from elasticdash.shared.schemas import json_slices

Explicit = dict[str, JsonValue]
Rule = Callable[[Any], JsonValue | msgspec.UnsetType]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_TIMESTAMP_RULE = "must be a date and time with zone between 1900 and 2262, such as 2026-01-15T10:00:00.000Z"
# msgspec ends its messages with this and the path.
PLACE = " - at `$"
# What the DateTime64 columns hold without overflow, whatever the zone.
_YEARS = range(1901, 2262)
_JSON_NUMBER = re.compile(r"-?\d[\d.eE+-]*")
_token_usage = msgspec.json.Decoder(bodies.TokenUsage)
_unit_usage = msgspec.json.Decoder(bodies.UnitUsage)
_parameters = msgspec.json.Decoder(dict[str, bodies.ParameterValue] | None)


def time_us(timestamp: str) -> int:
    """Microseconds since the epoch of an ISO 8601 time with zone. Raises InvalidRequestError."""
    if _TIMESTAMP.fullmatch(timestamp):
        try:
            moment = datetime.fromisoformat(timestamp)
        except ValueError:
            raise errors.InvalidRequestError(_TIMESTAMP_RULE) from None
        if moment.year in _YEARS:
            return (moment - _EPOCH) // _MICROSECOND
    raise errors.InvalidRequestError(_TIMESTAMP_RULE)


def explicit_of(body: Struct, max_keys: int) -> Explicit:
    """What the body states, by column. A null is kept only where it takes an earlier value away.

    Raises InvalidRequestError naming the field, or msgspec.ValidationError.
    """
    explicit: Explicit = {}
    for value, (column, name, rule) in zip(msgspec.structs.astuple(body), _RULES[type(body)], strict=True):
        if value is UNSET or value is bodies.NOTHING:
            continue
        if rule is None:
            explicit[column] = value
            continue
        try:
            stated = rule(value)
        except (errors.InvalidRequestError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise _at(name, rule_text(error)) from error
        if stated is not UNSET:
            explicit[column] = stated
    _check_keys(body, explicit, max_keys)
    if isinstance(body, bodies.ModelFields):
        _state_usage(body, explicit, max_keys)
        _check_prompt(explicit)
    return explicit


def score_statement(body: bodies.ScoreBody) -> ScoreStatement:
    """What a score body says, for the rules of scores. An empty text as a target is none."""
    return ScoreStatement(
        name=body.name,
        value=body.value,
        data_type=None if body.data_type is UNSET else ScoreDataType(body.data_type),
        source=body.source or "API",
        config_id=body.config_id or None,
        trace_id=body.trace_id or None,
        observation_id=body.observation_id or None,
        session_id=body.session_id or None,
        dataset_run_id=body.dataset_run_id or None,
    )


def rule_text(error: Exception) -> str:
    """The rule an error says was broken, without the place where."""
    if isinstance(error, UnicodeDecodeError):
        return "must be valid UTF-8"
    return str(error).partition(PLACE)[0]


def _silent(_: object) -> msgspec.UnsetType:
    """For fields that fill no column of their name."""
    return UNSET


def _if_any(value: JsonValue) -> JsonValue | msgspec.UnsetType:
    return UNSET if value is None else value


def _if_filled(value: JsonValue) -> JsonValue | msgspec.UnsetType:
    return value or UNSET


def _or_none(value: JsonValue) -> JsonValue:
    return value or None


def _time(value: str | None) -> int | msgspec.UnsetType:
    return UNSET if value is None else time_us(value)


def _text(value: Raw) -> str | msgspec.UnsetType:
    text = json_slices.text_of(value)
    return UNSET if text is None else text


def _level(value: str | None) -> str:
    return value or "DEFAULT"


def _environment(value: object) -> str | msgspec.UnsetType:
    return UNSET if value is None else environment.normalise(value)


def _metadata(value: Raw) -> JsonValue | msgspec.UnsetType:
    """An object as it is; anything else but nothing under the key "metadata"."""
    decoded: JsonValue = msgspec.json.decode(value)
    if not decoded:
        return UNSET
    return decoded if isinstance(decoded, dict) else {"metadata": decoded}


def _model_parameters(value: Raw) -> str | msgspec.UnsetType:
    return bytes(value).decode() if _parameters.decode(value) else UNSET


_PLAIN: Mapping[str, Rule] = {
    "environment": _environment,
    "metadata": _metadata,
    "timestamp_us": _time,
}
_OBSERVATION: Mapping[str, Rule] = {
    **_PLAIN,
    "trace_id": _if_any,
    "parent_observation_id": _if_any,
    "start_time_us": _time,
    "end_time_us": _time,
    "completion_start_time_us": _time,
    "level": _level,
    "status_message": _if_any,
    "version": _if_any,
    "input": _text,
    "output": _text,
    "model_parameters": _model_parameters,
    "prompt_name": _if_any,
    "prompt_version": _if_any,
}
_TRACE: Mapping[str, Rule] = {**_PLAIN, "is_public": _if_any, "tags": _if_filled, "input": _text, "output": _text}
_SCORE: Mapping[str, Rule] = {
    **_PLAIN,
    "trace_id": _if_filled,
    "observation_id": _if_filled,
    "session_id": _if_filled,
    "dataset_run_id": _if_filled,
    "config_id": _or_none,
}
_NOT_COLUMNS = frozenset(("id", "usage", "usage_details", "cost_details", "value", "data_type", "source"))


def _rules(body: type[Struct], rules: Mapping[str, Rule], without: str = "") -> list[tuple[str, str, Rule | None]]:
    """Column, JSON name and rule of every field, in the order of the fields."""
    silent = {*_NOT_COLUMNS, without}
    return [
        (info.name, info.encode_name, _silent if info.name in silent else rules.get(info.name))
        for info in msgspec.structs.fields(body)
    ]


_RULES: Mapping[type[Struct], list[tuple[str, str, Rule | None]]] = {
    bodies.TraceBody: _rules(bodies.TraceBody, _TRACE),
    bodies.EventBody: _rules(bodies.EventBody, _OBSERVATION),
    bodies.SpanBody: _rules(bodies.SpanBody, _OBSERVATION),
    bodies.GenerationBody: _rules(bodies.GenerationBody, _OBSERVATION),
    bodies.ObservationBody: _rules(bodies.ObservationBody, _OBSERVATION, without="environment"),
    bodies.ScoreBody: _rules(bodies.ScoreBody, _SCORE),
}


def _state_usage(body: bodies.ModelFields, explicit: Explicit, max_keys: int) -> None:
    details = body.usage_details or None
    costs = body.cost_details or None
    for name, sent in (("usageDetails", details), ("costDetails", costs)):
        if sent is not None and len(sent) > max_keys:
            raise _at(name, f"must not have more than {max_keys} keys")
    legacy, legacy_costs = _legacy_usage(body.usage)
    if legacy or details:
        usage = usage_parsing.usage_counts(legacy, details)
        if usage:
            explicit["provided_usage"] = usage
    if legacy_costs or costs:
        cost_usd = {**_cost_texts(legacy_costs), **_cost_texts(costs or {})}
        if cost_usd:
            explicit["provided_cost_usd"] = cost_usd


def _legacy_usage(usage: Raw) -> tuple[dict[str, int | None], dict[str, Raw]]:
    json = bytes(usage)
    if not json or json == b"null":
        return {}, {}
    costs: dict[str, Raw] = {}
    try:
        tokens = _token_usage.decode(json)
        counts = {"input": tokens.prompt_tokens, "output": tokens.completion_tokens, "total": tokens.total_tokens}
        if all(count is UNSET for count in counts.values()):
            units = _unit_usage.decode(json)
            counts = {"input": units.input, "output": units.output, "total": units.total}
            stated = (("input", units.input_cost), ("output", units.output_cost), ("total", units.total_cost))
            costs = {kind: cost for kind, cost in stated if cost is not bodies.NOTHING}
    except msgspec.MsgspecError as error:
        raise _at("usage", rule_text(error)) from error
    return {kind: _whole(kind, count) for kind, count in counts.items()}, costs


def _whole(kind: str, count: int | float | msgspec.UnsetType | None) -> int | None:
    if isinstance(count, float) and not count.is_integer():
        raise _at("usage", f"{kind} must be a whole number")
    return int(count) if isinstance(count, int | float) else None


def _cost_texts(costs: Mapping[str, Raw]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for kind, value in costs.items():
        number = bytes(value).decode(errors="replace")
        cost = usage_parsing.cost_text(number) if _JSON_NUMBER.fullmatch(number) else None
        if cost is not None:
            texts[kind] = cost
    return texts


def _check_prompt(explicit: Explicit) -> None:
    """Both or none: a version without its name names nothing."""
    if bool(explicit.get("prompt_name")) != bool(explicit.get("prompt_version")):
        raise _at("promptName", "promptName and promptVersion must be given together")


def _check_keys(body: Struct, explicit: Explicit, max_keys: int) -> None:
    """Colons bound the keys from above, and are counted faster."""
    sent: Raw = getattr(body, "metadata", bodies.NOTHING)
    if bytes(sent).count(b":") > max_keys and _key_count(explicit.get("metadata"), max_keys) > max_keys:
        raise _at("metadata", f"must not have more than {max_keys} keys")


def _key_count(value: JsonValue, at_most: int) -> int:
    """Keys at all levels; counting stops soon after `at_most`."""
    count, pending = 0, [value]
    while pending and count <= at_most:
        item = pending.pop()
        if isinstance(item, dict):
            count += len(item)
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    return count


def _at(name: str, rule: str) -> errors.InvalidRequestError:
    return errors.InvalidRequestError(rule, [errors.FieldIssue(("body", name), rule)])
