"""A search for words finds what holds them, through the index, past rows without one, and after updates."""

import re

import pytest

from elasticdash.shared import errors
from elasticdash.shared.clickhouse import filter_columns, filters, observation_list
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.shared.clickhouse.filters import Predicate
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


@pytest.mark.parametrize("column", ["input", "output"])
async def test_the_index_understands_the_condition(clickhouse: ClickHouse, scope: ProjectScope, column: str) -> None:
    await store(clickhouse, scope, observations=[make_observation("o", **{column: "an okapi"})])
    [searched] = filters.compile_all(filter_columns.OBSERVATIONS_V2, [], [_matches(column, "okapi")])
    [contained] = filters.compile_all(
        filter_columns.OBSERVATIONS_V2, [], [Condition("string", column, "=", "an okapi")]
    )

    def forced(predicate: Predicate) -> ProjectQuery:
        of_wide_rows = predicate.sql[predicate.sql.index("(SELECT") + 1 : predicate.sql.rindex(")")]
        setting = f"SETTINGS force_data_skipping_indices = 'idx_{column}_words'"
        return ProjectQuery("test_index", f"{of_wide_rows} {setting}", predicate.parameters)

    # Forced to use an index that says nothing about its condition, the engine refuses.
    with pytest.raises(errors.ElasticDashError):
        await clickhouse.fetch_tuples(scope, forced(contained))
    assert [row[1] for row in await clickhouse.fetch_tuples(scope, forced(searched))] == ["o"]


async def _found(clickhouse: ClickHouse, scope: ProjectScope, column: str, needle: str) -> list[str]:
    predicates = filters.compile_all(filter_columns.OBSERVATIONS_V2, [], [_matches(column, needle)])
    return sorted(key.id for key in await observation_list.fetch_after(clickhouse, scope, predicates, None, 10))


def _matches(column: str, needle: str) -> Condition:
    return Condition("string", column, "matches", needle)


def _words(text: str) -> set[str]:
    lowered = re.sub("[A-Z]", lambda letter: letter[0].lower(), text)
    return set(re.split("[\x00-/:-@\\[-`{-\x7f]+", lowered)) - {""}
