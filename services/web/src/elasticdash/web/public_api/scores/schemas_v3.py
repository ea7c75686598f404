"""What the score list of the third generation takes and answers: a strict query, checked where it enters."""

import base64
import math
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Query
from pydantic import ConfigDict, Field

from elasticdash.shared import errors
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.clickhouse.scores import Position
from elasticdash.shared.domain.scores import ScoreDataType
from elasticdash.web.pagination import DEFAULT_LIMIT, MAX_LIMIT
from elasticdash.web.views import json_text
from elasticdash.web.wire import (
    EMPTY_IS_UNSET,
    OptionalText,
    OptionalTimestamp,
    TextList,
    Timestamp,
    WireModel,
    parsed_timestamp,
)

GROUPS = frozenset({"core", "details", "subject", "annotation"})
_SOURCES = frozenset({"API", "EVAL", "ANNOTATION"})
_CURSOR_VERSION = 1
_BOOLEANS = {"true": 1.0, "false": 0.0}
Names = Annotated[TextList, Field(default_factory=list[str])]
Bound = Annotated[Annotated[float, Field(allow_inf_nan=False)] | None, EMPTY_IS_UNSET]
Item = TypeVar("Item")


class ScoreV3Shape(WireModel):
    """A score; keys of groups that were not asked for are absent."""

    id: str
    project_id: str
    name: str
    value: bool | float | str
    data_type: ScoreDataType
    source: str
    timestamp: Timestamp
    environment: str
    created_at: Timestamp
    updated_at: Timestamp
    comment: str | None = None
    config_id: str | None = None
    metadata: dict[str, Any] | None = None
    author_user_id: str | None = None
    queue_id: str | None = None
    subject: dict[str, str] | None = None


class ScoresV3Meta(WireModel):
    """The limit that was used, and the cursor of the next page; absent on the last one."""

    limit: int
    cursor: str | None = None


class ScoresV3Response(WireModel):
    """Scores from a cursor on."""

    data: list[ScoreV3Shape]
    meta: ScoresV3Meta


