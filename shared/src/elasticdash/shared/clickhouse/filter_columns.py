"""The columns a filter may name on each surface, and the SQL each stands for.

Only what is listed here ever becomes SQL text; values always travel as parameters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    """What a column holds, which decides the condition types it takes."""

    STRING = auto()
    STRING_OPTIONS = auto()
    NUMBER = auto()
    DATETIME = auto()
    BOOLEAN = auto()
    ARRAY = auto()
    TEXT_MAP = auto()
    SCORE_AVERAGE = auto()
    SCORE_CATEGORY = auto()
    SCORE_BOOLEAN = auto()


class Place(Enum):
    """Which rows a column's SQL speaks about."""

    LIST = auto()  # the narrow rows that the list itself reads
    WIDE = auto()  # the wide observation behind a narrow one
    TRACE = auto()  # the observation's own narrow row, or its trace's
    TRACE_SCORES = auto()  # all scores of the trace
    OBSERVATION_SCORES = auto()  # scores of this observation alone


@dataclass(frozen=True, slots=True)
class Column:
    """One filterable column. `sql` is an expression over the rows of `place`; `trace_sql` over traces_by_time."""

    id: str
    kind: Kind
    sql: str
    place: Place = Place.LIST
    trace_sql: str = ""
    is_long_text: bool = False


Surface = Mapping[str, Column]
"""Columns by every name they may be addressed with (ids and display names)."""

_LATENCY_OF_TRACE = "(toUnixTimestamp64Micro(end_time_us) - toUnixTimestamp64Micro(start_time_us)) / 1e6"
_LATENCY = _LATENCY_OF_TRACE
_TIME_TO_FIRST_TOKEN = (
    "(toUnixTimestamp64Micro(completion_start_time_us) - toUnixTimestamp64Micro(start_time_us)) / 1e6"
)


def _sum_of(map_column: str, word: str) -> str:
    return f"arraySum(mapValues(mapFilter((k, v) -> position(k, '{word}') > 0, {map_column})))"


_INPUT_TOKENS = _sum_of("usage_details", "input")
_OUTPUT_TOKENS = _sum_of("usage_details", "output")
_LEVEL_OF_TRACE = (
    "multiIf(error_count > 0, 'ERROR', warning_count > 0, 'WARNING', "
    "default_count > 0 OR debug_count = 0, 'DEFAULT', 'DEBUG')"
)
# Nothing here writes these, so the column is empty on every row.
_NEVER_SET = "''"
_HAS_PARENT = "ifNull(parent_observation_id, '') != ''"

# Names in the order: id, then its other names (spelling on other surfaces, display names of the Langfuse UI).
_TRACES: Sequence[tuple[Column, Sequence[str]]] = (
    (Column("id", Kind.STRING, "trace_id"), ("ID",)),
    (Column("name", Kind.STRING_OPTIONS, "name"), ("traceName", "Name", "Trace Name")),
    (Column("timestamp", Kind.DATETIME, "timestamp_us"), ("Timestamp",)),
    (Column("userId", Kind.STRING, "user_id"), ("User ID",)),
    (Column("sessionId", Kind.STRING, "session_id"), ("Session ID",)),
    (Column("version", Kind.STRING, "version"), ("Version",)),
    (Column("release", Kind.STRING, "release"), ("Release",)),
    (Column("environment", Kind.STRING_OPTIONS, "environment"), ("Environment",)),
    (Column("bookmarked", Kind.BOOLEAN, "bookmarked"), ("Bookmarked", "⭐️")),
    (Column("metadata", Kind.TEXT_MAP, "metadata"), ("Metadata",)),
    (Column("tags", Kind.ARRAY, "tags"), ("traceTags", "Tags", "Trace Tags")),
    (Column("inputTokens", Kind.NUMBER, "input_tokens"), ("Input Tokens",)),
    (Column("outputTokens", Kind.NUMBER, "output_tokens"), ("Output Tokens",)),
    (Column("totalTokens", Kind.NUMBER, "total_tokens"), ("tokens", "Total Tokens", "Tokens")),
    (Column("errorCount", Kind.NUMBER, "error_count"), ("Error Level Count",)),
    (Column("warningCount", Kind.NUMBER, "warning_count"), ("Warning Level Count",)),
    (Column("defaultCount", Kind.NUMBER, "default_count"), ("Default Level Count",)),
    (Column("debugCount", Kind.NUMBER, "debug_count"), ("Debug Level Count",)),
    (Column("latency", Kind.NUMBER, _LATENCY_OF_TRACE), ("Latency (s)",)),
    (Column("inputCost", Kind.NUMBER, "toFloat64(input_cost)"), ("Input Cost ($)",)),
    (Column("outputCost", Kind.NUMBER, "toFloat64(output_cost)"), ("Output Cost ($)",)),
    (Column("totalCost", Kind.NUMBER, "toFloat64(total_cost)"), ("Total Cost ($)",)),
    (Column("level", Kind.STRING_OPTIONS, _LEVEL_OF_TRACE), ("Level",)),
    (Column("scores_avg", Kind.SCORE_AVERAGE, "", Place.TRACE_SCORES), ("Scores (numeric)",)),
    (Column("score_categories", Kind.SCORE_CATEGORY, "", Place.TRACE_SCORES), ("Scores (categorical)",)),
    (Column("score_booleans", Kind.SCORE_BOOLEAN, "", Place.TRACE_SCORES), ("Scores (boolean)",)),
    (Column("evaluatorId", Kind.STRING, _NEVER_SET), ("Evaluator ID",)),
    (Column("ruleId", Kind.STRING, _NEVER_SET), ("Rule ID",)),
)

