"""What the lists of experiments and of their items take and answer."""

import base64
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import msgspec
from fastapi import Query
from pydantic import Field

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import filter_conditions
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.shared.errors import FieldIssue
from elasticdash.shared.postgres.experiments import ExperimentFilter, Narrowing, Position
from elasticdash.web.pagination import DEFAULT_LIMIT, MAX_LIMIT
from elasticdash.web.public_api.scores.schemas_v3 import ScoreV3Shape
from elasticdash.web.views import json_text
from elasticdash.web.wire import (
    EMPTY_IS_UNSET,
    OptionalText,
    OptionalTimestamp,
    SentTimestamp,
    TextList,
    Timestamp,
    WireModel,
    parsed_timestamp,
)

EXPERIMENT_GROUPS = frozenset({"core", "metadata", "scores"})
ITEM_GROUPS = frozenset({"core", "dataset", "io", "metadata", "itemMetadata", "experimentMetadata", "scores"})
_DEFAULT_ITEM_GROUPS = frozenset({"core", "dataset"})
MAX_SCORES = 50
_CURSOR_VERSION = 1
_Names = Annotated[TextList, Field(default_factory=list[str])]
_Limit = Annotated[Annotated[int, Field(ge=1, le=MAX_LIMIT)] | None, EMPTY_IS_UNSET]
_ScoreLimit = Annotated[Annotated[int, Field(ge=1, le=MAX_SCORES)] | None, EMPTY_IS_UNSET]
# Columns of `filter` and parameters, by the columns of the store.
_OF_EXPERIMENTS: Mapping[str, str] = {"id": "experiment_id", "name": "experiment_name", "datasetId": "dataset_id"}
_OF_ITEMS: Mapping[str, str] = {
    "experimentId": "experiment_id",
    "experimentName": "experiment_name",
    "experimentItemId": "item_id",
    "datasetId": "dataset_id",
}


class ExperimentShape(WireModel):
    """An experiment; keys of groups that were not asked for are absent."""

    id: str
    name: str
    description: str | None
    start_time: Timestamp
    end_time: Timestamp
    item_count: int
    dataset_id: str | None
    metadata: dict[str, Any] | None = None
    scores: list[ScoreV3Shape] | None = None


class ExperimentItemShape(WireModel):
    """An item of an experiment; keys of groups that were not asked for are absent."""

    id: str
    trace_id: str
    start_time: Timestamp
    end_time: Timestamp | None
    level: str
    environment: str
    experiment_id: str
    experiment_name: str
    experiment_item_id: str
    experiment_dataset_id: str | None = None
    experiment_item_version: Timestamp | None = None
    input: Any = None
    output: Any = None
    expected_output: Any = None
    metadata: dict[str, Any] | None = None
    experiment_item_metadata: dict[str, Any] | None = None
    experiment_metadata: dict[str, Any] | None = None
    experiment_description: str | None = None
    scores: list[ScoreV3Shape] | None = None


class ExperimentsMeta(WireModel):
    """The cursor of the next page; absent on the last one."""

    cursor: str | None = None


class ExperimentsResponse(WireModel):
    """Experiments from a cursor on."""

    data: list[ExperimentShape]
    meta: ExperimentsMeta


class ExperimentItemsResponse(WireModel):
    """Items of experiments from a cursor on."""

    data: list[ExperimentItemShape]
    meta: ExperimentsMeta


class _Listing(WireModel):
    """What both lists take."""

    limit: _Limit = None
    score_limit: _ScoreLimit = None
    cursor: OptionalText = None
    fields_: Annotated[OptionalText, Field(alias="fields")] = None
    from_start_time: SentTimestamp
    to_start_time: OptionalTimestamp = None
    filter: OptionalText = None

    def rows_per_page(self) -> int:
        """How many rows are asked for."""
        return self.limit or DEFAULT_LIMIT

    def scores_per_row(self) -> int:
        """How many scores each row may show."""
        return self.score_limit or MAX_SCORES

    def position(self) -> Position | None:
        """The row the cursor points behind; InvalidRequestError for what `cursor_after` never wrote."""
        return None if self.cursor is None else _position(self.cursor)

    def _wanted(self, columns: Mapping[str, str], sent: Mapping[str, Sequence[str]]) -> ExperimentFilter:
        by_parameter = [Narrowing(columns[name], texts) for name, texts in sent.items() if texts]
        by_filter = [_narrowing(columns, condition) for condition in filter_conditions.parse(self.filter)]
        return ExperimentFilter(
            since=self.from_start_time, until=self.to_start_time, narrowings=[*by_parameter, *by_filter]
        )


