"""Every filter column and operator keeps the rows it should, on the real engine."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from elasticdash.shared.clickhouse import filter_columns, filters, merging, observation_list, trace_list
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filter_columns import Surface
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.shared.clickhouse.merging import TraceListRow
from elasticdash.shared.clickhouse.trace_list import Order, Page
from elasticdash.shared.clickhouse.write import Attribution
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.domain.scores import Score
from elasticdash.shared.domain.traces import Trace
from support.records import SECOND_US, START_US, make_observation, make_score, make_trace, store, usd

START = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=START_US)
WANTED, OTHER = "wanted", "other"

# Type, operator, value and, where the type has one, key.
Case = tuple[Any, ...]

# For each column: conditions that hold for the wanted row alone.
SHARED: Mapping[str, Sequence[Case]] = {
    "id": [("string", "=", WANTED), ("stringOptions", "any of", [WANTED, "x"])],
    "name": [("string", "=", "alpha"), ("stringOptions", "none of", ["beta"]), ("string", "contains", "lph")],
    "userId": [("string", "=", "u"), ("null", "is not null", ""), ("stringOptions", "none of", [""])],
    "sessionId": [("string", "starts with", "se"), ("string", "does not contain", "zz")],
    "version": [("string", "ends with", ".1"), ("string", "=", "v.1")],
    "release": [("string", "=", "r")],
    "environment": [("stringOptions", "any of", ["prod"]), ("string", "=", "prod")],
    "metadata": [
        ("stringObject", "=", "value", "k"),
        ("stringObject", "contains", "alu", "k"),
        ("stringObject", "does not contain", "zz", "k"),
        ("stringObject", "starts with", "val", "k"),
        ("stringObject", "ends with", "lue", "k"),
        ("stringObject", "is set", "", "k"),
        ("stringObject", "is not set", "", "only-other"),
    ],
    "tags": [
        ("arrayOptions", "any of", ["a", "x"]),
        ("arrayOptions", "all of", ["a", "b"]),
        ("arrayOptions", "none of", ["c"]),
        ("stringOptions", "any of", ["b"]),
    ],
    "inputTokens": [("number", "=", 5)],
    "outputTokens": [("number", ">", 1)],
    "totalTokens": [("number", ">=", 9)],
    "latency": [("number", ">", 1.5), ("number", ">=", 2)],
    "inputCost": [("number", ">", 0.05)],
    "outputCost": [("number", "=", 0.2)],
    "totalCost": [("number", ">=", 0.3)],
    "level": [("stringOptions", "any of", ["ERROR"]), ("string", "=", "ERROR")],
    "scores_avg": [("numberObject", ">", 0.5, "quality"), ("numberObject", ">=", 0.75, "quality")],
    "score_categories": [
        ("categoryOptions", "any of", ["good"], "mood"),
        ("categoryOptions", "none of", ["bad"], "mood"),
        ("stringOptions", "any of", ["good"]),
    ],
    "score_booleans": [("booleanObject", "=", True, "valid"), ("booleanObject", "<>", False, "valid")],
}
NEVER_SET: Sequence[Case] = []
TRACES: Mapping[str, Sequence[Case]] = SHARED | {
    "timestamp": [("datetime", ">=", START), ("datetime", ">", START - timedelta(microseconds=1))],
    "bookmarked": [("boolean", "=", True), ("boolean", "<>", False)],
    "errorCount": [("number", "=", 1)],
    "warningCount": [("number", "<", 1)],
    "defaultCount": [("number", "<", 1)],
    "debugCount": [("number", ">", 0)],
    "evaluatorId": NEVER_SET,
    "ruleId": NEVER_SET,
}
OBSERVATIONS: Mapping[str, Sequence[Case]] = {key: SHARED[key] for key in SHARED if key != "release"} | {
    "latency": [("number", ">", 1.5)],
    "type": [("stringOptions", "any of", ["TOOL"])],
    "model": [("stringOptions", "any of", ["gpt"]), ("null", "is not null", "")],
    "modelId": [("string", "=", "m")],
    "promptName": [("string", "=", "p")],
    "promptVersion": [("number", "=", 3), ("null", "is not null", "")],
    "traceId": [("string", "=", WANTED)],
    "parentObservationId": [("null", "is null", ""), ("string", "=", "")],
    "statusMessage": [("string", "contains", "fail")],
    "startTime": [("datetime", ">=", START)],
    "endTime": [("datetime", "<", START + timedelta(seconds=3)), ("null", "is not null", "")],
    "timeToFirstToken": [("number", "=", 0.5)],
    "tokensPerSecond": [("number", "=", 2)],
    "toolDefinitions": [("number", "=", 1)],
    "toolCalls": [("number", ">", 1)],
    "toolNames": [("arrayOptions", "any of", ["search"])],
    "calledToolNames": [("arrayOptions", "all of", ["search", "sum"])],
    "traceName": [("stringOptions", "any of", ["alpha"]), ("stringOptions", "none of", ["beta"])],
    "traceEnvironment": [("stringOptions", "any of", ["prod"])],
}
OBSERVATIONS_V2: Mapping[str, Sequence[Case]] = OBSERVATIONS | {
    "release": SHARED["release"],
    "input": [("string", "=", "the whole input"), ("string", "matches", "INPUT whole")],
    "output": [("string", "=", "the output")],
    "metadata": [*SHARED["metadata"], ("stringObject", "matches", "VALUE", "k")],
    "hasParentObservation": [("boolean", "=", False)],
    "isRootObservation": [("boolean", "=", True), ("boolean", "<>", False)],
    "hasInput": [("boolean", "=", True)],
    "hasOutput": [("boolean", "=", True)],
    "ingestionApiKey": [("string", "=", "pk-wanted")],
    "ingestionSdkName": [("stringOptions", "any of", ["python"])],
    "ingestionSdkVersion": [("string", "starts with", "5.")],
    "ingestionSource": [("stringOptions", "any of", ["otel"])],
    "evaluatorId": NEVER_SET,
    "ruleId": NEVER_SET,
    "trace_scores_avg": SHARED["scores_avg"],
    "trace_score_categories": SHARED["score_categories"],
    "trace_score_booleans": SHARED["score_booleans"],
}
SURFACES = {
    "traces": (filter_columns.TRACES, TRACES),
    "observations": (filter_columns.OBSERVATIONS, OBSERVATIONS),
    "observations v2": (filter_columns.OBSERVATIONS_V2, OBSERVATIONS_V2),
}


def _cases() -> list[Any]:
    return [
        pytest.param(surface, Condition(kind, column, operator, *rest), id=f"{name}: {column} {operator} {kind}")
        for name, (surface, cases) in SURFACES.items()
        for column, conditions in cases.items()
        for kind, operator, *rest in conditions
    ]


@pytest.mark.parametrize("name", SURFACES)
def test_every_column_has_a_case(name: str) -> None:
    surface, cases = SURFACES[name]

    assert {column.id for column in surface.values()} == set(cases)


@pytest.mark.parametrize(("surface", "condition"), _cases())
async def test_condition_keeps_the_wanted_row_alone(
    clickhouse: ClickHouse, filtered: ProjectScope, surface: Surface, condition: Condition
) -> None:
    assert await _kept(clickhouse, filtered, surface, condition) == [WANTED]


@pytest.mark.parametrize(
    "column",
    [
        "evaluatorId",
        "ruleId",
    ],
)
async def test_columns_that_nothing_fills_are_empty_everywhere(
    clickhouse: ClickHouse, filtered: ProjectScope, column: str
) -> None:
    surface = filter_columns.OBSERVATIONS_V2

    assert await _kept(clickhouse, filtered, surface, Condition("string", column, "=", "x")) == []
    assert await _kept(clickhouse, filtered, surface, Condition("null", column, "is null", "")) == [OTHER, WANTED]


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        pytest.param(Condition("stringObject", "metadata", "does not contain", "x", "absent"), [], id="key is absent"),
        pytest.param(Condition("numberObject", "scores_avg", "<", 9.0, "absent"), [], id="score is absent"),
        pytest.param(Condition("booleanObject", "score_booleans", "<>", True, "absent"), [], id="verdict is absent"),
        pytest.param(Condition("categoryOptions", "score_categories", "any of", [], "mood"), [], id="any of nothing"),
        pytest.param(Condition("string", "userId", "contains", ""), [OTHER, WANTED], id="empty is in every text"),
        pytest.param(Condition("arrayOptions", "tags", "all of", []), [OTHER, WANTED], id="all of nothing"),
        pytest.param(Condition("string", "name", "=", "ALPHA"), [], id="case matters"),
        pytest.param(Condition("string", "name", "contains", "%"), [], id="no wildcards"),
        pytest.param(Condition("numberObject", "scores", ">", 0.5, "quality"), [WANTED], id="scores by type"),
    ],
)
async def test_conditions_at_the_edges(
    clickhouse: ClickHouse, filtered: ProjectScope, condition: Condition, kept: Sequence[str]
) -> None:
    assert await _kept(clickhouse, filtered, filter_columns.TRACES, condition) == kept


async def test_only_the_newest_version_is_matched(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    for revision, text in ((1, "old"), (2, "new")):
        await store(
            clickhouse,
            scope,
            [make_trace(revision=revision, user_id=text)],
            [make_observation(revision=revision, input=text, metadata={"k": text})],
            [make_score(revision=revision, value=float(revision))],
        )
    conditions = [
        Condition("string", "input", "=", "old"),
        Condition("stringObject", "metadata", "=", "old", "k"),
        Condition("string", "userId", "=", "old"),
        Condition("numberObject", "trace_scores_avg", "<", 2.0, "quality"),
    ]

    kept = [await _kept(clickhouse, scope, filter_columns.OBSERVATIONS_V2, each) for each in conditions]

    assert kept == [[], [], [], []]


@pytest.fixture
async def filtered(clickhouse: ClickHouse, scope: ProjectScope) -> ProjectScope:
    """A project with two traces, each with one observation; a trace and its observation have the same id."""
    wanted = {"name": "alpha", "version": "v.1", "environment": "prod", "metadata": {"k": "value"}}
    other = {"name": "beta", "metadata": {"only-other": "1"}}
    traces = [
        make_trace(
            WANTED, user_id="u", session_id="session", release="r", tags=("a", "b"), is_bookmarked=True, **wanted
        ),
        make_trace(OTHER, timestamp_us=START_US - 2 * SECOND_US, session_id="zz", tags=("c",), **other),
    ]
    observations = [
        _wanted_observation(**wanted),
        make_observation(
            OTHER,
            trace_id=OTHER,
            start_time_us=START_US - 2 * SECOND_US,
            parent_observation_id="p",
            source="api",
            **other,
        ),
    ]
    scores = [
        _score("1", WANTED, value=0.75),
        _score("2", OTHER, value=0.25),
        _score("good", WANTED, name="mood", data_type="CATEGORICAL", string_value="good"),
        _score("bad", OTHER, name="mood", data_type="CATEGORICAL", string_value="bad"),
        _score("yes", WANTED, name="valid", data_type="BOOLEAN", value=1.0),
        _score("no", OTHER, name="valid", data_type="BOOLEAN", value=0.0),
    ]
    await store(clickhouse, scope, traces, observations[1:], scores)
    await store(clickhouse, scope, observations=observations[:1], sender=Attribution("pk-wanted", "python", "5.0.4"))
    await _store_counts(clickhouse, scope, traces)
    return scope


def _wanted_observation(**fields: Any) -> Observation:
    return make_observation(
        WANTED,
        trace_id=WANTED,
        type="TOOL",
        level="ERROR",
        status_message="it failed",
        end_time_us=START_US + 2 * SECOND_US,
        completion_start_time_us=START_US + SECOND_US // 2,
        model="gpt",
        model_id="m",
        prompt_name="p",
        prompt_version=3,
        usage={"input": 3, "input_cached": 2, "output": 4, "total": 9},
        cost_usd=usd(input="0.1", output="0.2", total="0.3"),
        total_cost_usd=usd(total="0.3")["total"],
        tool_definitions={"search": "{}"},
        tool_calls=("{}", "{}"),
        tool_call_names=("search", "sum"),
        input="the whole input",
        output="the output",
        **fields,
    )


def _score(id_: str, target: str, **fields: Any) -> Score:
    return make_score(id_, trace_id=target, observation_id=target, **fields)


async def _store_counts(clickhouse: ClickHouse, scope: ProjectScope, traces: Sequence[Trace]) -> None:
    """Newer list rows whose counts of levels differ in every level."""
    totals = await merging.fetch_trace_totals(clickhouse, scope, [WANTED, OTHER])
    counts = {WANTED: {"debug_count": 1}, OTHER: {"warning_count": 1, "default_count": 1}}
    rows = [
        TraceListRow(
            dataclasses.replace(trace, project_id=scope.project_id, revision=2),
            trace.timestamp_us,
            dataclasses.replace(totals[trace.id], **counts[trace.id]),
            False,
        )
        for trace in traces
    ]
    await merging.insert_trace_list_rows(clickhouse, rows)


async def _kept(clickhouse: ClickHouse, scope: ProjectScope, surface: Surface, condition: Condition) -> list[str]:
    predicates = filters.compile_all(surface, [], [condition])
    if surface is filter_columns.TRACES:
        return sorted((await trace_list.fetch_page(clickhouse, scope, predicates, Order(), Page(10))).rows)
    return sorted(key.id for key in (await observation_list.fetch_page(clickhouse, scope, predicates, Page(10))).keys)