_OBSERVATIONS: Sequence[tuple[Column, Sequence[str]]] = (
    (Column("id", Kind.STRING_OPTIONS, "id"), ("ID",)),
    (Column("name", Kind.STRING_OPTIONS, "name"), ("Name",)),
    (Column("type", Kind.STRING_OPTIONS, "type"), ("Type",)),
    (Column("environment", Kind.STRING_OPTIONS, "environment"), ("Environment",)),
    (
        Column("model", Kind.STRING_OPTIONS, "provided_model_name"),
        ("providedModelName", "Model", "Provided Model Name"),
    ),
    (Column("modelId", Kind.STRING_OPTIONS, "internal_model_id"), ("Model ID",)),
    (Column("promptName", Kind.STRING_OPTIONS, "prompt_name"), ("Prompt Name",)),
    (Column("promptVersion", Kind.NUMBER, "prompt_version"), ("Prompt Version",)),
    (Column("traceId", Kind.STRING, "trace_id"), ("Trace ID",)),
    (Column("parentObservationId", Kind.STRING, "parent_observation_id"), ("Parent Observation ID",)),
    (Column("statusMessage", Kind.STRING, "status_message", Place.WIDE), ("Status Message",)),
    (Column("version", Kind.STRING, "version"), ("Version",)),
    (Column("level", Kind.STRING_OPTIONS, "level"), ("Level",)),
    (Column("startTime", Kind.DATETIME, "start_time_us"), ("Start Time",)),
    (Column("endTime", Kind.DATETIME, "end_time_us"), ("End Time",)),
    (Column("timeToFirstToken", Kind.NUMBER, _TIME_TO_FIRST_TOKEN), ("Time To First Token (s)",)),
    (Column("latency", Kind.NUMBER, _LATENCY), ("Latency (s)",)),
    (Column("tokensPerSecond", Kind.NUMBER, f"{_OUTPUT_TOKENS} / nullIf({_LATENCY}, 0)"), ("Tokens per second",)),
    (Column("inputCost", Kind.NUMBER, f"toFloat64({_sum_of('cost_details', 'input')})"), ("Input Cost ($)",)),
    (Column("outputCost", Kind.NUMBER, f"toFloat64({_sum_of('cost_details', 'output')})"), ("Output Cost ($)",)),
    (Column("totalCost", Kind.NUMBER, "toFloat64(total_cost)"), ("Total Cost ($)",)),
    (Column("inputTokens", Kind.NUMBER, _INPUT_TOKENS), ("Input Tokens",)),
    (Column("outputTokens", Kind.NUMBER, _OUTPUT_TOKENS), ("Output Tokens",)),
    (Column("totalTokens", Kind.NUMBER, "usage_details['total']"), ("tokens", "Total Tokens", "Tokens")),
    (Column("toolDefinitions", Kind.NUMBER, "length(tool_definitions)", Place.WIDE), ("Available Tools",)),
    (Column("toolCalls", Kind.NUMBER, "length(tool_call_names)"), ("Tool Calls",)),
    (Column("toolNames", Kind.ARRAY, "mapKeys(tool_definitions)", Place.WIDE), ("Available Tool Names",)),
    (Column("calledToolNames", Kind.ARRAY, "tool_call_names"), ("Called Tool Names",)),
    (Column("metadata", Kind.TEXT_MAP, "metadata", Place.WIDE), ("Metadata",)),
    (Column("traceName", Kind.STRING_OPTIONS, "trace_name", Place.TRACE, "name"), ("Trace Name",)),
    (Column("userId", Kind.STRING, "user_id", Place.TRACE, "user_id"), ("User ID",)),
    (Column("sessionId", Kind.STRING, "session_id", Place.TRACE, "session_id"), ("Session ID",)),
    (Column("tags", Kind.ARRAY, "tags", Place.TRACE, "tags"), ("traceTags", "Tags", "Trace Tags")),
    (Column("traceEnvironment", Kind.STRING_OPTIONS, "", Place.TRACE, "environment"), ("Trace Environment",)),
    (Column("scores_avg", Kind.SCORE_AVERAGE, "", Place.OBSERVATION_SCORES), ("Scores (numeric)",)),
    (Column("score_categories", Kind.SCORE_CATEGORY, "", Place.OBSERVATION_SCORES), ("Scores (categorical)",)),
    (Column("score_booleans", Kind.SCORE_BOOLEAN, "", Place.OBSERVATION_SCORES), ("Scores (boolean)",)),
)

