"""Rows in blocks: all of them, in order, or the error; and whoever leaves early leaves nothing behind."""

import asyncio

import pytest

from elasticdash.shared import errors
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.query import ProjectQuery
from elasticdash.shared.domain.scope import ProjectScope
from support.records import make_observation, store

ROWS = 2_500
# More than any pool has handles.
READERS = 12
NUMBERS = ProjectQuery(
    "test_numbers",
    "SELECT id FROM observations WHERE project_id = {project_id:String} ORDER BY id SETTINGS max_block_size = 100",
)
BROKEN = ProjectQuery(
    "test_broken",
    "SELECT throwIf(id = '2000') FROM observations WHERE project_id = {project_id:String}",
)


@pytest.fixture
async def filled(clickhouse: ClickHouse, scope: ProjectScope) -> ProjectScope:
    await store(clickhouse, scope, observations=[make_observation(f"{number:04}") for number in range(ROWS)])
    return scope


async def test_what_goes_wrong_is_raised(clickhouse: ClickHouse, filled: ProjectScope) -> None:
    with pytest.raises(errors.ElasticDashError):
        async for _ in clickhouse.stream(filled, BROKEN):
            pass


async def test_blocks_hold_all_rows_in_order(clickhouse: ClickHouse, filled: ProjectScope) -> None:
    blocks = [block async for block in clickhouse.stream(filled, NUMBERS)]

    assert [row[0] for block in blocks for row in block] == [f"{number:04}" for number in range(ROWS)]
    assert len(blocks) > 1


async def test_readers_that_stop_taking_hold_no_handle(clickhouse: ClickHouse, filled: ProjectScope) -> None:
    streams = [clickhouse.stream(filled, NUMBERS) for _ in range(READERS)]
    async with asyncio.timeout(60):
        for stream in streams:
            assert await anext(stream)
        found = await clickhouse.fetch_tuples(filled, NUMBERS)

    assert len(found) == ROWS
    for stream in streams:
        await stream.aclose()
