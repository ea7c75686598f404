"""Inserts of whole records: each record type becomes the columns of its table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.record import record
from elasticdash.shared.domain.scores import Score
from elasticdash.shared.domain.traces import Trace

Record = TypeVar("Record")
Column = tuple[str, Callable[[Record], Any]]


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who sent a record: kept beside it, never part of its identity."""

    api_key: str = ""
    sdk_name: str = "unknown"
    sdk_version: str = "unknown"


def _ms(time_us: int | None) -> int | None:
    return None if time_us is None else time_us // 1000


OBSERVATION_COLUMNS: Sequence[Column[Observation]] = (
    ("id", lambda o: o.id),
    ("trace_id", lambda o: o.trace_id),
    ("project_id", lambda o: o.project_id),
    ("environment", lambda o: o.environment),
    ("type", lambda o: o.type),
    ("parent_observation_id", lambda o: o.parent_observation_id),
    ("start_time", lambda o: o.start_time_us // 1000),
    ("end_time", lambda o: _ms(o.end_time_us)),
    ("name", lambda o: o.name),
    ("metadata", lambda o: o.metadata),
    ("level", lambda o: o.level),
    ("status_message", lambda o: o.status_message),
    ("version", lambda o: o.version),
    ("input", lambda o: o.input),
    ("output", lambda o: o.output),
    ("provided_model_name", lambda o: o.model),
    ("internal_model_id", lambda o: o.model_id),
    ("model_parameters", lambda o: o.model_parameters),
    ("provided_usage_details", lambda o: o.provided_usage),
    ("usage_details", lambda o: o.usage),
    ("provided_cost_details", lambda o: o.provided_cost_usd),
    ("cost_details", lambda o: o.cost_usd),
    ("total_cost", lambda o: o.total_cost_usd),
    ("completion_start_time", lambda o: _ms(o.completion_start_time_us)),
    ("prompt_id", lambda o: o.prompt_id),
    ("prompt_name", lambda o: o.prompt_name),
    ("prompt_version", lambda o: o.prompt_version),
    ("usage_pricing_tier_id", lambda o: o.pricing_tier_id),
    ("usage_pricing_tier_name", lambda o: o.pricing_tier_name),
    ("tool_definitions", lambda o: o.tool_definitions),
    ("tool_calls", lambda o: o.tool_calls),
    ("tool_call_names", lambda o: o.tool_call_names),
    ("start_time_us", lambda o: o.start_time_us),
    ("end_time_us", lambda o: o.end_time_us),
    ("completion_start_time_us", lambda o: o.completion_start_time_us),
    ("release", lambda o: o.release),
    ("trace_name", lambda o: o.trace_name),
    ("user_id", lambda o: o.user_id),
    ("session_id", lambda o: o.session_id),
    ("tags", lambda o: o.tags),
    ("is_app_root", lambda o: o.is_app_root),
    ("source", lambda o: o.source),
    ("revision", lambda o: o.revision),
)

TRACE_COLUMNS: Sequence[Column[Trace]] = (
    ("id", lambda t: t.id),
    ("timestamp", lambda t: t.timestamp_us // 1000),
    ("name", lambda t: t.name or ""),
    ("user_id", lambda t: t.user_id),
    ("metadata", lambda t: t.metadata),
    ("release", lambda t: t.release),
    ("version", lambda t: t.version),
    ("project_id", lambda t: t.project_id),
    ("environment", lambda t: t.environment),
    ("public", lambda t: t.is_public),
    ("bookmarked", lambda t: t.is_bookmarked),
    ("tags", lambda t: t.tags),
    ("input", lambda t: t.input),
    ("output", lambda t: t.output),
    ("session_id", lambda t: t.session_id),
    ("timestamp_us", lambda t: t.timestamp_us),
    ("revision", lambda t: t.revision),
)

SCORE_COLUMNS: Sequence[Column[Score]] = (
    ("id", lambda s: s.id),
    ("timestamp", lambda s: s.timestamp_us // 1000),
    ("project_id", lambda s: s.project_id),
    ("environment", lambda s: s.environment),
    ("trace_id", lambda s: s.trace_id),
    ("session_id", lambda s: s.session_id),
    ("dataset_run_id", lambda s: s.dataset_run_id),
    ("observation_id", lambda s: s.observation_id),
    ("name", lambda s: s.name),
    ("value", lambda s: s.value),
    ("source", lambda s: s.source),
    ("comment", lambda s: s.comment),
    ("metadata", lambda s: s.metadata),
    ("author_user_id", lambda s: s.author_user_id),
    ("config_id", lambda s: s.config_id),
    ("data_type", lambda s: s.data_type),
    ("string_value", lambda s: s.string_value),
    ("long_string_value", lambda s: s.long_string_value or ""),
    ("queue_id", lambda s: s.queue_id),
    ("execution_trace_id", lambda s: s.execution_trace_id),
    ("timestamp_us", lambda s: s.timestamp_us),
    ("revision", lambda s: s.revision),
)


@record()
class Stamp:
    """Bookkeeping times of a row, in milliseconds since the epoch."""

    created_at_ms: int
    updated_at_ms: int
    is_deleted: bool = False


async def insert_observations(
    clickhouse: ClickHouse, rows: Sequence[Observation], stamps: Sequence[Stamp], senders: Sequence[Attribution]
) -> None:
    """Store observations; `stamps` and `senders` go with the rows by position."""
    await _insert(clickhouse, "observations", OBSERVATION_COLUMNS, rows, [*_stamped(stamps), *_sent(senders)])


async def insert_traces(clickhouse: ClickHouse, rows: Sequence[Trace], stamps: Sequence[Stamp]) -> None:
    """Store traces; `stamps` go with the rows by position."""
    await _insert(clickhouse, "traces", TRACE_COLUMNS, rows, _stamped(stamps))


async def insert_scores(
    clickhouse: ClickHouse, rows: Sequence[Score], stamps: Sequence[Stamp], senders: Sequence[Attribution]
) -> None:
    """Store scores; `stamps` and `senders` go with the rows by position."""
    await _insert(clickhouse, "scores", SCORE_COLUMNS, rows, [*_stamped(stamps), *_sent(senders)])


def _stamped(stamps: Sequence[Stamp]) -> list[tuple[str, list[Any]]]:
    return [
        ("created_at", [stamp.created_at_ms for stamp in stamps]),
        ("updated_at", [stamp.updated_at_ms for stamp in stamps]),
        ("event_ts", [stamp.updated_at_ms for stamp in stamps]),
        ("is_deleted", [int(stamp.is_deleted) for stamp in stamps]),
    ]


def _sent(senders: Sequence[Attribution]) -> list[tuple[str, list[Any]]]:
    return [
        ("ingestion_api_key", [sender.api_key for sender in senders]),
        ("ingestion_sdk_name", [sender.sdk_name for sender in senders]),
        ("ingestion_sdk_version", [sender.sdk_version for sender in senders]),
    ]


async def _insert(
    clickhouse: ClickHouse,
    table: str,
    columns: Sequence[Column[Record]],
    rows: Sequence[Record],
    extra: Sequence[tuple[str, list[Any]]],
) -> None:
    if not rows:
        return
    names = [name for name, _ in columns] + [name for name, _ in extra]
    data = [[read(row) for row in rows] for _, read in columns] + [values for _, values in extra]
    await clickhouse.insert(table, names, data)
