"""Pages by text, read from the newest rows on: every page is what looking at all rows would give."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from elasticdash.shared.clickhouse import filter_columns, filters, observation_list
from elasticdash.shared.clickhouse.client import ClickHouse
from elasticdash.shared.clickhouse.filter_conditions import Condition
from elasticdash.shared.clickhouse.observation_list import Position
from elasticdash.shared.domain.observations import Observation
from elasticdash.shared.domain.scope import ProjectScope
from support.records import SECOND_US, START_US, make_observation, store

COUNT = 40
FIRST_WINDOW = 5
LIMIT = 3
_ALL = Condition("string", "input", "matches", "all")
CASES: Mapping[str, tuple[Sequence[Condition], Callable[[int], bool]]] = {
    "no text holds it": ([Condition("string", "input", "matches", "absent")], lambda _: False),
    "only an older version held it": ([Condition("string", "input", "matches", "replaced")], lambda _: False),
    "every text": ([_ALL], lambda _: True),
    "one in three": ([Condition("string", "input", "matches", "third")], lambda number: number % 3 == 0),
    "only the oldest": ([Condition("string", "input", "matches", "oldest")], lambda number: number < 2),
    "newest and oldest": ([Condition("string", "input", "matches", "ends")], lambda number: number in (0, COUNT - 1)),
    "and a narrow condition": ([_ALL, Condition("string", "type", "=", "TOOL")], lambda number: number % 4 == 0),
    "and a rare narrow condition": (
        [Condition("string", "input", "matches", "third"), Condition("string", "name", "=", "first half")],
        lambda number: number % 3 == 0 and number < COUNT // 2,
    ),
    "all but some": (
        [_ALL, Condition("stringObject", "metadata", "does not contain", "odd", "parity")],
        lambda number: number % 2 == 0,
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_pages_hold_what_all_rows_hold(clickhouse: ClickHouse, filled: ProjectScope, case: str) -> None:
    conditions, is_kept = CASES[case]
    predicates = filters.compile_all(filter_columns.OBSERVATIONS_V2, [], conditions)
    position, found = None, list[str]()

    for _ in range(COUNT):
        keys = await observation_list.fetch_after(clickhouse, filled, predicates, position, LIMIT, FIRST_WINDOW)
        found += [key.id for key in keys]
        if len(keys) < LIMIT:
            break
        position = Position(keys[-1].start_us, keys[-1].trace_id, keys[-1].id)

    assert found == [f"{number:02}" for number in reversed(range(COUNT)) if is_kept(number)]


@pytest.fixture
async def filled(clickhouse: ClickHouse, scope: ProjectScope) -> ProjectScope:
    await store(clickhouse, scope, observations=[_observation(n, 1, "all replaced") for n in range(0, COUNT, 5)])
    await store(clickhouse, scope, observations=[_observation(n, 2, _text(n)) for n in range(COUNT)])
    return scope


def _text(number: int) -> str:
    words = {"third": number % 3 == 0, "oldest": number < 2, "ends": number in (0, COUNT - 1)}
    return " ".join(["all", *(word for word, holds in words.items() if holds)])


def _observation(number: int, revision: int, text: str) -> Observation:
    return make_observation(
        f"{number:02}",
        trace_id=f"t{number % 7}",
        revision=revision,
        start_time_us=START_US + number * 20 * SECOND_US,
        type="TOOL" if number % 4 == 0 else "SPAN",
        name="first half" if number < COUNT // 2 else "second half",
        input=text,
        metadata={"parity": "odd" if number % 2 else "even"},
    )
