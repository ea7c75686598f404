"""What the ElasticDash Backend reads and writes by name in ClickHouse, in our own words and under its profile.

Its profile sets `final = 1`, so that statements without FINAL see one row per trace and observation.
"""

import json
import uuid
from typing import Any, Protocol

import pytest

from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import SystemStatement
from elasticdash.shared.domain.scope import ProjectScope
from support import worker
from support.otlp import make_span
from support.servers import clickhouse as servers

pytestmark = pytest.mark.both_engines
LATER_NS = 1_768_471_260_000_000_000

# Names and types of Langfuse v3 that its queries and its front end use.
TRACE_COLUMNS = {
    "id": "String",
    "timestamp": "DateTime64(3)",
    "name": "String",
    "user_id": "Nullable(String)",
    "metadata": "Map(LowCardinality(String), String)",
    "release": "Nullable(String)",
    "version": "Nullable(String)",
    "project_id": "String",
    "environment": "LowCardinality(String)",
    "public": "Bool",
    "bookmarked": "Bool",
    "tags": "Array(String)",
    "input": "Nullable(String)",
    "output": "Nullable(String)",
    "session_id": "Nullable(String)",
    "created_at": "DateTime64(3)",
    "updated_at": "DateTime64(3)",
    "event_ts": "DateTime64(3)",
    "is_deleted": "UInt8",
}
OBSERVATION_COLUMNS = {
    "id": "String",
    "trace_id": "String",
    "project_id": "String",
    "environment": "LowCardinality(String)",
    "type": "LowCardinality(String)",
    "parent_observation_id": "Nullable(String)",
    "start_time": "DateTime64(3)",
    "end_time": "Nullable(DateTime64(3))",
    "name": "String",
    "metadata": "Map(LowCardinality(String), String)",
    "level": "LowCardinality(String)",
    "status_message": "Nullable(String)",
    "version": "Nullable(String)",
    "input": "Nullable(String)",
    "output": "Nullable(String)",
    "provided_model_name": "Nullable(String)",
    "internal_model_id": "Nullable(String)",
    "model_parameters": "Nullable(String)",
    "provided_usage_details": "Map(LowCardinality(String), UInt64)",
    "usage_details": "Map(LowCardinality(String), UInt64)",
    "provided_cost_details": "Map(LowCardinality(String), Decimal(18, 12))",
    "cost_details": "Map(LowCardinality(String), Decimal(18, 12))",
    "total_cost": "Nullable(Decimal(18, 12))",
    "completion_start_time": "Nullable(DateTime64(3))",
    "prompt_id": "Nullable(String)",
    "prompt_name": "Nullable(String)",
    "prompt_version": "Nullable(UInt16)",
    "created_at": "DateTime64(3)",
    "updated_at": "DateTime64(3)",
    "event_ts": "DateTime64(3)",
    "is_deleted": "UInt8",
}


class Backend(Protocol):
    """Statements as the Backend sends them: unqualified tables, no FINAL in the text, values in the text."""

    async def rows(self, sql: str) -> list[dict[str, Any]]: ...
    async def write(self, sql: str) -> None: ...


class EmbeddedBackend:
    """Without users: the profile's settings stand in the text."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    async def rows(self, sql: str) -> list[dict[str, Any]]:
        return await self._clickhouse.fetch_system(SystemStatement("backend", f"{sql} SETTINGS final = 1"))

    async def write(self, sql: str) -> None:
        await self._clickhouse.execute(SystemStatement("backend", f"{sql} SETTINGS mutations_sync = 1"))


class HttpBackend:
    """As its own user, with JSON as its client asks for it."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def rows(self, sql: str) -> list[dict[str, Any]]:
        return json.loads(servers.execute(self._url, f"{sql} FORMAT JSON"))["data"]

    async def write(self, sql: str) -> None:
        servers.execute(self._url, sql)


@pytest.fixture
def backend(request: pytest.FixtureRequest, clickhouse: ClickHouse) -> Backend:
    if "http" in request.node.callspec.id:
        return HttpBackend(request.getfixturevalue("backend_url"))
    return EmbeddedBackend(clickhouse)


@pytest.fixture
def trace_id() -> str:
    return uuid.uuid4().hex


def generation(trace_id: str, span_id: str, brand: str = "langfuse", **fields: Any) -> Any:
    """A root generation as an SDK of either brand sends it."""
    said = {
        f"{brand}.observation.type": "generation",
        f"{brand}.observation.model.name": "gpt-4o",
        f"{brand}.observation.input": '{"messages":[{"role":"user","content":"hi"}]}',
        f"{brand}.observation.output": "hello",
        f"{brand}.trace.metadata.testCaseId": "17",
        "http.route": "/chat",
    }
    return make_span(said, traceId=trace_id, spanId=span_id, **fields)


async def send(clickhouse: ClickHouse, scope: ProjectScope, *spans: Any, brand: str = "langfuse") -> None:
    """Store spans as one request, with the scope of the brand's SDK."""
    batch = worker.make_export(scope, *spans, scope_={"name": f"{brand}-sdk", "version": "3.0.0"})
    await worker.store(clickhouse, worker.decoded_of(batch))


def late_child(trace_id: str) -> Any:
    return make_span(
        {"langfuse.observation.type": "span"},
        traceId=trace_id,
        spanId="cc" * 8,
        parentSpanId="aa" * 8,
        startTimeUnixNano=str(LATER_NS),
        endTimeUnixNano=str(LATER_NS + 1000),
    )


@pytest.mark.parametrize(
    ("table", "expected"),
    [("traces", TRACE_COLUMNS), ("observations", OBSERVATION_COLUMNS)],
    ids=["traces", "observations"],
)
async def test_every_column_of_v3_is_there(backend: Backend, table: str, expected: dict[str, str]) -> None:
    found = {
        row["name"]: row["type"]
        for row in await backend.rows(f"SELECT name, type FROM system.columns WHERE table = '{table}'")
    }

    assert {name: found.get(name) for name in expected} == expected


