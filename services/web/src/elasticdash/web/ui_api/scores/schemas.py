"""What the pages of scores ask for and get, and what annotating sends."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import Field

from elasticdash.shared.clickhouse import filter_conditions, filters
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.shared.clickhouse.filters import Predicate
from elasticdash.shared.clickhouse.scores import Position
from elasticdash.shared.clickhouse.scores_columns import SCORES
from elasticdash.web import cursors
from elasticdash.web.wire import OptionalText, OptionalTimestamp, Text, WireModel

_MAX_ROWS = 200
_MAX_COMMENT_CHARACTERS = 5000


class ScoreFilterQuery(WireModel):
    """Nothing given keeps all scores."""

    from_timestamp: OptionalTimestamp = None
    to_timestamp: OptionalTimestamp = None
    filter: OptionalText = None

    def predicates(self) -> Sequence[Predicate]:
        """All of it as conditions; InvalidRequestError for a filter no column takes."""
        times: list[Condition] = []
        if self.from_timestamp:
            times.append(Condition("datetime", "timestamp", ">=", self.from_timestamp))
        if self.to_timestamp:
            times.append(Condition("datetime", "timestamp", "<", self.to_timestamp))
        return filters.compile_all(SCORES, times, filter_conditions.parse(self.filter))


class ListScoresQuery(ScoreFilterQuery):
    """A page of scores, newest first."""

    cursor: OptionalText = None
    limit: Annotated[int, Field(ge=1, le=_MAX_ROWS)] = 50

    def position(self) -> Position | None:
        """Where the page begins; InvalidRequestError for a cursor that is none."""
        return Position(*cursors.decode(self.cursor, int)) if self.cursor else None


class ScoreRowShape(WireModel):
    """One score; `author` is the address of who annotated."""

    id: str
    trace_id: str | None
    observation_id: str | None
    session_id: str | None
    timestamp: str
    name: str
    data_type: str
    value: float | None
    text: str | None
    source: str
    comment: str | None
    environment: str
    config_id: str | None
    author: str | None


class ScorePageShape(WireModel):
    """A page; `next` asks for the one after it, null on the last."""

    scores: list[ScoreRowShape]
    next: str | None


class TextCountShape(WireModel):
    """A text scores have, and about how many."""

    text: str
    scores: int


class ScoreSummaryShape(WireModel):
    """What all scores of a name and type say together; numbers are null where they have none."""

    name: str
    data_type: str
    scores: int
    average: float | None
    least: float | None
    most: float | None
    texts: list[TextCountShape]
    last: str


class ScoreSummariesShape(WireModel):
    """The names, most frequent first."""

    summaries: list[ScoreSummaryShape]


class AnnotateRequest(WireModel):
    """A judgement of a person by a score config, about a trace, one of its observations, or a session.

    With `id` it replaces an earlier one.
    """

    id: Annotated[Text, Field(min_length=1, max_length=200)] | None = None
    config_id: Text
    value: Annotated[float, Field(allow_inf_nan=False)] | Annotated[Text, Field(max_length=_MAX_COMMENT_CHARACTERS)]
    trace_id: Text | None = None
    observation_id: Text | None = None
    session_id: Text | None = None
    comment: Annotated[Text, Field(max_length=_MAX_COMMENT_CHARACTERS)] | None = None


class AnnotatedShape(WireModel):
    """The score's id; it is durable, and seen within a second or two."""

    id: str


ScoresQuery = Annotated[ListScoresQuery, Query()]
ScoresFilter = Annotated[ScoreFilterQuery, Query()]
