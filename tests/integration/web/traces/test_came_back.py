"""A trace that ran empty and came back is listed; one that somebody deleted is not."""

import dataclasses

import pytest

from elasticdash.shared.clickhouse import write
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.write import Stamp
from elasticdash.shared.domain.scope import ProjectScope
from elasticdash.web.public_api.traces import routes as traces
from support.reading import client_of
from support.records import make_trace, store


@pytest.mark.parametrize(
    ("environment", "revision", "listed"), [("", 1, ["trace"]), ("default", 3, [])], ids=["ran-empty", "deleted"]
)
async def test_only_what_somebody_deleted_stays_away(
    clickhouse: ClickHouse, scope: ProjectScope, environment: str, revision: int, listed: list[str]
) -> None:
    gone = dataclasses.replace(make_trace(environment=environment, revision=revision), project_id=scope.project_id)
    await write.insert_traces(clickhouse, [gone], [Stamp(1, 1, is_deleted=True)])
    await store(clickhouse, scope, [make_trace(revision=2)])

    async with client_of(traces.router, clickhouse, scope) as client:
        response = await client.get("/traces")

    assert [row["id"] for row in response.json()["data"]] == listed