async def test_the_list_shows_a_trace_once_with_its_steps(
    backend: Backend, clickhouse: ClickHouse, scope: ProjectScope, trace_id: str
) -> None:
    for _ in range(2):
        await send(
            clickhouse, scope, generation(trace_id, "aa" * 8), generation(trace_id, "bb" * 8, parentSpanId="aa" * 8)
        )
    await send(clickhouse, scope, late_child(trace_id))

    listed = await backend.rows(
        f"""
        SELECT t.id AS id, any(t.name) AS name, count() AS steps
        FROM traces AS t, observations AS o
        WHERE t.id = o.trace_id AND t.is_deleted = 0 AND t.project_id = '{scope.project_id}'
          AND o.input IS NOT NULL AND o.input != '' AND o.input != '{{}}'
          AND o.output IS NOT NULL AND o.output != '' AND o.output != '{{}}'
        GROUP BY t.id
        """
    )

    assert listed == [{"id": trace_id, "name": "step", "steps": 2}]


async def test_the_poll_finds_a_trace_until_it_has_a_feature(
    backend: Backend, clickhouse: ClickHouse, scope: ProjectScope, trace_id: str
) -> None:
    await send(clickhouse, scope, generation(trace_id, "aa" * 8))
    poll = f"""
        SELECT id FROM traces AS t
        WHERE project_id = '{scope.project_id}' AND is_deleted = 0 AND NOT mapContains(metadata, 'feature_id')
          AND EXISTS (SELECT 1 FROM observations AS o WHERE o.trace_id = t.id AND o.provided_model_name != '')
    """

    before = await backend.rows(poll)
    await backend.write(
        f"ALTER TABLE traces UPDATE metadata = mapUpdate(metadata, map('feature_id', '7')) WHERE id = '{trace_id}'"
    )
    after = await backend.rows(poll)

    assert (before, after) == ([{"id": trace_id}], [])


async def test_feature_and_deletion_survive_a_late_span(
    backend: Backend, clickhouse: ClickHouse, scope: ProjectScope, trace_id: str
) -> None:
    await send(clickhouse, scope, generation(trace_id, "aa" * 8))
    await backend.write(
        f"ALTER TABLE traces UPDATE metadata = mapUpdate(metadata, map('feature_id', '7')) WHERE id = '{trace_id}'"
    )
    await send(clickhouse, scope, late_child(trace_id))
    featured = await backend.rows(f"SELECT metadata['feature_id'] AS feature FROM traces WHERE id = '{trace_id}'")
    await backend.write(f"ALTER TABLE traces UPDATE is_deleted = 1 WHERE id = '{trace_id}'")
    await send(clickhouse, scope, make_span({}, traceId=trace_id, spanId="dd" * 8, parentSpanId="aa" * 8))

    left = await backend.rows(f"SELECT id FROM traces WHERE id = '{trace_id}' AND is_deleted = 0")

    assert featured == [{"feature": "7"}]
    assert left == []


async def test_what_it_writes_into_an_observation_is_read_back(
    backend: Backend, clickhouse: ClickHouse, scope: ProjectScope, trace_id: str
) -> None:
    await send(clickhouse, scope, generation(trace_id, "aa" * 8))

    await backend.write(
        f"ALTER TABLE observations UPDATE input = 'i', output = 'o' WHERE id = '{'aa' * 8}' AND trace_id = '{trace_id}'"
    )
    await send(clickhouse, scope, late_child(trace_id))

    found = await backend.rows(
        f"SELECT input, output FROM observations WHERE trace_id = '{trace_id}' AND id = '{'aa' * 8}'"
    )
    assert found == [{"input": "i", "output": "o"}]


@pytest.mark.parametrize("brand", ["langfuse", "elasticdash"])
async def test_metadata_is_json_in_our_vocabulary(
    backend: Backend, clickhouse: ClickHouse, scope: ProjectScope, trace_id: str, brand: str
) -> None:
    await send(clickhouse, scope, generation(trace_id, "aa" * 8, brand), brand=brand)

    (observation,) = await backend.rows(f"SELECT metadata FROM observations WHERE trace_id = '{trace_id}'")
    (trace,) = await backend.rows(f"SELECT metadata FROM traces WHERE id = '{trace_id}'")

    for metadata in (observation["metadata"], trace["metadata"]):
        attributes = json.loads(metadata["attributes"])
        assert attributes["elasticdash.observation.model.name"] == "gpt-4o"
        assert attributes["http.target"] == "/chat"
        assert not any(key.startswith("langfuse.") for key in attributes)
        assert isinstance(json.loads(metadata["resourceAttributes"]), dict)
        assert json.loads(metadata["scope"])["name"] == f"{brand}-sdk"
    assert trace["metadata"]["testCaseId"] == "17"


async def test_texts_are_as_sent_and_times_print_in_utc(
    backend: Backend, clickhouse: ClickHouse, scope: ProjectScope, trace_id: str
) -> None:
    start = str(LATER_NS + 123_000_000)
    await send(clickhouse, scope, generation(trace_id, "aa" * 8, startTimeUnixNano=start, endTimeUnixNano=start))

    (row,) = await backend.rows(
        "SELECT input, output, provided_model_name, toString(start_time) AS start"
        f" FROM observations WHERE trace_id = '{trace_id}'"
    )

    assert row["input"] == '{"messages":[{"role":"user","content":"hi"}]}'
    assert (row["output"], row["provided_model_name"]) == ("hello", "gpt-4o")
    assert row["start"] == "2026-01-15 10:01:00.123"
