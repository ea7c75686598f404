"""The columns a filter over scores may name, and the rows they are looked up in."""

from collections.abc import Mapping, Sequence

from elasticdash.shared.clickhouse.filter_columns import Column, Kind, Place, Surface

# A correction's text is kept apart because it may be long.
_TEXT = "if(data_type = 'CORRECTION', long_string_value, string_value)"
# Nothing here writes it: there are no evaluators.
_NEVER_SET = "''"

_SCORES: Sequence[tuple[Column, Sequence[str]]] = (
    (Column("id", Kind.STRING, "id"), ("ID",)),
    (Column("traceId", Kind.STRING, "trace_id"), ("Trace ID",)),
    (Column("observationId", Kind.STRING, "observation_id"), ("Observation ID",)),
    (Column("sessionId", Kind.STRING, "session_id"), ("Session ID",)),
    (Column("datasetRunId", Kind.STRING, "dataset_run_id"), ("experimentId", "Dataset Run ID", "Experiment ID")),
    (Column("name", Kind.STRING_OPTIONS, "name"), ("Name",)),
    (Column("source", Kind.STRING_OPTIONS, "source"), ("Source",)),
    (Column("comment", Kind.STRING, "comment"), ("Comment",)),
    (Column("authorUserId", Kind.STRING, "author_user_id"), ("Author User ID", "Author")),
    (Column("configId", Kind.STRING, "config_id"), ("Config ID",)),
    (Column("queueId", Kind.STRING, "queue_id"), ("Queue ID",)),
    (Column("dataType", Kind.STRING_OPTIONS, "data_type"), ("Data Type",)),
    (Column("stringValue", Kind.STRING_OPTIONS, _TEXT), ("String Value",)),
    (Column("environment", Kind.STRING_OPTIONS, "environment"), ("Environment",)),
    (Column("evaluatorId", Kind.STRING, _NEVER_SET), ("Evaluator ID",)),
    (Column("timestamp", Kind.DATETIME, "timestamp_us"), ("Timestamp",)),
    (Column("value", Kind.NUMBER, "value"), ("Value",)),
    (Column("booleanValue", Kind.BOOLEAN, "if(data_type = 'BOOLEAN', value != 0, NULL)"), ("Boolean Value",)),
    (Column("metadata", Kind.TEXT_MAP, "metadata"), ("Metadata",)),
    (Column("traceName", Kind.STRING_OPTIONS, "", Place.TRACE, "name"), ("Trace Name",)),
    (Column("userId", Kind.STRING, "", Place.TRACE, "user_id"), ("User ID",)),
    (Column("trace_tags", Kind.ARRAY, "", Place.TRACE, "tags"), ("traceTags", "tags", "Trace Tags")),
)


def _surface() -> Mapping[str, Column]:
    return {name: column for column, names in _SCORES for name in (column.id, *names)}


SCORES: Surface = _surface()
