"""What the pages about experiments, which are runs over datasets, ask for and get."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from elasticdash.shared.postgres.experiments import Position
from elasticdash.web import cursors
from elasticdash.web.views import json_text
from elasticdash.web.wire import OptionalText, Timestamp, WireModel, parsed_timestamp

MAX_COMPARED = 6
_MAX_ROWS = 100
_MAX_OFFSET = 1_000_000


class ListExperimentsQuery(WireModel):
    """A page of experiments, the one last active first; of one dataset, or of all and none."""

    dataset_id: OptionalText = None
    cursor: OptionalText = None
    limit: Annotated[int, Field(ge=1, le=_MAX_ROWS)] = 50

    def position(self) -> Position | None:
        """Where the page begins; InvalidRequestError for a cursor that is none."""
        if self.cursor is None:
            return None
        last_us, run_id = cursors.decode(self.cursor, int)
        return Position(parsed_timestamp(json_text.precise_time_of_us(last_us)), run_id)


class ListResultsQuery(WireModel):
    """A page of items, and what each of some experiments made of them."""

    run_ids: Annotated[list[str], Field(min_length=1, max_length=MAX_COMPARED)]
    offset: Annotated[int, Field(ge=0, le=_MAX_OFFSET)] = 0
    limit: Annotated[int, Field(ge=1, le=_MAX_ROWS)] = 25


class GivenScoreShape(WireModel):
    """A score: a number, or a text."""

    name: str
    value: float | None
    text: str | None


class ScoreFigureShape(WireModel):
    """What all scores of a name say together: the average of numbers, the most frequent of texts."""

    name: str
    data_type: str
    scores: int
    average: float | None
    text: str | None


class ExperimentRowShape(WireModel):
    """An experiment in the list; `datasetName` is null where it is over no dataset, or one that is gone."""

    id: str
    name: str
    description: str | None
    dataset_id: str | None
    dataset_name: str | None
    items: int
    start_time: Timestamp
    end_time: Timestamp
    scores: list[GivenScoreShape]


class ExperimentPageShape(WireModel):
    """A page of experiments; `next` asks for the one after it, null on the last."""

    experiments: list[ExperimentRowShape]
    next: str | None


class ExperimentSummaryShape(WireModel):
    """One experiment and what all its traces say together; times are null for one that did nothing."""

    id: str
    name: str
    description: str | None
    metadata: Any
    dataset_id: str | None
    dataset_name: str | None
    items: int
    start_time: Timestamp | None
    end_time: Timestamp | None
    errors: int
    average_latency_seconds: float | None
    total_cost_usd: float | None
    total_tokens: int
    figures: list[ScoreFigureShape]
    scores: list[GivenScoreShape]


class ResultShape(WireModel):
    """What one experiment made of an item, by the totals of its trace; `output` is its start, null for none."""

    run_id: str
    trace_id: str
    observation_id: str | None
    output: str | None
    errors: int
    latency_seconds: float | None
    total_cost_usd: float | None
    total_tokens: int
    scores: list[GivenScoreShape]


class ComparedItemShape(WireModel):
    """An item with the start of its texts, and what the experiments made of it."""

    item_id: str
    input: str | None
    expected_output: str | None
    results: list[ResultShape]


class ResultPageShape(WireModel):
    """A page of items; `next` is the offset of what comes after, null at the end."""

    items: list[ComparedItemShape]
    next: int | None


ExperimentsQuery = Annotated[ListExperimentsQuery, Query()]
ResultsQuery = Annotated[ListResultsQuery, Query()]


def cursor_after(position: Position) -> str:
    """The opaque text that asks for what comes after an experiment."""
    return cursors.encode(json_text.us_of_time(position.at), position.id)