_OBSERVATIONS_V2_ONLY: Sequence[tuple[Column, Sequence[str]]] = (
    (Column("release", Kind.STRING, "release", Place.TRACE, "release"), ("Release",)),
    (Column("input", Kind.STRING, "input", Place.WIDE, is_long_text=True), ("Input",)),
    (Column("output", Kind.STRING, "output", Place.WIDE, is_long_text=True), ("Output",)),
    (Column("hasParentObservation", Kind.BOOLEAN, _HAS_PARENT), ("Has Parent Observation",)),
    (Column("isRootObservation", Kind.BOOLEAN, f"NOT ({_HAS_PARENT}) OR is_app_root"), ("Is Root Observation",)),
    (Column("hasInput", Kind.BOOLEAN, "ifNull(input, '') != ''", Place.WIDE), ("Has Input",)),
    (Column("hasOutput", Kind.BOOLEAN, "ifNull(output, '') != ''", Place.WIDE), ("Has Output",)),
    (Column("ingestionApiKey", Kind.STRING_OPTIONS, "ingestion_api_key", Place.WIDE), ("Ingestion API Key",)),
    (Column("ingestionSdkName", Kind.STRING_OPTIONS, "ingestion_sdk_name", Place.WIDE), ("Ingestion SDK Name",)),
    (
        Column("ingestionSdkVersion", Kind.STRING_OPTIONS, "ingestion_sdk_version", Place.WIDE),
        ("Ingestion SDK Version",),
    ),
    (Column("ingestionSource", Kind.STRING_OPTIONS, "source", Place.WIDE), ("Ingestion Source",)),
    (Column("evaluatorId", Kind.STRING, _NEVER_SET), ("Evaluator ID",)),
    (Column("ruleId", Kind.STRING, _NEVER_SET), ("Rule ID",)),
    (Column("trace_scores_avg", Kind.SCORE_AVERAGE, "", Place.TRACE_SCORES), ("Trace Scores (numeric)",)),
    (Column("trace_score_categories", Kind.SCORE_CATEGORY, "", Place.TRACE_SCORES), ("Trace Scores (categorical)",)),
    (Column("trace_score_booleans", Kind.SCORE_BOOLEAN, "", Place.TRACE_SCORES), ("Trace Scores (boolean)",)),
)


def _surface(*groups: Sequence[tuple[Column, Sequence[str]]]) -> Surface:
    found: dict[str, Column] = {}
    for column, names in (entry for group in groups for entry in group):
        for name in (column.id, *names):
            found.setdefault(name, column)
    return found


TRACES: Surface = _surface(_TRACES)
OBSERVATIONS: Surface = _surface(_OBSERVATIONS)
OBSERVATIONS_V2: Surface = _surface(_OBSERVATIONS, _OBSERVATIONS_V2_ONLY)
