"""What the observation operations take: query parameters, checked where they enter."""

import base64
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Query
from pydantic import Field

from elasticdash.shared import errors
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.shared.clickhouse.observation_list import Position
from elasticdash.shared.domain.observations import Level, ObservationType
from elasticdash.web.pagination import PageMeta
from elasticdash.web.views import json_text
from elasticdash.web.views.shapes import Numbers, ObservationShape
from elasticdash.web.wire import (
    EMPTY_IS_UNSET,
    OptionalBoolean,
    OptionalText,
    OptionalTimestamp,
    TextList,
    Timestamp,
    WireModel,
    parsed_timestamp,
)

MAX_LIMIT_V2 = 1000
GROUPS = frozenset({"core", "basic", "time", "io", "metadata", "model", "usage", "prompt", "metrics", "trace_context"})
DEFAULT_GROUPS = frozenset({"core", "basic"})


class ObservationsResponse(WireModel):
    """A page of observations."""

    data: list[ObservationShape]
    meta: PageMeta


class ObservationV2Shape(WireModel):
    """An observation of the second generation: keys of groups that were not asked for are absent."""

    id: str
    trace_id: str | None
    project_id: str
    parent_observation_id: str | None
    type: str
    start_time: Timestamp
    end_time: Timestamp | None
    latency: float | None
    time_to_first_token: float | None
    model_id: str | None
    input_price: str | None
    output_price: str | None
    total_price: str | None
    name: str | None = None
    level: str | None = None
    status_message: str | None = None
    version: str | None = None
    environment: str | None = None
    bookmarked: bool | None = None
    public: bool | None = None
    user_id: str | None = None
    session_id: str | None = None
    is_root_observation: bool | None = None
    completion_start_time: Timestamp | None = None
    created_at: Timestamp | None = None
    updated_at: Timestamp | None = None
    input: str | None = None
    output: str | None = None
    metadata: dict[str, Any] | None = None
    model: str | None = None
    internal_model_id: str | None = None
    model_parameters: Any = None
    usage_details: dict[str, int] | None = None
    cost_details: Numbers | None = None
    total_cost: float | None = None
    usage_pricing_tier_name: str | None = None
    prompt_id: str | None = None
    prompt_name: str | None = None
    prompt_version: int | None = None
    trace_name: str | None = None
    tags: list[str] | None = None
    release: str | None = None


class CursorMeta(WireModel):
    """The cursor of the next page; absent on the last one."""

    cursor: str | None = None


class ObservationsV2Response(WireModel):
    """Observations from a cursor on."""

    data: list[ObservationV2Shape]
    meta: CursorMeta


class ObservationFilterQuery(WireModel):
    """The plain filter parameters of both generations; empty values mean the parameter was not sent."""

    name: OptionalText = None
    user_id: OptionalText = None
    type: Annotated[ObservationType | None, EMPTY_IS_UNSET] = None
    trace_id: OptionalText = None
    level: Annotated[Level | None, EMPTY_IS_UNSET] = None
    parent_observation_id: OptionalText = None
    version: OptionalText = None
    environment: TextList = Field(default_factory=list[str])
    from_start_time: OptionalTimestamp = None
    to_start_time: OptionalTimestamp = None
    filter: OptionalText = None

    def conditions(self) -> list[Condition]:
        """The plain parameters as filter conditions."""
        texts = {
            "name": self.name,
            "userId": self.user_id,
            "type": self.type,
            "traceId": self.trace_id,
            "level": self.level,
            "parentObservationId": self.parent_observation_id,
            "version": self.version,
        }
        found = [Condition("string", column, "=", str(text)) for column, text in texts.items() if text is not None]
        if self.environment:
            found.append(Condition("stringOptions", "environment", "any of", self.environment))
        if self.from_start_time:
            found.append(Condition("datetime", "startTime", ">=", self.from_start_time))
        if self.to_start_time:
            found.append(Condition("datetime", "startTime", "<", self.to_start_time))
        return found


class ListObservationsV2Query(ObservationFilterQuery):
    """Query of the second generation's list."""

    fields_: Annotated[OptionalText, Field(alias="fields")] = None
    expand_metadata: OptionalText = None
    limit: Annotated[Annotated[int, Field(ge=0, le=MAX_LIMIT_V2)] | None, EMPTY_IS_UNSET] = None
    cursor: OptionalText = None
    parse_io_as_json: Annotated[Literal["false"] | None, EMPTY_IS_UNSET] = None
    session_id: OptionalText = None
    is_root_observation: OptionalBoolean = None

    def conditions(self) -> list[Condition]:
        """The plain parameters as filter conditions."""
        found = super().conditions()
        if self.session_id is not None:
            found.append(Condition("string", "sessionId", "=", self.session_id))
        if self.is_root_observation is not None:
            found.append(Condition("boolean", "isRootObservation", "=", self.is_root_observation))
        return found

    def groups(self) -> frozenset[str]:
        """The field groups asked for; core and basic when none, or none that exists, is named."""
        return GROUPS.intersection((self.fields_ or "").split(",")) or DEFAULT_GROUPS

    def expanded_keys(self) -> frozenset[str]:
        """The metadata keys whose values are wanted in full."""
        return frozenset((self.expand_metadata or "").split(","))


ObservationsQuery = Annotated[ObservationFilterQuery, Query()]
ObservationsV2Query = Annotated[ListObservationsV2Query, Query()]


class _Cursor(msgspec.Struct, rename="camel"):
    last_start_time_to: str
    last_trace_id: str
    last_id: str


def cursor_after(position: Position) -> str:
    """The opaque text that asks for what follows a row."""
    cursor = _Cursor(json_text.precise_time_of_us(position.start_us), position.trace_id, position.id)
    return base64.b64encode(msgspec.json.encode(cursor)).decode()


def parse_cursor(text: str | None) -> Position | None:
    """The row a cursor points behind; InvalidRequestError for what `cursor_after` never wrote."""
    if text is None:
        return None
    try:
        cursor = msgspec.json.decode(base64.b64decode(text, validate=True), type=_Cursor)
        start = parsed_timestamp(cursor.last_start_time_to)
    except ValueError as error:
        raise errors.InvalidRequestError("Invalid cursor format") from error
    return Position(json_text.us_of_time(start), cursor.last_trace_id, cursor.last_id)
