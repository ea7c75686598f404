"""The views of the metrics API: what may be grouped by, measured and filtered, and the SQL each name stands for.

Only what is listed here ever becomes SQL text. Names from joined tables carry the prefix of their source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from elasticdash.shared.clickhouse import filter_columns
from elasticdash.shared.clickhouse.filter_columns import Column, Kind, Place, Surface
from elasticdash.shared.clickhouse.scores_columns import SCORES


class Need(Enum):
    """What a name needs beside the narrow rows of its view."""

    WIDE = auto()  # the wide table in place of the narrow one
    TRACE = auto()  # the trace of the row
    OBSERVATION = auto()  # the observation of a score
    SCORE_COUNTS = auto()  # how many scores the row has
    COST_TYPES = auto()  # one row per kind of cost
    USAGE_TYPES = auto()  # one row per kind of usage
    TOOL_NAMES = auto()  # one row per tool that could be called
    CALLED_TOOL_NAMES = auto()  # one row per tool that was called


class Unit(Enum):
    """What a measure's values are, which decides how they are aggregated and shown."""

    INTEGER = auto()
    DECIMAL = auto()
    NUMBER = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something to group by."""

    sql: str
    needs: frozenset[Need] = frozenset()


@dataclass(frozen=True, slots=True)
class Measure:
    """Something to aggregate: an expression over one row, NULL where the row says nothing."""

    sql: str
    unit: Unit
    needs: frozenset[Need] = frozenset()


@dataclass(frozen=True, slots=True)
class View:
    """One kind of row. `kept` is a condition on every row; `guarded` dimensions have too many values to list."""

    table: str
    time_column: str
    dimensions: Mapping[str, Dimension]
    measures: Mapping[str, Measure]
    filters: Surface
    filter_needs: Mapping[str, frozenset[Need]]
    guarded: frozenset[str] = frozenset()
    kept: str = ""


_TRACE = frozenset({Need.TRACE})
_OBSERVATION = frozenset({Need.OBSERVATION})
_NEVER_SET = Dimension("''")


def _month(column: str) -> Dimension:
    return Dimension(f"formatDateTime({column}, '%Y-%m', 'UTC')")


def _milliseconds(start: str, end: str) -> str:
    return f"toUnixTimestamp64Milli({end}) - toUnixTimestamp64Milli({start})"


def _own_or_trace(own: str, of_trace: str) -> Dimension:
    return Dimension(f"ifNull(nullIf({own}, ''), {of_trace})", _TRACE)


def _surface_of(base: Surface, added: Sequence[Column], aliases: Mapping[str, str]) -> Surface:
    named = {**base, **{column.id: column for column in added}}
    return {**named, **{alias: named[name] for alias, name in aliases.items()}}


_INPUT_TOKENS = filter_columns.OBSERVATIONS["inputTokens"].sql
_OUTPUT_TOKENS = filter_columns.OBSERVATIONS["outputTokens"].sql
_TOTAL_TOKENS = filter_columns.OBSERVATIONS["totalTokens"].sql
_GENERATION_TIME = _milliseconds("ifNull(completion_start_time_us, start_time_us)", "end_time_us")
_COUNT = Measure("toInt64(1)", Unit.INTEGER)

_OBSERVATION_DIMENSIONS_V1: Mapping[str, Dimension] = {
    "id": Dimension("id"),
    "traceId": Dimension("trace_id"),
    "traceName": _own_or_trace("trace_name", "t_name"),
    "environment": Dimension("environment"),
    "parentObservationId": Dimension("parent_observation_id"),
    "type": Dimension("type"),
    "name": Dimension("name"),
    "level": Dimension("level"),
    "version": Dimension("version"),
    "tags": Dimension("arraySort(if(notEmpty(tags), tags, t_tags))", _TRACE),
    "providedModelName": Dimension("provided_model_name"),
    "promptName": Dimension("prompt_name"),
    "promptVersion": Dimension("prompt_version"),
    "userId": _own_or_trace("user_id", "t_user_id"),
    "sessionId": _own_or_trace("session_id", "t_session_id"),
    "traceRelease": _own_or_trace("release", "t_release"),
    "traceVersion": Dimension("t_version", _TRACE),
    "startTimeMonth": _month("start_time_us"),
    "toolNames": Dimension("tool_name", frozenset({Need.WIDE, Need.TOOL_NAMES})),
    "calledToolNames": Dimension("called_tool_name", frozenset({Need.CALLED_TOOL_NAMES})),
}
_OBSERVATION_DIMENSIONS_V2: Mapping[str, Dimension] = {
    **_OBSERVATION_DIMENSIONS_V1,
    "isRootObservation": Dimension(f"CAST({filter_columns.OBSERVATIONS_V2['isRootObservation'].sql} AS Bool)"),
    "release": _own_or_trace("release", "t_release"),
    "costType": Dimension("cost_type", frozenset({Need.COST_TYPES})),
    "usageType": Dimension("usage_type", frozenset({Need.USAGE_TYPES})),
}
_OBSERVATION_MEASURES_V1: Mapping[str, Measure] = {
    "count": _COUNT,
    "latency": Measure(_milliseconds("start_time_us", "end_time_us"), Unit.INTEGER),
    "streamingLatency": Measure(_milliseconds("completion_start_time_us", "end_time_us"), Unit.INTEGER),
    "timeToFirstToken": Measure(_milliseconds("start_time_us", "completion_start_time_us"), Unit.INTEGER),
    "inputTokens": Measure(_INPUT_TOKENS, Unit.INTEGER),
    "outputTokens": Measure(_OUTPUT_TOKENS, Unit.INTEGER),
    "totalTokens": Measure(_TOTAL_TOKENS, Unit.INTEGER),
    # From the first token on where its time is known: waiting is not generating.
    "outputTokensPerSecond": Measure(f"1000 * {_OUTPUT_TOKENS} / nullIf({_GENERATION_TIME}, 0)", Unit.NUMBER),
    "tokensPerSecond": Measure(
        f"1000 * {_TOTAL_TOKENS} / nullIf({_milliseconds('start_time_us', 'end_time_us')}, 0)", Unit.NUMBER
    ),
    "inputCost": Measure(
        "arraySum(mapValues(mapFilter((k, v) -> position(k, 'input') > 0, cost_details)))", Unit.DECIMAL
    ),
    "outputCost": Measure(
        "arraySum(mapValues(mapFilter((k, v) -> position(k, 'output') > 0, cost_details)))", Unit.DECIMAL
    ),
    "totalCost": Measure("total_cost", Unit.DECIMAL),
    "countScores": Measure("score_count", Unit.INTEGER, frozenset({Need.SCORE_COUNTS})),
    "toolDefinitions": Measure("length(tool_definitions)", Unit.INTEGER, frozenset({Need.WIDE})),
    "toolCalls": Measure("length(tool_call_names)", Unit.INTEGER),
}
_OBSERVATION_MEASURES_V2: Mapping[str, Measure] = {
    **_OBSERVATION_MEASURES_V1,
    "traceId": Measure("trace_id", Unit.TEXT),
    "uniqueUserIds": Measure("nullIf(ifNull(nullIf(user_id, ''), t_user_id), '')", Unit.TEXT, _TRACE),
    "uniqueSessionIds": Measure("nullIf(ifNull(nullIf(session_id, ''), t_session_id), '')", Unit.TEXT, _TRACE),
    "costByType": Measure("type_cost", Unit.DECIMAL, frozenset({Need.COST_TYPES})),
    "usageByType": Measure("type_usage", Unit.INTEGER, frozenset({Need.USAGE_TYPES})),
}
_OBSERVATION_FILTERS = _surface_of(
    filter_columns.OBSERVATIONS_V2,
    [
        Column("traceRelease", Kind.STRING, "release", Place.TRACE, "release"),
        Column("traceVersion", Kind.STRING, "", Place.TRACE, "version"),
        Column("startTimeMonth", Kind.STRING, _month("start_time_us").sql),
        Column("costType", Kind.STRING_OPTIONS, "cost_type"),
        Column("usageType", Kind.STRING_OPTIONS, "usage_type"),
    ],
    {"observationName": "name"},
)
_OBSERVATION_FILTER_NEEDS = {
    "costType": frozenset({Need.COST_TYPES}),
    "usageType": frozenset({Need.USAGE_TYPES}),
}

_TRACES = View(
    table="traces_by_time",
    time_column="timestamp_us",
    dimensions={
        "id": Dimension("trace_id"),
        "name": Dimension("name"),
        "tags": Dimension("arraySort(tags)"),
        "userId": Dimension("user_id"),
        "sessionId": Dimension("session_id"),
        "release": Dimension("release"),
        "version": Dimension("version"),
        "environment": Dimension("environment"),
        "timestampMonth": _month("timestamp_us"),
    },
    measures={
        "count": _COUNT,
        "observationsCount": Measure("observation_count", Unit.INTEGER),
        "scoresCount": Measure("score_count", Unit.INTEGER, frozenset({Need.SCORE_COUNTS})),
        "uniqueUserIds": Measure("nullIf(user_id, '')", Unit.TEXT),
        "uniqueSessionIds": Measure("nullIf(session_id, '')", Unit.TEXT),
        "latency": Measure(_milliseconds("start_time_us", "end_time_us"), Unit.INTEGER),
        "totalTokens": Measure("total_tokens", Unit.INTEGER),
        "totalCost": Measure("total_cost", Unit.DECIMAL),
    },
    filters=_surface_of(filter_columns.TRACES, [Column("timestampMonth", Kind.STRING, _month("timestamp_us").sql)], {}),
    filter_needs={},
)
_OBSERVATIONS_V1 = View(
    table="observations_by_time",
    time_column="start_time_us",
    dimensions=_OBSERVATION_DIMENSIONS_V1,
    measures=_OBSERVATION_MEASURES_V1,
    filters=_OBSERVATION_FILTERS,
    filter_needs=_OBSERVATION_FILTER_NEEDS,
)
_OBSERVATIONS_V2 = replace(
    _OBSERVATIONS_V1,
    dimensions=_OBSERVATION_DIMENSIONS_V2,
    measures=_OBSERVATION_MEASURES_V2,
    guarded=frozenset({"id", "traceId", "userId", "sessionId", "parentObservationId"}),
)

_SCORE_DIMENSIONS_V1: Mapping[str, Dimension] = {
    "id": Dimension("id"),
    "environment": Dimension("environment"),
    "name": Dimension("name"),
    "evaluatorId": _NEVER_SET,
    "source": Dimension("source"),
    "dataType": Dimension("data_type"),
    "traceId": Dimension("nullIf(trace_id, '')"),
    "configId": Dimension("config_id"),
    "timestampMonth": _month("timestamp_us"),
    "timestampDay": Dimension("formatDateTime(timestamp_us, '%Y-%m-%d', 'UTC')"),
    "observationId": Dimension("observation_id"),
    "sessionId": _own_or_trace("session_id", "t_session_id"),
    "userId": Dimension("t_user_id", _TRACE),
    "tags": Dimension("arraySort(t_tags)", _TRACE),
    "traceName": Dimension("t_name", _TRACE),
    "traceRelease": Dimension("t_release", _TRACE),
    "traceVersion": Dimension("t_version", _TRACE),
    "observationName": Dimension("o_name", _OBSERVATION),
    "observationModelName": Dimension("o_model_name", _OBSERVATION),
    "observationPromptName": Dimension("o_prompt_name", _OBSERVATION),
    "observationPromptVersion": Dimension("o_prompt_version", _OBSERVATION),
}
_SCORE_DIMENSIONS_V2_ONLY: Mapping[str, Dimension] = {
    "datasetRunId": Dimension("dataset_run_id"),
    "experimentId": Dimension("dataset_run_id"),
}
_SCORE_FILTERS = _surface_of(
    SCORES,
    [
        Column("timestampMonth", Kind.STRING, _month("timestamp_us").sql),
        Column("timestampDay", Kind.STRING, "formatDateTime(timestamp_us, '%Y-%m-%d', 'UTC')"),
        Column("sessionId", Kind.STRING, "session_id", Place.TRACE, "session_id"),
        Column("traceRelease", Kind.STRING, "", Place.TRACE, "release"),
        Column("traceVersion", Kind.STRING, "", Place.TRACE, "version"),
        Column("observationName", Kind.STRING_OPTIONS, "o_name"),
        Column("observationModelName", Kind.STRING_OPTIONS, "o_model_name"),
        Column("observationPromptName", Kind.STRING_OPTIONS, "o_prompt_name"),
        Column("observationPromptVersion", Kind.NUMBER, "o_prompt_version"),
    ],
    {"scoreName": "name"},
)
_SCORE_FILTER_NEEDS: Mapping[str, frozenset[Need]] = dict.fromkeys(
    ("observationName", "observationModelName", "observationPromptName", "observationPromptVersion"), _OBSERVATION
)
_SCORES_GUARDED = frozenset(
    {"id", "evaluatorId", "traceId", "observationId", "sessionId", "userId"} | {"datasetRunId", "experimentId"}
)


def _scores(kept: str, own: Mapping[str, Dimension], measures: Mapping[str, Measure]) -> tuple[View, View]:
    """The view of one kind of scores in the first and the second generation."""
    first = View(
        table="scores",
        time_column="timestamp_us",
        dimensions={**_SCORE_DIMENSIONS_V1, **own},
        measures={"count": _COUNT, **measures},
        filters=_SCORE_FILTERS,
        filter_needs=_SCORE_FILTER_NEEDS,
        kept=kept,
    )
    dimensions = {**first.dimensions, **_SCORE_DIMENSIONS_V2_ONLY}
    return first, replace(first, dimensions=dimensions, guarded=_SCORES_GUARDED)


_VALUE = Measure("value", Unit.NUMBER)
_NUMERIC_V1, _NUMERIC_V2 = _scores(
    "data_type IN ('NUMERIC', 'BOOLEAN')", {"value": Dimension("value")}, {"value": _VALUE}
)
_BOOLEAN_V1, _BOOLEAN_V2 = _scores(
    "data_type = 'BOOLEAN'", {"booleanValue": Dimension("CAST(value != 0 AS Bool)")}, {"value": _VALUE}
)
_CATEGORICAL_V1, _CATEGORICAL_V2 = _scores("data_type = 'CATEGORICAL'", {"stringValue": Dimension("string_value")}, {})

V1: Mapping[str, View] = {
    "traces": _TRACES,
    "observations": _OBSERVATIONS_V1,
    "scores-numeric": _NUMERIC_V1,
    "scores-boolean": _BOOLEAN_V1,
    "scores-categorical": _CATEGORICAL_V1,
}
V2: Mapping[str, View] = {
    "observations": _OBSERVATIONS_V2,
    "scores-numeric": _NUMERIC_V2,
    "scores-boolean": _BOOLEAN_V2,
    "scores-categorical": _CATEGORICAL_V2,
}
