"""What the score operations of the first two generations take and answer, checked where it enters."""

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field

from elasticdash.shared import errors
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.shared.domain.scores import ScoreDataType
from elasticdash.web.pagination import PageMeta
from elasticdash.web.wire import EMPTY_IS_UNSET, OptionalText, OptionalTimestamp, TextList, Timestamp, WireModel

Source = Literal["API", "EVAL", "ANNOTATION"]
Comparison = Literal["<", ">", "<=", ">=", "!=", "="]
GROUPS = frozenset({"score", "trace"})


class JudgedTraceShape(WireModel):
    """What a score shows of its trace."""

    user_id: str | None
    tags: list[str]
    environment: str
    session_id: str | None


class ScoreShape(WireModel):
    """A score; `value` is absent for texts, `stringValue` for numbers."""

    id: str
    project_id: str
    trace_id: str | None
    observation_id: str | None
    session_id: str | None
    dataset_run_id: str | None
    name: str
    data_type: ScoreDataType
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
    execution_trace_id: str | None
    trace: JudgedTraceShape | None = None


class ScoresResponse(WireModel):
    """A page of scores."""

    data: list[ScoreShape]
    meta: PageMeta


class CreatedScore(WireModel):
    """The id of the score that was sent."""

    id: str


class Message(WireModel):
    """What was done."""

    message: str


class PartlyAccepted(WireModel):
    """How many scores of a list were kept, and why the others were not."""

    accepted: int
    rejected: int
    errors: list[Message]


class ScoreFilterQuery(WireModel):
    """The plain filter parameters of the first generation; empty values mean the parameter was not sent."""

    user_id: OptionalText = None
    name: OptionalText = None
    from_timestamp: OptionalTimestamp = None
    to_timestamp: OptionalTimestamp = None
    environment: TextList = Field(default_factory=list[str])
    source: Annotated[Source | None, EMPTY_IS_UNSET] = None
    operator: Annotated[Comparison | None, EMPTY_IS_UNSET] = None
    value: Annotated[Annotated[float, Field(allow_inf_nan=False)] | None, EMPTY_IS_UNSET] = None
    score_ids: TextList = Field(default_factory=list[str])
    config_id: OptionalText = None
    queue_id: OptionalText = None
    data_type: Annotated[ScoreDataType | None, EMPTY_IS_UNSET] = None
    trace_tags: TextList = Field(default_factory=list[str])
    filter: OptionalText = None

    def conditions(self) -> list[Condition]:
        """The plain parameters as filter conditions; a value counts only together with an operator."""
        texts = {
            "userId": self.user_id,
            "name": self.name,
            "source": self.source,
            "configId": self.config_id,
            "queueId": self.queue_id,
            "dataType": self.data_type,
        }
        found = [Condition("string", column, "=", str(text)) for column, text in texts.items() if text is not None]
        lists = {"environment": self.environment, "id": self.score_ids}
        found += [Condition("stringOptions", column, "any of", items) for column, items in lists.items() if items]
        if self.trace_tags:
            found.append(Condition("arrayOptions", "trace_tags", "all of", self.trace_tags))
        if self.from_timestamp:
            found.append(Condition("datetime", "timestamp", ">=", self.from_timestamp))
        if self.to_timestamp:
            found.append(Condition("datetime", "timestamp", "<", self.to_timestamp))
        if self.operator is not None and self.value is not None:
            found.append(Condition("number", "value", self.operator, self.value))
        return found


class ScoreFilterV2Query(ScoreFilterQuery):
    """The plain filter parameters of the second generation."""

    session_id: OptionalText = None
    dataset_run_id: OptionalText = None
    trace_id: OptionalText = None
    observation_id: TextList = Field(default_factory=list[str])
    fields_: Annotated[OptionalText, Field(alias="fields")] = None

    def conditions(self) -> list[Condition]:
        """The plain parameters as filter conditions."""
        texts = {"sessionId": self.session_id, "datasetRunId": self.dataset_run_id, "traceId": self.trace_id}
        found = [Condition("string", column, "=", text) for column, text in texts.items() if text is not None]
        if self.observation_id:
            found.append(Condition("stringOptions", "observationId", "any of", self.observation_id))
        return super().conditions() + found

    def groups(self) -> frozenset[str]:
        """The field groups asked for, both by default.

        InvalidRequestError without `score`, and for a filter on the trace without `trace`.
        """
        if self.fields_ is None:
            return GROUPS
        groups = GROUPS.intersection(self.fields_.split(","))
        if "score" not in groups:
            raise _refused("fields", "must name the group score")
        if "trace" not in groups and (self.user_id is not None or self.trace_tags):
            raise _refused("fields", "must name the group trace for a filter by userId or traceTags")
        return groups


def _refused(parameter: str, rule: str) -> errors.InvalidRequestError:
    return errors.InvalidRequestError("Invalid request data", [errors.FieldIssue((parameter,), rule)])


ScoresQuery = Annotated[ScoreFilterQuery, Query()]
ScoresV2Query = Annotated[ScoreFilterV2Query, Query()]
