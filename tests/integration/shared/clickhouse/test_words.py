"""A search for words finds what holds them, through the index, past rows without one, and after updates."""

import re

import pytest

from elasticdash.shared.clickhouse import filter_columns, filters, observation_list
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.shared.clickhouse.query import ProjectQuery, SystemStatement
from elasticdash.shared.domain.scope import ProjectScope
from support.records import make_observation, store

TEXTS = {
    "json": '{"order_id":"A-17","note":"Refund requested"}',
    "prose": "the customer asks for a refund, order 17",
    "inner": "prefunded orders",
    "umlaut": "Straße nach École",
    "none": None,
    "empty": "",
}
NEEDLES = ["refund", "REFUND", "order 17", "orders", "order_id", "fund", "straße", "école", "École", "refund missing"]


@pytest.mark.parametrize("needle", NEEDLES)
async def test_a_search_finds_whole_words_in_any_case(clickhouse: ClickHouse, scope: ProjectScope, needle: str) -> None:
    await store(clickhouse, scope, observations=[make_observation(id_, input=text) for id_, text in TEXTS.items()])

    found = await _found(clickhouse, scope, "input", needle)

    assert found == sorted(id_ for id_, text in TEXTS.items() if _words(needle) <= _words(text or ""))


async def test_rows_stored_without_an_index_are_found_too(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, observations=[make_observation("indexed", output="a pelican")])
    await clickhouse.execute(
        SystemStatement(
            "test_unindexed",
            "INSERT INTO observations SELECT * REPLACE ('unindexed' AS id) FROM observations"
            " WHERE project_id = {project_id:String} SETTINGS materialize_skip_indexes_on_insert = 0",
            {"project_id": scope.project_id},
        )
    )

    assert await _found(clickhouse, scope, "output", "Pelican") == ["indexed", "unindexed"]


async def test_a_text_that_was_updated_in_place_is_found_by_its_new_words(
    clickhouse: ClickHouse, scope: ProjectScope
) -> None:
    await store(clickhouse, scope, observations=[make_observation("o", input="before")])
    await clickhouse.execute(
        SystemStatement(
            "test_update",
            "ALTER TABLE observations UPDATE input = 'afterwards' WHERE project_id = {project_id:String}"
            " SETTINGS alter_update_mode = 'lightweight', mutations_sync = 1",
            {"project_id": scope.project_id},
        )
    )

    assert await _found(clickhouse, scope, "input", "afterwards") == ["o"]
    assert await _found(clickhouse, scope, "input", "before") == []


async def test_a_search_reads_no_text_of_granules_without_the_word(clickhouse: ClickHouse, scope: ProjectScope) -> None:
    await store(clickhouse, scope, observations=[make_observation("o", input="nothing of interest")])
    [predicate] = filters.compile_all(filter_columns.OBSERVATIONS_V2, [], [_matches("input", "okapi")])
    condition = predicate.sql[predicate.sql.index("hasToken") :].rstrip(")") + ")"
    query = ProjectQuery(
        "test_explain",
        "EXPLAIN indexes = 1 SELECT id FROM observations"
        f" WHERE project_id = {{project_id:String}} AND {condition} SETTINGS use_skip_indexes_on_data_read = 0",
        predicate.parameters,
    )

    plan = [row[0].strip() for row in await clickhouse.fetch_tuples(scope, query)]

    read = [line for line in plan[plan.index("Name: idx_input_words") :] if line.startswith("Granules: ")]
    assert read[0].startswith("Granules: 0/")


async def _found(clickhouse: ClickHouse, scope: ProjectScope, column: str, needle: str) -> list[str]:
    predicates = filters.compile_all(filter_columns.OBSERVATIONS_V2, [], [_matches(column, needle)])
    return sorted(key.id for key in await observation_list.fetch_after(clickhouse, scope, predicates, None, 10))


def _matches(column: str, needle: str) -> Condition:
    return Condition("string", column, "matches", needle)


def _words(text: str) -> set[str]:
    lowered = re.sub("[A-Z]", lambda letter: letter[0].lower(), text)
    return set(re.split("[\x00-/:-@\\[-`{-\x7f]+", lowered)) - {""}
