"""Makes and stores records: a test names only the fields it is about."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from elasticdash.shared.clickhouse import merging, write
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.merging import TraceListRow
from elasticdash.shared.clickhouse.write import Attribution, Stamp
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.domain.scores import Score
from elasticdash.shared.domain.traces import Trace
from elasticdash.shared.ids import ObservationId, ProjectId, ScoreId, TraceId

START_US = int(datetime(2026, 3, 4, 5, 6, 7, 123456, tzinfo=UTC).timestamp() * 1_000_000)
SECOND_US = 1_000_000
_STORED_MS = START_US // 1000
_UNKNOWN_SENDER = Attribution()
_TRACE = Trace(
    project_id=ProjectId(""),
    id=TraceId("trace"),
    timestamp_us=START_US,
    name=None,
    user_id=None,
    session_id=None,
    release=None,
    version=None,
    environment="default",
    is_public=False,
    is_bookmarked=False,
    tags=(),
    input=None,
    output=None,
    metadata={},
    revision=1,
)
_OBSERVATION = Observation(
    project_id=ProjectId(""),
    trace_id=TraceId("trace"),
    id=ObservationId("observation"),
    type="SPAN",
    parent_observation_id=None,
    environment="default",
    name="step",
    start_time_us=START_US,
    end_time_us=None,
    completion_start_time_us=None,
    level="DEFAULT",
    status_message=None,
    version=None,
    release=None,
    input=None,
    output=None,
    metadata={},
    model=None,
    model_parameters=None,
    provided_usage={},
    provided_cost_usd={},
    prompt_name=None,
    prompt_version=None,
    usage={},
    cost_usd={},
    tool_definitions={},
    tool_calls=(),
    tool_call_names=(),
    trace_name=None,
    user_id=None,
    session_id=None,
    tags=(),
    is_app_root=False,
    source="otel",
    revision=1,
)
_SCORE = Score(
    project_id=ProjectId(""),
    id=ScoreId("score"),
    timestamp_us=START_US,
    environment="default",
    name="quality",
    data_type="NUMERIC",
    value=1.0,
    string_value=None,
    long_string_value=None,
    trace_id="trace",
    observation_id=None,
    session_id=None,
    dataset_run_id=None,
    source="API",
    comment=None,
    metadata={},
    author_user_id=None,
    config_id=None,
    queue_id=None,
    execution_trace_id=None,
    revision=1,
)


def make_trace(id: str = "trace", **fields: Any) -> Trace:  # noqa: A002 the field's name
    """A trace with nothing but what is named."""
    return dataclasses.replace(_TRACE, id=TraceId(id), **fields)


def make_observation(id: str = "observation", **fields: Any) -> Observation:  # noqa: A002 the field's name
    """An observation with nothing but what is named; usd amounts may be given as text."""
    return dataclasses.replace(_OBSERVATION, id=ObservationId(id), **fields)


def make_score(id: str = "score", **fields: Any) -> Score:  # noqa: A002 the field's name
    """A numeric score of the trace `trace`, unless named otherwise."""
    return dataclasses.replace(_SCORE, id=ScoreId(id), **fields)


def usd(**amounts: str) -> dict[str, Decimal]:
    """Costs by usage key."""
    return {key: Decimal(amount) for key, amount in amounts.items()}


async def store(
    clickhouse: ClickHouse,
    scope: ProjectScope,
    traces: Sequence[Trace] = (),
    observations: Sequence[Observation] = (),
    scores: Sequence[Score] = (),
    sender: Attribution = _UNKNOWN_SENDER,
) -> None:
    """Store records in a project as the worker does: wide rows, then the list rows with their totals.

    Each call is an insert of its own, so a newer revision of a stored record stays beside the older one.
    """
    in_project = {"project_id": scope.project_id}
    traces = [dataclasses.replace(trace, **in_project) for trace in traces]
    observations = [dataclasses.replace(observation, **in_project) for observation in observations]
    scores = [dataclasses.replace(score, **in_project) for score in scores]
    stamp = Stamp(_STORED_MS, _STORED_MS)
    await write.insert_observations(clickhouse, observations, [stamp] * len(observations), [sender] * len(observations))
    await write.insert_traces(clickhouse, traces, [stamp] * len(traces))
    await write.insert_scores(clickhouse, scores, [stamp] * len(scores), [sender] * len(scores))
    await store_list_rows(clickhouse, scope, traces)


async def store_list_rows(clickhouse: ClickHouse, scope: ProjectScope, traces: Sequence[Trace]) -> None:
    """Store the list row of each trace with the totals its observations have now."""
    totals = await merging.fetch_trace_totals(clickhouse, scope, [trace.id for trace in traces])
    rows = [TraceListRow(trace, trace.timestamp_us, totals.get(trace.id), False) for trace in traces]
    await merging.insert_trace_list_rows(clickhouse, rows)
