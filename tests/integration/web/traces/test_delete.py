"""`DELETE /api/public/traces` on the real engine."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import merging
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.merging import TOMBSTONE_REVISION, LoggedEvent
from elasticdash.shared.clickhouse.query import PROJECT_TABLES, ProjectQuery
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.shared.ids import ProjectId
from elasticdash.shared.postgres import media
from elasticdash.shared.postgres.engine import Database
from elasticdash.shared.postgres.media import MediaContent, MediaPlace
from elasticdash.web.public_api.traces import routes
from support import metadata
from support.clickhouse import new_scope
from support.reading import client_of
from support.records import make_observation, make_score, make_trace, store

# Far ahead: the engine forgets statements by their age.
RECEIVED_MS = 4_000_000_000_000


async def _delete(clickhouse: ClickHouse, scope: ProjectScope, path: str, **options: Any) -> httpx.Response:
    with tempfile.TemporaryDirectory() as folder:
        async with metadata.opened(Path(folder)) as database:
            return await _delete_with(database, clickhouse, scope, path, **options)


async def _delete_with(
    database: Database, clickhouse: ClickHouse, scope: ProjectScope, path: str, **options: Any
) -> httpx.Response:
    async with client_of(routes.router, clickhouse, scope, database=database) as client:
        return await client.request("DELETE", path, **options)


async def _seed(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    for trace_id in ("t", "kept"):
        await store(
            clickhouse,
            scope,
            [make_trace(trace_id)],
            [make_observation(f"{trace_id}-o", trace_id=trace_id)],
            [make_score(f"{trace_id}-s", trace_id=trace_id)],
        )
        logged = [(kind, f"{trace_id}{end}") for kind, end in (("trace", ""), ("observation", "-o"), ("score", "-s"))]
        event = LoggedEvent("batch", 0, "{}", RECEIVED_MS)
        rows = [(scope.project_id, kind, entity_id, event) for kind, entity_id in logged]
        await merging.insert_events(clickhouse, rows)


# The times a trace was listed at stay with its tombstone: late rows are taken out of the list by them. Sums of hours
# are no rows of a trace; those of an hour that lost one are not believed any more.
TABLES = tuple(table for table in PROJECT_TABLES if table not in ("trace_times", "usage_by_hour"))


async def _rows(clickhouse: ClickHouse, scope: ProjectScope) -> dict[str, int]:
    """Rows stored of a project by table, whether live or not, tombstones apart."""
    counts: dict[str, int] = {}
    for table in TABLES:
        alive = "" if table == "event_log" else f"AND revision < {TOMBSTONE_REVISION}"
        sql = f"SELECT count() FROM {table} WHERE project_id = {{project_id:String}} {alive}"
        counts[table] = (await clickhouse.fetch_tuples(scope, ProjectQuery("count_rows", sql)))[0][0]
    return counts


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="no ids"),
        pytest.param({"traceIds": []}, id="empty"),
        pytest.param({"traceIds": "t"}, id="one text"),
        pytest.param({"traceIds": [str(n) for n in range(1001)]}, id="more than 1000"),
    ],
)
async def test_wrong_bodies_are_refused(clickhouse: ClickHouse, scope: ProjectScope, body: dict[str, Any]) -> None:
    response = await _delete(clickhouse, scope, "/traces", json=body)

    assert response.status_code == 400


async def test_trace_of_another_project_stays(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    other = new_scope()
    await _seed(clickhouse, other)
    before = await _rows(clickhouse, other)

    response = await _delete(clickhouse, scope, "/traces/t")

    assert response.json() == {"message": "Trace deleted successfully"}
    assert await _rows(clickhouse, other) == before


async def test_one_trace_goes_with_all_that_belongs_to_it(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await _seed(clickhouse, scope)

    response = await _delete(clickhouse, scope, "/traces/t")

    assert (response.status_code, response.json()) == (200, {"message": "Trace deleted successfully"})
    assert await _rows(clickhouse, scope) == dict.fromkeys(TABLES, 1) | {"event_log": 3}
    async with client_of(routes.router, clickhouse, scope) as client:
        assert (await client.get("/traces/t")).status_code == 404
        assert (await client.get("/traces/kept")).status_code == 200
        assert [row["id"] for row in (await client.get("/traces")).json()["data"]] == ["kept"]


async def test_many_traces_go_and_unknown_ids_are_no_error(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await _seed(clickhouse, scope)

    response = await _delete(clickhouse, scope, "/traces", json={"traceIds": ["t", "kept", "unknown", "t"]})

    assert (response.status_code, response.json()) == (200, {"message": "Traces deleted successfully"})
    assert await _rows(clickhouse, scope) == dict.fromkeys(TABLES, 0)


async def test_late_rows_do_not_revive_a_deleted_trace(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, [make_trace("t")])
    await _delete(clickhouse, scope, "/traces/t")
    await store(clickhouse, scope, [make_trace("t", revision=2**60)], [make_observation(trace_id="t")])

    live = await merging.fetch_live_traces(clickhouse, scope, ["t"])

    assert (live["t"].is_deleted, live["t"].revision) == (True, TOMBSTONE_REVISION)
    async with client_of(routes.router, clickhouse, scope) as client:
        assert (await client.get("/traces/t")).status_code == 404
        assert (await client.get("/traces")).json()["meta"]["totalItems"] == 0


async def test_files_of_a_deleted_trace_are_gone_and_those_of_others_stay(clickhouse: ClickHouse, tmp_path: Path):
    scope = ProjectScope(ProjectId("alpha"))
    contents = {trace_id: MediaContent("image/png", 1, trace_id * 43 + "=") for trace_id in ("t", "u")}
    async with metadata.opened(tmp_path) as database:
        await metadata.provision(database, metadata.ALPHA)
        async with database.writing() as session:
            for trace_id, content in contents.items():
                place = MediaPlace(field="input", trace_id=trace_id, observation_id="o")
                await media.announce(session, scope, content, place, datetime.now(UTC))

        await _delete_with(database, clickhouse, scope, "/traces/t")

        async with database.reading() as session:
            await media.get(session, scope, contents["u"].media_id)
            with pytest.raises(errors.NotFoundError):
                await media.get(session, scope, contents["t"].media_id)
