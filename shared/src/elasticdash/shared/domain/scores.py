"""A score: one judgement of a trace, observation, session or dataset run, as it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from elasticdash.shared.ids import ProjectId, ScoreId


class ScoreDataType(StrEnum):
    """Closed set of the Langfuse API."""

    NUMERIC = "NUMERIC"
    CATEGORICAL = "CATEGORICAL"
    BOOLEAN = "BOOLEAN"
    TEXT = "TEXT"
    CORRECTION = "CORRECTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One score, merged. Exactly one target: trace (with or without observation), session or dataset run.

    `value` is 0 where the type has only text; `string_value` is the label, "True"/"False" or text;
    `long_string_value` is the text of a CORRECTION. `timestamp_us` is microseconds since the epoch, UTC.
    """

    project_id: ProjectId
    id: ScoreId
    timestamp_us: int
    environment: str
    name: str
    data_type: str
    value: float
    string_value: str | None
    long_string_value: str | None
    trace_id: str | None
    observation_id: str | None
    session_id: str | None
    dataset_run_id: str | None
    source: str
    comment: str | None
    metadata: Mapping[str, str]
    author_user_id: str | None
    config_id: str | None
    queue_id: str | None
    execution_trace_id: str | None
    revision: int