class ListExperimentsQuery(_Listing):
    """Query of the list of experiments."""

    id: _Names
    name: _Names
    dataset_id: _Names

    def groups(self) -> frozenset[str]:
        """The field groups asked for; InvalidRequestError for one that does not exist."""
        return _groups(self.fields_, EXPERIMENT_GROUPS, frozenset({"core"}))

    def wanted(self) -> ExperimentFilter:
        """Which experiments are asked for; InvalidRequestError for a filter that can't be."""
        return self._wanted(_OF_EXPERIMENTS, {"id": self.id, "name": self.name, "datasetId": self.dataset_id})


class ListExperimentItemsQuery(_Listing):
    """Query of the list of items."""

    experiment_id: _Names
    experiment_name: _Names
    experiment_item_id: _Names
    dataset_id: _Names

    def groups(self) -> frozenset[str]:
        """The field groups asked for; InvalidRequestError for one that does not exist."""
        return _groups(self.fields_, ITEM_GROUPS, _DEFAULT_ITEM_GROUPS)

    def wanted(self) -> ExperimentFilter:
        """Which items are asked for; InvalidRequestError for a filter that can't be."""
        sent = {
            "experimentId": self.experiment_id,
            "experimentName": self.experiment_name,
            "experimentItemId": self.experiment_item_id,
            "datasetId": self.dataset_id,
        }
        return self._wanted(_OF_ITEMS, sent)


ExperimentsQuery = Annotated[ListExperimentsQuery, Query()]
ExperimentItemsQuery = Annotated[ListExperimentItemsQuery, Query()]


class _Cursor(msgspec.Struct, rename="camel"):
    v: int
    last_time: str
    last_id: str


def cursor_after(position: Position) -> str:
    """The opaque text that asks for what follows a row."""
    last_time = json_text.precise_time_of_us(json_text.us_of_time(position.at))
    cursor = _Cursor(_CURSOR_VERSION, last_time, position.id)
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def _position(text: str) -> Position:
    try:
        padded = text.encode() + b"=" * (-len(text) % 4)
        cursor = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=_Cursor)
        moment = parsed_timestamp(cursor.last_time)
    except ValueError as error:
        raise errors.InvalidRequestError("Invalid cursor format") from error
    if cursor.v != _CURSOR_VERSION:
        raise errors.InvalidRequestError("Invalid cursor format")
    return Position(moment, cursor.last_id)


def _groups(sent: str | None, known: frozenset[str], default: frozenset[str]) -> frozenset[str]:
    named = frozenset(name for name in (sent or "").split(",") if name)
    if not named <= known:
        raise _refused("fields", f"must be a list of {', '.join(sorted(known))}")
    return named | {"core"} if named else default


def _narrowing(columns: Mapping[str, str], condition: Condition) -> Narrowing:
    if condition.column not in columns:
        raise _refused("filter", f"column must be one of {', '.join(columns)}")
    column = columns[condition.column]
    match condition.type, condition.operator:
        case "string", "=":
            return Narrowing(column, [str(condition.value)])
        case "stringOptions", operator if condition.value:
            return Narrowing(column, cast(Sequence[str], condition.value), is_negated=operator == "none of")
        case "null", operator:
            return Narrowing(column, (), is_negated=operator == "is not null")
        case _:
            raise _refused("filter", "must be string =, stringOptions any of or none of some, or null")


def _refused(parameter: str, rule: str) -> errors.InvalidRequestError:
    return errors.InvalidRequestError("Invalid request data", [FieldIssue((parameter,), rule)])