class ListScoresV3Query(WireModel):
    """Query of the list; unknown parameters are refused, empty values mean the parameter was not sent."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[Annotated[int, Field(ge=1, le=MAX_LIMIT)] | None, EMPTY_IS_UNSET] = None
    cursor: OptionalText = None
    fields_: Annotated[OptionalText, Field(alias="fields")] = None
    id: Names
    name: Names
    source: Names
    data_type: Names
    environment: Names
    config_id: Names
    queue_id: Names
    author_user_id: Names
    value: Names
    value_min: Bound = None
    value_max: Bound = None
    trace_id: Names
    session_id: Names
    observation_id: Names
    experiment_id: Names
    from_timestamp: OptionalTimestamp = None
    to_timestamp: OptionalTimestamp = None

    def rows_per_page(self) -> int:
        """How many scores are asked for."""
        return self.limit or DEFAULT_LIMIT

    def groups(self) -> frozenset[str]:
        """The field groups asked for, core by default; InvalidRequestError for one that does not exist."""
        named = frozenset(name for name in (self.fields_ or "").split(",") if name)
        if not named <= GROUPS:
            raise _refused("fields", f"must be a list of {', '.join(sorted(GROUPS))}")
        return named | {"core"}

    def predicates(self) -> Sequence[Predicate]:
        """Which scores are asked for; InvalidRequestError for parameters that do not go together."""
        self._check_targets()
        data_types = _members("dataType", self.data_type, frozenset(ScoreDataType))
        found = [
            *_any_of("id", self.id),
            *_any_of("name", self.name),
            *_any_of("source", _members("source", self.source, _SOURCES)),
            *_any_of("data_type", data_types),
            *_any_of("environment", self.environment),
            *_any_of("config_id", self.config_id),
            *_any_of("queue_id", self.queue_id),
            *_any_of("author_user_id", self.author_user_id),
            *_any_of("trace_id", self.trace_id),
            *_any_of("session_id", self.session_id),
            *_any_of("observation_id", self.observation_id),
            *_any_of("dataset_run_id", self.experiment_id),
            *self._values(data_types),
        ]
        for name, operator, moment in (("from", ">=", self.from_timestamp), ("to", "<", self.to_timestamp)):
            if moment is not None:
                sql = f"timestamp_us {operator} fromUnixTimestamp64Micro({{{name}_us:Int64}})"
                found.append(Predicate(sql, {f"{name}_us": json_text.us_of_time(moment)}))
        return found

    def position(self) -> Position | None:
        """The score the cursor points behind; InvalidRequestError for what `cursor_after` never wrote."""
        return None if self.cursor is None else _position(self.cursor)

    def _check_targets(self) -> None:
        if sum(bool(target) for target in (self.trace_id, self.session_id, self.experiment_id)) > 1:
            raise _refused("traceId", "traceId, sessionId and experimentId exclude each other")
        if self.observation_id and not self.trace_id:
            raise _refused("observationId", "needs a traceId")

    def _values(self, data_types: Sequence[str]) -> Sequence[Predicate]:
        found: list[Predicate] = []
        bounds = {"valueMin": (">=", self.value_min), "valueMax": ("<=", self.value_max)}
        for parameter, (operator, bound) in bounds.items():
            if bound is None:
                continue
            if data_types != ["NUMERIC"]:
                raise _refused(parameter, "needs dataType=NUMERIC alone")
            found.append(Predicate(f"value {operator} {{{parameter}:Float64}}", {parameter: bound}))
        if not self.value:
            return found
        match data_types:
            case ["NUMERIC"]:
                numbers = [_number(text) for text in self.value]
            case ["BOOLEAN"]:
                numbers = [_boolean(text) for text in self.value]
            case ["CATEGORICAL"]:
                return [*found, *_any_of("string_value", self.value)]
            case _:
                raise _refused("value", "needs exactly one dataType of NUMERIC, BOOLEAN and CATEGORICAL")
        return [*found, Predicate("value IN {values:Array(Float64)}", {"values": numbers})]


ScoresV3Query = Annotated[ListScoresV3Query, Query()]


class _Cursor(msgspec.Struct, rename="camel"):
    v: int
    last_timestamp: str
    last_id: str


def cursor_after(position: Position) -> str:
    """The opaque text that asks for what follows a score."""
    cursor = _Cursor(_CURSOR_VERSION, json_text.precise_time_of_us(position.timestamp_us), position.id)
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def _position(text: str) -> Position:
    try:
        padded = text.encode() + b"=" * (-len(text) % 4)
        cursor = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=_Cursor)
        moment = parsed_timestamp(cursor.last_timestamp)
    except ValueError as error:
        raise errors.InvalidRequestError("Invalid cursor format") from error
    if cursor.v != _CURSOR_VERSION:
        raise errors.InvalidRequestError("Invalid cursor format")
    return Position(json_text.us_of_time(moment), cursor.last_id)


def _any_of(column: str, values: Sequence[str]) -> Sequence[Predicate]:
    if not values:
        return ()
    return [Predicate(f"ifNull({column} IN {{{column}s:Array(String)}}, 0)", {f"{column}s": values})]


def _members(parameter: str, sent: Sequence[str], known: frozenset[str]) -> Sequence[str]:
    found = list(dict.fromkeys(text.upper() for text in sent))
    if not known.issuperset(found):
        raise _refused(parameter, f"must be a list of {', '.join(sorted(known))}")
    return found


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _refused("value", "must be finite numbers for NUMERIC")
    return number


def _boolean(text: str) -> float:
    if text not in _BOOLEANS:
        raise _refused("value", "must be true or false for BOOLEAN")
    return _BOOLEANS[text]


def _refused(parameter: str, rule: str) -> errors.InvalidRequestError:
    return errors.InvalidRequestError("Invalid request data", [errors.FieldIssue((parameter,), rule)])
